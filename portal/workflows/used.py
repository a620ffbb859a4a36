"""Who used the time of an order: working seconds by unit, and whose share the lateness of the whole is. Pure.

A unit's time runs while it holds a step; while sheets are out it is theirs, not the collector's. Pauses are nobody's.
Parties outside are counted together under `ELSEWHERE`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from portal.clocks.calendar import Calendar
from portal.kernel.instants import epoch
from portal.workflows.limits import lateness
from portal.workflows.sheet_events import WITHDRAWN

ELSEWHERE = 0
Pieces = list[tuple[int, int]]


def pauses(order: Any, now: int) -> Pieces:
    """When the order waited for its customer, up to now."""
    found = [(a, b) for a, b in order.pauses]
    if order.paused_at:
        found.append((epoch(order.paused_at), min(now, epoch(order.pause_until))))
    return found


def without(pieces: Pieces, gaps: Iterable[tuple[int, int]]) -> Pieces:
    """Stretches of time less others."""
    for since, until in gaps:
        left: Pieces = []
        for a, b in pieces:
            left += [(a, min(b, since)), (max(a, until), b)]
        pieces = [(a, b) for a, b in left if a < b]
    return pieces


def _stays(step: Any, now: int) -> Iterator[tuple[int, int, int]]:
    """(unit, since, until) of all that held the step."""
    began = epoch(step.started_at)
    for unit, _since, until, _due in step.spans:
        yield unit, began, until
        began = until
    yield (ELSEWHERE if step.outside else step.unit_id), began, epoch(step.done_at) if step.done_at else now


def by_unit(order: Any, calendars: Mapping[str, Calendar], now: int) -> dict[int, int]:
    """Working seconds that each unit held steps of the order, all rounds together."""
    found: dict[int, int] = {}
    waited = pauses(order, now)
    counted = [s for s in order.steps if s.state != WITHDRAWN]  # what was sent in error takes nobody's time
    for step in counted:
        out = [(a, b) for s in counted if s.parent == step.n for _unit, a, b in _stays(s, now)]
        calendar = calendars[step.calendar]
        for unit, since, until in _stays(step, now):
            pieces = without(without([(since, until)] if since < until else [], waited), out)
            found[unit] = found.get(unit, 0) + sum(calendar.between(a, b) for a, b in pieces)
    return {unit: spent for unit, spent in found.items() if spent}


def overrun(order: Any, step: Any, calendars: Mapping[str, Calendar], now: datetime) -> int:
    """Working seconds by which a step is or was late: an open one up to now, a collector's less the sheets' own."""
    if step.state != "open":
        return int(step.late)
    calendar = calendars[step.calendar]
    at = min(now, order.paused_at) if order.paused_at else now
    sheets = [lateness(calendar, s.due_at, epoch(at)) for s in order.steps if s.parent == step.n and s.state == "open"]
    return max(0, lateness(calendar, step.due_at, epoch(at)) - max(sheets, default=0))


def overruns(order: Any, calendars: Mapping[str, Calendar], now: datetime) -> dict[int, int]:
    """Working seconds beyond their limits by unit, all steps together."""
    found: dict[int, int] = {}
    for step in order.steps:
        for unit, _since, until, due in step.spans:
            found[unit] = found.get(unit, 0) + max(0, calendars[step.calendar].between(due, until))
        unit = ELSEWHERE if step.outside else step.unit_id
        found[unit] = found.get(unit, 0) + overrun(order, step, calendars, now)
    return {unit: spent for unit, spent in found.items() if spent}


def late_by(order: Any, calendars: Mapping[str, Calendar], now: datetime) -> int:
    """Working seconds by which the whole order is or was late."""
    if order.state == "ended":
        return int(order.late)
    at = min(now, order.paused_at) if order.paused_at else now
    return lateness(calendars[order.calendar], order.due_at, epoch(at))


def shares(order: Any, calendars: Mapping[str, Calendar], now: datetime) -> dict[int, int]:
    """The order's lateness shared out to units by what each exceeded its steps' limits; empty where none did."""
    whole, beyond = late_by(order, calendars, now), overruns(order, calendars, now)
    total = sum(beyond.values())
    return {unit: whole * spent // total for unit, spent in beyond.items()} if whole and total else {}
