"""How a due instant moves when a pause ends or a level changes (SL4, SL5). Pure; integer epoch seconds."""

from collections.abc import Sequence

from portal.clocks.calendar import Calendar
from portal.clocks.deadlines import deadline
from portal.clocks.rules import Decision

Stretches = Sequence[Sequence]


def cures(decision: Decision, calendar: Calendar, stretches: Stretches, due: int) -> bool:
    """Would this decision end later than the due instant that has passed?"""
    row = decision.winner
    return deadline(row.amount, row.unit, calendar, decision.start, stretches) > due


def after_pause(
    limit: tuple[int, str], calendar: Calendar, started: int, stretches: Stretches, due: int, pause: tuple[int, int]
) -> int:
    """Where a due instant lies after a pause (since, until).

    One that follows from start, limit and the pauses before is counted anew; one that was set when the situation
    changed (SL5) follows from nothing but itself, so it moves by the pause alone.
    """
    (amount, unit), (since, until) = limit, pause
    if due == deadline(amount, unit, calendar, started, [s for s in stretches if s[0] < since]):
        return deadline(amount, unit, calendar, started, stretches)
    return due + until - since if unit == "w" else calendar.add(due, calendar.between(since, until))
