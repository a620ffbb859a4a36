"""Sheets that one step sends to several units at once, inside and outside: decisions about them. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.kernel.errors import Invalid, Refused
from portal.kernel.instants import epoch
from portal.workflows import course, limits
from portal.workflows import events as e
from portal.workflows.definition import OUTSIDE
from portal.workflows.limits import Way
from portal.workflows.rules import late, open_step, require, sheets_of
from portal.workflows.sheet_events import WITHDRAWN, SheetWithdrawn

MOST = 30  # sheets of one step [H]


@dataclass(frozen=True)
class Addressee:
    """Where a sheet goes: to a unit, or with `party` outside, asked and chased by the unit that collects."""

    unit_id: int
    party: str = ""
    contact: str = ""


def offered(way: Way, code: str) -> list[int]:
    """The units that a step's sheets may go to; all where the definition names none."""
    named = [c for c in way.definition.step(code).units if c != OUTSIDE]
    return [way.unit_ids[c] for c in named if c in way.unit_ids] or list(way.unit_ids.values())


def send(order: Any, n: int, way: Way, now: datetime, to: Addressee, words: str) -> e.SheetSent:
    """A numbered sheet to one unit. It is due when its collector is warned: what is left is for collecting."""
    step = open_step(order, n, "sheets")
    there = sheets_of(order, n)
    if len(there) >= MOST:
        raise Refused("too_many_sheets", most=MOST)
    if to.party:
        require(to.contact, "contact")
    elif to.unit_id not in offered(way, step.code):
        raise Invalid("unit_missing", field="units")
    elif any(s.unit_id == to.unit_id and not s.party and s.state == "open" for s in there):
        raise Refused("sheet_sent_already", unit=to.unit_id)
    return _sheet(order, step, way, now, to, words, part=len(there) + 1, turn=1)


def _sheet(
    order: Any, step: Any, way: Way, now: datetime, to: Addressee, words: str, *, part: int, turn: int
) -> e.SheetSent:
    at, calendar = epoch(now), way.calendars[step.calendar]
    due = epoch(step.warn_at or step.due_at)
    if due <= at:  # sent late: the units get a quarter of the step's time from now all the same
        due = calendar.add(at, max(calendar.between(limits.began(step), epoch(step.due_at)) // 4, 60))
    found = limits.times(calendar, 0, "", at, due)
    return e.SheetSent(
        n=course.next_n(order), parent=step.n, part=part, code=step.code, round=turn,
        unit_id=step.unit_id if to.party else to.unit_id, calendar=calendar.code, sheet=course.sheet_no(order),
        due=found.due, warn=found.warn, head=found.head, party=to.party.strip()[:120], contact=to.contact.strip()[:120],
        words=require(words, "words"),
    )  # fmt: skip


def answer(order: Any, n: int, way: Way, now: datetime, *, words: str, outside_no: str = "") -> e.SheetAnswered:
    """A unit feeds back; for a party outside the collector types it in, with the outside system's number.

    The last answer, when it came late, moves the collector's instants by as much (SL4).
    """
    sheet = open_step(order, n, "sheet")
    if sheet.party:
        require(outside_no, "outside_no")
    said, behind = require(words, "answer"), late(order, sheet, way, now)
    parent = next(s for s in order.steps if s.n == sheet.parent)
    others = [s for s in sheets_of(order, parent.n) if s.n != n and s.state == "open"]
    if others or not behind or parent.state != "open":
        return e.SheetAnswered(n, said, behind, outside_no.strip()[:60])
    calendar = way.calendars[parent.calendar]
    due = calendar.add(epoch(parent.due_at), behind)
    moved = limits.times(calendar, parent.amount, parent.unit, limits.began(parent), due)
    return e.SheetAnswered(n, said, behind, outside_no.strip()[:60], behind, moved.due, moved.warn, moved.head)


def ask_again(order: Any, n: int, way: Way, now: datetime, reason: str) -> tuple[e.SheetReturned, e.SheetSent]:
    """An answer was not complete: it goes back with the reason, as the sheet's next round."""
    sheet = next((s for s in order.steps if s.n == n and s.kind == "sheet"), None)
    if sheet is None:
        raise Invalid("no_such_step", field="n")
    step = open_step(order, sheet.parent, "sheets")
    if sheet.state in ("open", WITHDRAWN):
        raise Refused("sheet_not_answered")
    if sheet is not next(s for s in sheets_of(order, step.n) if s.part == sheet.part):
        raise Refused("returned_already", step=sheet.code)
    why = require(reason, "reason")
    to = Addressee(sheet.unit_id, sheet.party, sheet.contact)
    return e.SheetReturned(n, why), _sheet(order, step, way, now, to, why, part=sheet.part, turn=sheet.round + 1)


def withdraw(order: Any, n: int, reason: str) -> SheetWithdrawn:
    """A sheet sent in error is taken back, with the reason, as long as nobody has answered it."""
    open_step(order, n, "sheet")
    return SheetWithdrawn(n, require(reason, "reason"))
