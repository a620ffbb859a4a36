"""When a step falls due: its own limit or its share of the whole order's, on the calendar the order began with. Pure.

Instants are epoch seconds, lengths working seconds of the calendar.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from portal.clocks.calendar import Calendar
from portal.clocks.deadlines import deadline, parse_limit, warning_point
from portal.kernel.instants import epoch
from portal.workflows.definition import Definition, Limit

WARN = 0.75  # WF3: warned when three quarters of a step's time are used [H]
HEAD = 4  # its head hears of it when a quarter of the time more has passed [H]
LONGEST_PAUSE = 10  # working days that an order may wait for its customer at a time [H]


@dataclass(frozen=True)
class Way:
    """What an order runs on: its version of the flow, the calendars it began with, units by their codes."""

    definition: Definition
    calendars: Mapping[str, Calendar]
    unit_ids: Mapping[str, int]


class Times(NamedTuple):
    """A limit and where it ends; `warn` is 0 where there is no warning."""

    amount: int
    unit: str
    calendar: str
    due: int
    warn: int
    head: int


def times(calendar: Calendar, amount: int, unit: str, start: int, due: int) -> Times:
    """The instants that belong to a due instant."""
    warn = warning_point(calendar, start, due, WARN) if due > start else None
    head = calendar.add(due, max(calendar.between(start, due), 0) // HEAD)
    return Times(amount, unit, calendar.code, due, warn or 0, head)


def whole(definition: Definition, calendars: Mapping[str, Calendar], customer_class: str, start: int) -> Times:
    """The whole order's limit; a customer's class may have another one (WF4)."""
    amount, unit = parse_limit(definition.classes.get(customer_class, definition.limit))
    calendar = calendars[definition.calendar]
    return times(calendar, amount, unit, start, calendar.due(start, amount, unit))


def of_step(order: Any, way: Way, limit: Limit, start: int) -> Times:
    """Where a step that begins at `start` falls due; one without a limit falls due with the order."""
    calendar = way.calendars[limit.calendar or order.calendar]
    if limit.fixed:
        amount, unit = parse_limit(limit.fixed)
    elif limit.share:
        budget = calendar.between(epoch(order.started_at), epoch(order.first_due_at))
        amount, unit = budget * limit.share // 100, "s"
    else:
        return times(calendar, 0, "", start, epoch(order.due_at))
    return times(calendar, amount, unit, start, calendar.due(start, amount, unit))


def began(step: Any) -> int:
    """When the work reached the unit that holds the step now."""
    return int(step.spans[-1][2]) if step.spans else epoch(step.started_at)


def anew(order: Any, step: Any, way: Way, pauses: list[list[int]], order_due: int) -> Times:
    """A step's instants after pauses; a collector also gets back what the last answer was late (SL4)."""
    calendar, start = way.calendars[step.calendar], began(step)
    if step.kind == "sheet":
        asking = next(s for s in order.steps if s.n == step.parent)
        above = anew(order, asking, way, pauses, order_due)
        return times(calendar, 0, "", start, above.warn or above.due)
    if not step.unit:
        return times(calendar, 0, "", start, order_due)
    due = deadline(step.amount, step.unit, calendar, start, [(a, b, "paused") for a, b in pauses])
    return times(calendar, step.amount, step.unit, start, calendar.add(due, step.received_late))


def order_due(order: Any, way: Way, pauses: list[list[int]]) -> Times:
    """The whole order's instants after pauses."""
    calendar, start = way.calendars[order.calendar], epoch(order.started_at)
    due = deadline(order.amount, order.unit, calendar, start, [(a, b, "paused") for a, b in pauses])
    return times(calendar, order.amount, order.unit, start, due)


def lateness(calendar: Calendar, due: datetime, done: int) -> int:
    """Working seconds by which something came after its due instant; 0 in time."""
    return max(0, calendar.between(epoch(due), done))
