"""Working intervals of a calendar laid out as sorted instants with running totals, so that lookups bisect."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

Interval = tuple[int, int]
Intervals = tuple[Interval, ...]


class Timetable(NamedTuple):
    """Whole local years of working intervals; instants and totals are integer seconds."""

    first_year: int
    last_year: int
    starts: list[int]
    ends: list[int]
    totals: list[int]
    days: list[int]
    closings: list[int]

    @property
    def total(self) -> int:
        """Working seconds in the whole table."""
        return self.totals[-1] if self.totals else 0


def local_date(instant: int, zone: ZoneInfo) -> date:
    """The calendar day an instant falls on in a zone."""
    return datetime.fromtimestamp(instant, zone).date()


def instant_of(day: date, seconds: int, zone: ZoneInfo) -> int:
    """Epoch second of a wall-clock time, seconds after 00:00 of a day (86400 = 24:00).

    A time that happens twice means its first occurrence; a skipped one means the clock change itself.
    """
    wall = datetime.combine(day, time.min) + timedelta(seconds=seconds)
    found = int(wall.replace(tzinfo=zone).timestamp())
    if datetime.fromtimestamp(found, zone).replace(tzinfo=None) == wall:
        return found
    return _clock_change(int(wall.replace(tzinfo=zone, fold=1).timestamp()), found, zone)


def _clock_change(early: int, late: int, zone: ZoneInfo) -> int:
    """The first second in (early, late] that has the later offset of the zone."""
    target = datetime.fromtimestamp(late, zone).utcoffset()
    while late - early > 1:
        middle = (early + late) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == target:
            late = middle
        else:
            early = middle
    return late


def lay_out(first_year: int, last_year: int, zone: ZoneInfo, intervals_on: Callable[[date], Intervals]) -> Timetable:
    """Timetable of the local years first_year..last_year, both included."""
    starts: list[int] = []
    ends: list[int] = []
    days: list[int] = []
    closings: list[int] = []
    for ordinal in range(date(first_year, 1, 1).toordinal(), date(last_year + 1, 1, 1).toordinal()):
        day = date.fromordinal(ordinal)
        spans = [(instant_of(day, a, zone), instant_of(day, b, zone)) for a, b in intervals_on(day)]
        real = [(a, b) for a, b in spans if b > a]
        if not real:
            continue
        starts.extend(a for a, _ in real)
        ends.extend(b for _, b in real)
        days.append(ordinal)
        closings.append(real[-1][1])
    totals = list(accumulate(b - a for a, b in zip(starts, ends, strict=True)))
    return Timetable(first_year, last_year, starts, ends, totals, days, closings)
