"""What a row shows: the values of a case as words and figures, ready for the template."""

from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from markupsafe import escape

from portal.cases.telling import standing
from portal.desk.caches import Vocabulary
from portal.desk.staleness import QUARTER
from portal.desk.views import CLAIMABLE, STOPPED
from portal.directory.rules import masked_name
from portal.kernel import i18n
from portal.kernel.masking import hidden, without_names
from portal.kernel.web import safe

LOOKS = {
    "registered": "new", "to_accept": "new", "in_work": "work", "waiting": "wait", "result_in_hand": "work",
    "told": "back", "planned": "done",
}  # fmt: skip
HOISTED = (
    "Claim",
    "Unclaimed",
    "Paused",
    "Chased",
    "Reopened",
    "No news",
    "Incomplete",
    "Incident",
    ", proposed",
    "No clock",
    "Provisional",
)
FIELDS = (
    "id", "version", "fresh", "timer", "due", "start", "warn", "clock", "due_text", "kind", "lv", "open", "level", "no",
    "title", "chases", "gaps", "again", "incident", "stale", "customer", "look", "state", "owner", "claim", "unit",
    "channel", "received", "guessed",
)  # fmt: skip
ASKED = frozenset(
    ("fresh", "warn", "kind", "open", "chases", "gaps", "again", "guessed", "incident", "stale", "owner", "claim")
)  # of these the template asks whether they are there
_timer_and_asked = itemgetter(FIELDS.index("timer"), *(n for n, name in enumerate(FIELDS) if name in ASKED))


Today = tuple[int, int]  # the day's ordinal and its year


class Said(NamedTuple):
    """The words that every row may need, looked up once a drawing."""

    claim: str
    none: str
    paused: str
    chased: str
    again: str
    stale: str
    gaps: str
    incident: str
    proposed: str
    no_clock: str
    provisional: str


@lru_cache(maxsize=8)
def said(locale: str) -> Said:
    """Those words in the reader's language, which `locale` names."""
    return Said._make(str(escape(word)) for word in i18n.words(*HOISTED))


def shown(row: Any, t: Said, words: Vocabulary, stale: bool, today: Today, claim: bool, unit: str) -> tuple[Any, ...]:
    """The values of one row in the order of FIELDS; what is written is escaped text. `stale`: no entry for too long."""
    level = row.level or row.proposed_level
    if not row.clock_kind:
        timer, due_text = "idle", t.no_clock
    elif row.press > STOPPED:
        timer, due_text = "paused", t.paused
    else:
        timer, due_text = "run", short(row.clock_due, today)
    return (
        str(row.id), str(row.version), row.fresh, timer, str(row.clock_due), str(row.clock_start),
        str(row.clock_warn or ""), row.clock_kind, due_text, words.clocks.get(row.clock_kind, ""), level[1:],
        "" if row.level else " lv-open", words.levels[level] + ("" if row.level else t.proposed), row.no,
        safe(row.title), str(row.chases or ""), row.gaps, row.reopened,
        row.incident_id, short(row.entry_at, today) if stale else "", safe(row.customer_name),
        LOOKS.get(row.state, "shut"), words.states[standing(row)[6:]], safe(row.owner_name) if row.owner_id else "",
        claim and row.state in CLAIMABLE, safe(unit), words.channels[row.channel],
        short(row.received_at, today), row.guessed,
    )  # fmt: skip


def shape_of(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """What decides how a row looks: its kind of timer, and which of the other things that may be there are there."""
    timer, *others = _timer_and_asked(values)
    return (timer, *map(bool, others))


def masked(row: Any) -> Any:
    """The row as somebody sees it who reads no customer's data."""
    name = masked_name(row.customer_name)
    return row._replace(customer_name=name, title=without_names(hidden(row.title), (row.customer_name,)))


def today_of(now: int) -> Today:
    """The local day of an instant, as `short` compares with it."""
    here = i18n.local(now)
    return here.toordinal(), here.year


def short(value: int, today: Today) -> str:
    """`09:12` today, `11-23` this year, `2025-11-23` else."""
    day, year, label, hour, minute = _quarter(value // QUARTER)
    if day == today[0]:
        return f"{hour:02}:{minute + value % QUARTER // 60:02}"
    return label if year == today[1] else f"{year}-{label}"


@lru_cache(maxsize=50_000)
def _quarter(number: int) -> tuple[int, int, str, int, int]:
    """Day, year, `11-23`, hour and minute of a quarter of an hour; no zone's day or offset breaks inside one."""
    here = i18n.local(number * QUARTER)
    return here.toordinal(), here.year, f"{here.month:02}-{here.day:02}", here.hour, here.minute
