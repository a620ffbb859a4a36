"""Reading past clocks for a trial, a few thousand cases at a time, and the calendars they ran on. Writes nothing."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from portal.clocks import book
from portal.clocks.calendar import Calendar
from portal.clocks.kept import PAUSING, WITH_CUSTOMER
from portal.clocks.models import CalendarVersion
from portal.clocks.policy import Policy, Row
from portal.clocks.tryout import Calendars, Past, Pause, Tally, Trial
from portal.kernel.db import db, read
from portal.kernel.errors import Invalid
from portal.kernel.i18n import parse_local
from portal.kernel.instants import epoch

CHUNK = 2_000
# drills, and cases that turned out to be none, are left out as in every report
COUNTED = "c.received_at >= :since AND c.received_at < :until AND NOT c.exercise AND c.state NOT IN ('void', 'merged')"
CASES = (
    "SELECT c.id, c.no, c.channel, c.urgency, c.complexity, c.received_at, k.category, c.request_type, c.unit_id,"
    " c.closed_at FROM cases c JOIN customer k ON k.id = c.customer_id WHERE c.id > :after AND "
    f"{COUNTED} ORDER BY c.id LIMIT :most"
)
CLOCKS = (
    "SELECT case_id, kind, round, policy_version, rule, calendar, calendar_version, amount, unit, pausable, level,"
    " judged, department_id, started_at, due_at, paused_at, stopped_at, outcome"
    " FROM clock WHERE case_id >= :low AND case_id <= :high ORDER BY case_id, id"
)
SEGMENTS = (
    "SELECT case_id, from_at, kind, reason FROM clock_segment WHERE case_id >= :low AND case_id <= :high"
    " ORDER BY case_id, id"
)
Span = tuple[int, int]


def span_of(first: str, last: str) -> Span:
    """A period of local days, both included, as epoch seconds. Raises Invalid."""
    try:
        begin, end = date.fromisoformat(first.strip()), date.fromisoformat(last.strip())
        if begin > end:
            raise ValueError(first)
        until = date.fromordinal(end.toordinal() + 1)
        return epoch(parse_local(f"{begin} 00:00")), epoch(parse_local(f"{until} 00:00"))
    except (ValueError, OverflowError) as error:
        raise Invalid("policy_period_bad", field="from") from error


def how_many(span: Span) -> int:
    """How many cases a period has."""
    rows = read(f"SELECT count(*) FROM cases c WHERE {COUNTED}", {"since": span[0], "until": span[1]})
    return int(rows[0][0])


@dataclass
class Shelf:
    """The calendars by the instant from which they hold; `instead` names other versions to try: code to version."""

    instead: Mapping[str, int]
    _starts: list[int] = field(default_factory=list)
    _sets: list[dict[str, int]] = field(default_factory=list)
    _made: dict[tuple[int, str, int], Calendars] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Lays the versions out in the order in which they came into force."""
        for code, version in self.instead.items():
            book.calendar(code, version)
        rows = db.session.execute(
            select(CalendarVersion.effective_from, CalendarVersion.code, CalendarVersion.version).order_by(
                CalendarVersion.effective_from, CalendarVersion.version
            )
        )
        held: dict[str, int] = {}
        for since, code, version in rows:
            held = held | {code: max(version, held.get(code, 0))}
            self._starts.append(epoch(since))
            self._sets.append(held)

    def calendars(self, past: Past) -> Calendars:
        """The calendars under which a clock's limit would be decided: those of its time, or the tried ones."""
        at = max(0, bisect_right(self._starts, past.started) - 1)
        key = (at, past.calendar, past.calendar_version)
        if key not in self._made:
            first = {code: number for held in reversed(self._sets) for code, number in held.items()}
            versions = first | self._sets[at] | {past.calendar: past.calendar_version} | dict(self.instead)
            self._made[key] = {code: book.calendar(code, number) for code, number in versions.items()}
        return self._made[key]


def own_calendar(past: Past) -> Calendar:
    """The calendar version a clock ran on."""
    return book.calendar(past.calendar, past.calendar_version)


def trial(policy: Policy, now: datetime, instead: Mapping[str, int] | None = None) -> Trial:
    """A trial of a policy, and of other calendar versions if named. Raises Missing for a calendar there is not."""
    shelf, known, owned = Shelf(instead or {}), dict[int, dict[str, Row]](), dict[tuple[str, int], Calendar]()

    def rules(version: int) -> dict[str, Row]:
        if version not in known:
            known[version] = {row.id: row for row in book.policy(version).rows}
        return known[version]

    def own(past: Past) -> Calendar:
        key = (past.calendar, past.calendar_version)
        if key not in owned:
            owned[key] = own_calendar(past)
        return owned[key]

    return Trial(policy, shelf.calendars, own, rules, epoch(now))


def step(tried: Trial, span: Span, after: int, tally: Tally, most: int = CHUNK) -> int | None:
    """Counts the next cases into the tally; gives the id to go on after, None when that was the last."""
    values = {"after": after, "since": span[0], "until": span[1], "most": most}
    cases = {row[0]: row for row in read(CASES, values)}
    if not cases:
        return None
    tally.cases += len(cases)
    tried.count(_pasts(cases), tally)
    return max(cases) if len(cases) == most else None


def whole(tried: Trial, span: Span) -> Tally:
    """Counts all cases of a period."""
    tally, after = Tally(), 0
    while True:
        reached = step(tried, span, after, tally)
        if reached is None:
            return tally
        after = reached


def _pasts(cases: Mapping[int, tuple[Any, ...]]) -> Iterator[Past]:
    """The clocks of these cases."""
    span = {"low": min(cases), "high": max(cases)}
    stretches: dict[int, list[tuple[int, str, str]]] = {}
    for case_id, at, kind, reason in read(SEGMENTS, span):
        if case_id in cases:
            stretches.setdefault(case_id, []).append((at, kind, reason))
    for row in read(CLOCKS, span):
        case = cases.get(row[0])
        if case is not None:
            yield _past(case, row, stretches.get(row[0], []))


def _past(case: tuple[Any, ...], row: tuple[Any, ...], stretches: list[tuple[int, str, str]]) -> Past:
    _id, no, channel, urgency, complexity, received, customer_class, request_type, unit_id, closed = case
    (_case, kind, round_, policy_version, rule, calendar, calendar_version, amount, unit, pausable, level, judged,
     department, started, due, paused, stopped, outcome) = row  # fmt: skip
    ended = stopped is not None and stopped == closed
    movable = (kind in PAUSING or kind in WITH_CUSTOMER) and len(stretches) > 1
    return Past(
        no, channel, urgency == "urgent", complexity, received, customer_class, request_type, kind,
        kind == "progress" and round_ > 1, policy_version, rule, calendar, calendar_version, amount, unit,
        bool(pausable), level, bool(judged), department or unit_id, started, due, paused, stopped,
        outcome == "cancelled" and not ended, ended,
        _pauses(kind, stretches, stopped) if movable else (),
    )  # fmt: skip


def _pauses(kind: str, stretches: list[tuple[int, str, str]], stopped: int | None) -> tuple[Pause, ...]:
    """The stretches that may have moved a clock's due instant, as it saw them until it was stopped."""
    found: list[Pause] = []
    for (since, what, _why), after in zip(stretches, [*stretches[1:], None], strict=True):
        stops = (what == "paused" and kind in PAUSING) or (what == "told" and kind in WITH_CUSTOMER)
        if stops and (stopped is None or since < stopped):
            until = after[0] if after else None
            late = until is None or (stopped is not None and until > stopped)
            found.append((since, None if late else until, "paused", what))
    return tuple(found)
