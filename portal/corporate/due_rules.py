"""When things are due, whom to remind when, and what may happen to them. Pure.

The day a thing is due ends with its last second: done in that second is on time.
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from portal.clocks.calendar import Calendar
from portal.corporate import events as e
from portal.directory.rules import say
from portal.kernel.config import ZONE
from portal.kernel.errors import Invalid, Refused

OF_FILE = ("maintenance", "optimisation", "report")
OF_PROJECT = ("milestone", "task")
KINDS = OF_FILE + OF_PROJECT
FIXED = ("report",)  # owed to the customer by contract: not moved, only dropped with a reason
PHASES = ("proposed", "agreed", "under_way")
EVERY = {"month": 1, "quarter": 3, "half": 6, "year": 12}
AHEAD = 5  # working days; 内部约定, each plan says its own
MOST_AHEAD = 60
FIRST_YEAR, LAST_YEAR = 2000, 2100
_zone = ZoneInfo(ZONE)
Span = tuple[str, date]  # what a due is for (2026-03, 2026Q1, 2026H1, 2026 or nothing) and the day it is due


def end_of(day: date) -> int:
    """The last second of a day on the installation's wall clock, in epoch seconds."""
    following = day + timedelta(days=1)
    return int(datetime(following.year, following.month, following.day, tzinfo=_zone).timestamp()) - 1


def remind_at(calendar: Calendar, day: date, ahead: int) -> int:
    """When to remind of a day, so many working days before it: when work begins on that day. Epoch seconds."""
    left, at = ahead, day
    while left and at > day - timedelta(days=366):
        at -= timedelta(days=1)
        left -= calendar.is_working_day(at)
    return calendar.next_opening(int(datetime(at.year, at.month, at.day, tzinfo=_zone).timestamp()))


def months(year: int, chosen: Iterable[int]) -> list[Span]:
    """A maintenance of each of these months, due on the month's last day."""
    wanted = [month for month in sorted(set(chosen)) if 1 <= month <= 12]
    if not wanted or not FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid("choose_months", field="months")
    return [(f"{year}-{month:02d}", date(year, month, monthrange(year, month)[1])) for month in wanted]


def periods(year: int, every: str, after: int) -> list[Span]:
    """The reports of a year: one a month, quarter, half or year, due so many days after its end."""
    if every not in EVERY:
        raise Invalid("choose_kind", field="every")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid("year_wrong", field="year")
    step, found = EVERY[every], []
    for n in range(12 // step):
        last = (n + 1) * step
        end = date(year, last, monthrange(year, last)[1])
        name = {"month": f"{year}-{last:02d}", "quarter": f"{year}Q{n + 1}", "half": f"{year}H{n + 1}"}
        found.append((name.get(every, str(year)), end + timedelta(days=after)))
    return found


def within(day: date) -> None:
    """Raises Invalid for a day that nobody means: a slip of the pen in the year."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR + 1:
        raise Invalid("year_wrong", field="day")


def plan(
    owner: Any, calendar: Calendar, *, kind: str, title: str, spans: list[Span], person: tuple[int, str, int],
    code: str = "", ahead: int = AHEAD,
) -> e.DuesPlanned:  # fmt: skip
    """What is to be done, and by when; a plan that stands already is not made twice."""
    if not 0 <= ahead <= MOST_AHEAD:
        raise Invalid("ahead_wrong", field="ahead", most=MOST_AHEAD)
    said = say(title, "title")
    there = {(d.kind, d.code, d.title, d.period, int(d.due_at.timestamp())) for d in owner.dues if d.state == "open"}
    there |= {(d.kind, d.code, d.title, d.period, 0) for d in owner.dues if d.state != "dropped" and d.period}
    dues: list[tuple[int, str, int, int]] = []
    for period, day in spans:
        within(day)
        due = end_of(day)
        if (kind, code, said, period, 0 if period else due) in there:
            raise Invalid("due_known", field="title", period=period or day.isoformat())
        dues.append((owner.last_n + 1 + len(dues), period, due, remind_at(calendar, day, ahead)))
    return e.DuesPlanned(kind, code, said[:160], *person, ahead, tuple(dues))


def one_of(owner: Any, n: int, *states: str) -> Any:
    """One of what is due, in one of these states. Raises Refused."""
    found = next((d for d in owner.dues if d.n == n), None)
    if found is None:
        raise Refused("item_gone")
    if found.state not in states:
        raise Refused("due_ended" if found.state != "open" else "due_still_open")
    return found


def move(owner: Any, calendar: Calendar, n: int, *, day: date, reason: str) -> e.DueMoved:
    """Another day, with the reason; a report owed to the customer keeps its day."""
    found = one_of(owner, n, "open")
    if found.kind in FIXED:
        raise Refused("due_fixed")
    within(day)
    due, was = end_of(day), int(found.due_at.timestamp())
    if due == was:
        raise Invalid("nothing_changed", field="day")
    return e.DueMoved(n, found.title, was, due, remind_at(calendar, day, found.ahead), say(reason, "reason"))


def advance(owner: Any, n: int, *, phase: str, words: str) -> e.DueAdvanced:
    """An optimisation plan is agreed with the customer, or under way."""
    found = one_of(owner, n, "open")
    if found.kind != "optimisation" or phase not in PHASES or phase == found.phase:
        raise Invalid("choose_phase", field="phase")
    return e.DueAdvanced(n, found.title, phase, words.strip())


def finish(owner: Any, n: int, *, words: str, document: int) -> e.DueDone:
    """Done: an optimisation with its result, a report with its document, a task with either as evidence."""
    found = one_of(owner, n, "open")
    if found.kind == "report" and not document:
        raise Invalid("document_missing", field="file")
    if found.kind in ("optimisation", "task") and not document:
        say(words, "words")
    return e.DueDone(n, found.title, words.strip(), document)


def reopen(owner: Any, n: int, reason: str) -> e.DueReopened:
    """It was ticked or dropped by mistake."""
    found = one_of(owner, n, "done", "dropped")
    return e.DueReopened(n, found.title, say(reason, "reason"))


def drop(owner: Any, n: int, reason: str) -> e.DueDropped:
    """It is not to be done any more."""
    found = one_of(owner, n, "open")
    return e.DueDropped(n, found.title, say(reason, "reason"))
