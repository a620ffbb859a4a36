"""A month of a calendar as weeks of days, and changes in words that templates can draw. Pure."""

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from portal.clocks.calendar import FIRST_YEAR, LAST_YEAR, Calendar, Special, text_of
from portal.clocks.calendar_changes import Changes, laid_upon, look_of

MONTH = re.compile(r"(\d{4})-(\d\d)")


class Cell(NamedTuple):
    """A day as it is drawn; look: working, off, holiday, half, makeup or own; drafted: not in force yet."""

    day: date
    look: str
    hours: tuple[str, ...]
    name: str
    drafted: bool


class Change(NamedTuple):
    """One change as it is listed: a day, a weekday or a year, what it was and what it becomes."""

    what: str  # day, week or year
    key: str
    before: str
    after: str
    hours: tuple[str, ...]
    name: str


def first_of(text: str, today: date) -> date:
    """The first of a month written as 2026-11; anything else is the present month."""
    match = MONTH.fullmatch(text.strip())
    if match and 1 <= int(match[2]) <= 12 and FIRST_YEAR < int(match[1]) < LAST_YEAR:
        return date(int(match[1]), int(match[2]), 1)
    return today.replace(day=1)


def month(first: date, today: date, calendar_on: Callable[[date], Calendar], draft: Changes) -> list[list[Cell | None]]:
    """The weeks of a month from Monday to Sunday, the draft laid upon the versions; None fills first and last week.

    Weekly hours of the draft are not laid upon days that have passed.
    """
    past = Changes(draft.days)
    cells: list[Cell | None] = [None] * first.weekday()
    day = first
    while day.month == first.month:
        cells.append(cell(day, calendar_on(day), past if day < today else draft))
        day += timedelta(days=1)
    cells += [None] * (-len(cells) % 7)
    return [cells[n : n + 7] for n in range(0, len(cells), 7)]


def cell(day: date, held: Calendar, changes: Changes) -> Cell:
    """One day, the draft laid upon the version that holds there."""
    there = laid_upon(held, Changes(changes.days, changes.week))
    drafted = (look_of(held, day), held.intervals_on(day)) != (look_of(there, day), there.intervals_on(day))
    special = there.exceptions.get(day)
    named = special.name if special else ""
    before = held.exceptions.get(day)
    drafted = drafted or named != (before.name if before else "")
    return Cell(day, look_of(there, day), _texts(there.intervals_on(day)), named, drafted)


def told(changes: Changes, held: Calendar) -> list[Change]:
    """The changes one by one, compared with a version."""
    after = laid_upon(held, Changes(changes.days, changes.week))
    found = [_day(day, special, held, after) for day, special in sorted(changes.days.items())]
    for n, hours in sorted(changes.week.items()):
        was = ", ".join(_texts(held.week[n]))
        found.append(Change("week", str(n), was, "", _texts(hours), ""))
    for year, on in sorted(changes.years.items()):
        found.append(Change("year", str(year), "", "loaded" if on else "unloaded", (), ""))
    return found


def _day(day: date, special: Special | None, held: Calendar, after: Calendar) -> Change:
    hours = _texts(after.intervals_on(day))
    before = held.exceptions.get(day)
    name = special.name if special else (before.name if before else "")
    return Change("day", day.isoformat(), look_of(held, day), look_of(after, day), hours, name)


def _texts(intervals: Iterable[tuple[int, int]]) -> tuple[str, ...]:
    return tuple(text_of(i) for i in intervals)
