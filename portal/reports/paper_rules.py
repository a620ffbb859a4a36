"""Reports by calendar: which there are, what period each is about, when it is due, what may happen to it. Pure.

Days are those of the installation's wall clock; a period ends with the last second of its last day.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from portal.identity.rules import may_review
from portal.kernel.errors import Invalid, Refused
from portal.reports import rules
from portal.reports.anonymise import leaks
from portal.reports.rules import LONGEST_TEXT, Span

STATES = ("waiting", "draft", "review", "published")
WORK = ("waiting", "draft", "review")  # not published yet
LONGEST_WORDS = 2_000
MASKED = ("6",)  # sections in which nobody may be recognised (RE2): typical cases
NOBODY = ("匿名", "客户", "用户", "未知")  # taken down for a name, and no one's
PATTERNS = {
    "day": re.compile(r"(20\d\d)-(\d\d)-(\d\d)"),
    "week": re.compile(r"(20\d\d)W(\d\d)"),
    "month": re.compile(r"(20\d\d)-(\d\d)"),
    "quarter": re.compile(r"(20\d\d)Q([1-4])"),
}


@dataclass(frozen=True)
class Kind:
    """One report of the calendar, as data/calendar.toml says it."""

    code: str
    every: str
    per: str
    draft: int
    due: int
    write: tuple[str, ...]
    review: tuple[str, ...]
    to: tuple[str, ...]
    prose: tuple[str, ...]
    signed: int = 0
    answer: bool = False
    on: bool = True  # drafted on its dates; else only when somebody begins one
    since: int = 0  # periods whose date lies before this instant are not made up for


def _read() -> dict[str, Kind]:
    data = tomllib.loads((Path(__file__).parent / "data" / "calendar.toml").read_text(encoding="utf-8"))
    lists = ("write", "review", "to", "prose")
    facts: dict[str, dict[str, Any]] = {
        code: {name: tuple(v) if name in lists else v for name, v in one.items()} for code, one in data.items()
    }
    return {code: Kind(code, **said) for code, said in facts.items()}


KINDS = _read()


def kind_of(code: str) -> Kind:
    """The report of this name. Raises Invalid."""
    if code not in KINDS:
        raise Invalid("no_such_report", field="kind")
    return KINDS[code]


PLANNED = ("on", "draft", "due", "write", "review", "signed", "to")  # what the calendar's editor changes
BOUNDS = {"draft": (0, 240), "due": (1, 60), "signed": (0, 5)}


def plan_data(kind: Kind) -> dict[str, Any]:
    """What of a report can be changed, as it is kept."""
    return {name: list(v) if isinstance(v := getattr(kind, name), tuple) else v for name in PLANNED}


def planned(kind: Kind, data: Mapping[str, Any]) -> Kind:
    """A report with a kept plan."""
    changed: dict[str, Any] = {n: v for n, v in data.items() if n in (*PLANNED, "since")}
    return replace(kind, **{n: tuple(v) if isinstance(v, list) else v for n, v in changed.items()})  # type: ignore[arg-type]


def plan_of(kind: Kind, wanted: Mapping[str, Any], allowed: Mapping[str, Iterable[str]]) -> Kind:
    """A report as it was asked for; `allowed`: the roles that may stand in a field. Raises Invalid at the field."""
    data: dict[str, Any] = {"on": bool(wanted["on"])}
    for name, (least, most) in BOUNDS.items():
        least = int(KINDS[kind.code].signed > 0) if name == "signed" else least
        data[name] = wanted[name]
        if not isinstance(data[name], int) or not least <= data[name] <= most:
            raise Invalid("plan_out_of_bounds", field=name, least=least, most=most)
    if data["draft"] >= 24 * data["due"]:
        raise Invalid("plan_draft_after_due", field="draft", most=24 * data["due"] - 1)
    for name, known in allowed.items():
        chosen = set(wanted[name] or ())
        if not chosen or not chosen <= set(known):
            raise Invalid("plan_no_role", field=name)
        kept = [role for role in getattr(kind, name) if role in chosen]
        data[name] = (*kept, *(role for role in known if role in chosen and role not in kept))
    return planned(kind, data)


def days_of(every: str, period: str) -> tuple[date, date]:
    """The first day of a period, and the first one after it. Raises Invalid for what is no period."""
    match = PATTERNS[every].fullmatch(period)
    try:
        if match is None:
            raise ValueError(period)
        year, rest = int(match[1]), [int(part) for part in match.groups()[1:]]
        if every == "day":
            first = date(year, *rest)
            return first, first + timedelta(days=1)
        if every == "week":
            first = date.fromisocalendar(year, rest[0], 1)
            return first, first + timedelta(days=7)
        months = 3 if every == "quarter" else 1
        first = date(year, (rest[0] - 1) * months + 1, 1)
        following = year * 12 + first.month - 1 + months
        return first, date(following // 12, following % 12 + 1, 1)
    except ValueError:
        raise Invalid("no_such_period", field="period", period=period[:20]) from None


def period_of(every: str, day: date) -> str:
    """The period in which a day lies."""
    if every == "day":
        return day.isoformat()
    if every == "week":
        iso = day.isocalendar()
        return f"{iso.year}W{iso.week:02d}"
    return f"{day:%Y-%m}" if every == "month" else f"{day.year}Q{(day.month + 2) // 3}"


def before(every: str, period: str) -> str:
    """The period before this one."""
    return period_of(every, days_of(every, period)[0] - timedelta(days=1))


def midnight(day: date, zone: ZoneInfo) -> int:
    """The first second of a day, in epoch seconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def span_of(kind: Kind, period: str, now: int, zone: ZoneInfo) -> Span:
    """A period as figures count it, with the one before it for comparison. Raises Invalid before its first second."""
    first, after = days_of(kind.every, period)
    start, end = midnight(first, zone), midnight(after, zone)
    if start > now:
        raise Invalid("period_ahead", field="period", period=period)
    if kind.every == "quarter":
        return rules.span_of(period, datetime.fromtimestamp(now, zone), zone)
    earlier = midnight(days_of(kind.every, before(kind.every, period))[0], zone)
    months = (*[(period, earlier)] * 3, *[(period, start)] * 3)
    return Span(period, earlier, start, end, now, months)


def drafted_at(kind: Kind, period: str, zone: ZoneInfo) -> int:
    """When the worker drafts it, in epoch seconds."""
    return midnight(days_of(kind.every, period)[1], zone) + kind.draft * 3600


def newest_due(kind: Kind, now: int, zone: ZoneInfo) -> str:
    """The newest period whose draft is due by `now`."""
    period = before(kind.every, period_of(kind.every, datetime.fromtimestamp(now, zone).date()))
    return period if drafted_at(kind, period, zone) <= now else before(kind.every, period)


def prose_of(kind: Kind, section: str) -> str:
    """A section that people write. Raises Invalid."""
    if section not in kind.prose:
        raise Invalid("no_such_section", field="section")
    return section


def prose_text(kind: Kind, section: str, text: str, names: Iterable[str] = ()) -> str:
    """What was typed, with even line ends. Raises Invalid when it is too long or names somebody where nobody may be."""
    found = text.replace("\r\n", "\n").strip()
    if len(found) > LONGEST_TEXT:
        raise Invalid("section_too_long", field="text", most=LONGEST_TEXT)
    if kind.code == "quarterly" and section in MASKED and (told := leaks(found, names)):
        raise Invalid("section_names_somebody", field="text", found=told[:6])
    return found


def words_of(text: str, code: str, field: str) -> str:
    """Words that have to be there. Raises Invalid."""
    found = text.replace("\r\n", "\n").strip()
    if len(found) < 2:
        raise Invalid(code, field=field)
    if len(found) > LONGEST_WORDS:
        raise Invalid("paper_words_long", field=field, most=LONGEST_WORDS)
    return found


def in_state(state: str, *states: str) -> None:
    """Refuses what does not fit the state."""
    if state not in states:
        raise Refused("paper_in_other_state", state=f"term:paper_state.{state}")


def may_hand_in(kind: Kind, hands: Iterable[int], signers: list[int], *, over: bool, written: bool) -> None:
    """Whether it can go to review: its period is over, something is written, the signers are enough and had no hand."""
    if not over:
        raise Refused("period_not_over")
    if not written:
        raise Refused("paper_nothing_written")
    if len(signers) < kind.signed:
        raise Invalid("paper_signers_lack", field="signers", n=kind.signed)
    if any(not may_review(one, hands) for one in signers):
        raise Invalid("paper_signer_wrote", field="signers")


def may_decide(person: int, hands: Iterable[int], signers: list[dict[str, Any]]) -> None:
    """Whether this person may approve: no hand in it, and where people are named one of them, once."""
    if not may_review(person, hands):
        raise Refused("paper_own")
    named = {int(one["id"]): one for one in signers}
    if named and person not in named:
        raise Refused("paper_not_named", names=[str(one["name"]) for one in signers])
    if named and named[person].get("at"):
        raise Refused("paper_signed_already")


def balanced(figures: Mapping[str, Any]) -> None:
    """Refuses what does not add up: opening, what came and went, and the closing stock, which was counted by itself."""
    kept = figures.get("balance")
    balance = rules.Balance(**kept) if kept else None
    if balance and balance.difference:
        terms = ("opening", "received", "reopened", "closed", "merged", "void", "closing")
        said = {name: f"{getattr(balance, name):,}" for name in terms}
        raise Refused(
            "paper_unbalanced", difference=f"{balance.difference:+,}",
            reckoned=f"{balance.closing + balance.difference:,}", **said,
        )  # fmt: skip


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Figures of two editions that are not the same: (figure, old value, new value), in order of their names."""
    names = sorted({*old, *new})
    return [(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]
