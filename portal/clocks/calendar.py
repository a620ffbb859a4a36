"""Working calendars (SL3): when time counts, and where a limit ends. Integer epoch seconds throughout."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal.clocks.timetable import Interval, Intervals, Timetable, instant_of, lay_out, local_date

DAY = 86_400
LEAST_WEEK = 3_600
FIRST_YEAR, LAST_YEAR = 1970, 2199
REACHES = (2, 10, 60)
KINDS = ("holiday", "half", "working")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class CalendarRefused(ValueError):
    """A calendar that cannot be kept; `code` says why, `facts` where."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts


class BeyondHorizon(ValueError):
    """An instant outside 1970-2199, or a limit that no 60 years of the calendar can hold."""


class Special(NamedTuple):
    """One exception day: holiday (no intervals), half day or make-up working day (its own intervals)."""

    kind: str
    intervals: Intervals = ()
    name: str = ""


@dataclass(frozen=True)
class Calendar:
    """One version of a working calendar; intervals are half-open, in seconds after local 00:00, up to 24:00.

    `loaded_years` are the years whose holidays are known; None = a calendar that observes none.
    """

    code: str
    version: int
    zone: str
    week: tuple[Intervals, ...]
    exceptions: Mapping[date, Special] = field(default_factory=dict, hash=False)
    loaded_years: frozenset[int] | None = None
    _laid: list[Timetable] = field(default_factory=list, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what could not be computed with (SL3)."""
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise CalendarRefused("calendar_zone_unknown", zone=self.zone) from error
        if len(self.week) != len(WEEKDAYS):
            raise CalendarRefused("calendar_week_incomplete", days=len(self.week))
        for name, intervals in zip(WEEKDAYS, self.week, strict=True):
            _check_intervals(name, intervals)
        for day, special in self.exceptions.items():
            _check_special(day, special)
        if sum(b - a for intervals in self.week for a, b in intervals) < LEAST_WEEK:
            raise CalendarRefused("calendar_too_short", calendar=self.code)

    @cached_property
    def tz(self) -> ZoneInfo:
        """The zone object."""
        return ZoneInfo(self.zone)

    def local_date(self, instant: int) -> date:
        """The day an instant falls on in this calendar's zone."""
        return local_date(instant, self.tz)

    def intervals_on(self, day: date) -> Intervals:
        """Working intervals of one day, in seconds after 00:00."""
        special = self.exceptions.get(day)
        return self.week[day.weekday()] if special is None else special.intervals

    def is_working_day(self, day: date) -> bool:
        """Has the day any working time?"""
        return bool(self.intervals_on(day))

    def add(self, start: int, seconds: int) -> int:
        """The earliest instant by which `seconds` of working time ran since start; add(s, 0) is s itself.

        A limit used up exactly at an interval's end falls due at that end, not at the next opening.
        """
        if seconds < 0:
            raise ValueError("a limit is never negative")
        if seconds == 0:
            return start
        table = self._holding(start)
        goal = _worked(table, start) + seconds
        if goal > table.total:
            table = self._reach(start, lambda t: _worked(t, start) + seconds <= t.total)
            goal = _worked(table, start) + seconds
        at = bisect_left(table.totals, goal)
        return table.ends[at] - (table.totals[at] - goal)

    def between(self, a: int, b: int) -> int:
        """Working seconds in [a, b); negative when b is before a. Inverse of add."""
        table = self._holding(a, b)
        return _worked(table, b) - _worked(table, a)

    def end_of_working_day(self, start: int, n: int) -> int:
        """End of the last interval of the nth working day after the day of start (that day never counts)."""
        if n < 1:
            raise ValueError("working days are counted from one")
        today = self.local_date(start).toordinal()
        table = self._reach(start, lambda t: bisect_right(t.days, today) + n <= len(t.days))
        return table.closings[bisect_right(table.days, today) + n - 1]

    def add_weeks(self, start: int, n: int) -> int:
        """The same wall-clock time n times seven days later; weeks know no holidays."""
        local = datetime.fromtimestamp(start, self.tz)
        seconds = local.hour * 3600 + local.minute * 60 + local.second
        if n > (LAST_YEAR - FIRST_YEAR) * 53:
            raise BeyondHorizon(self.code, start)
        return instant_of(local.date(), seconds + n * 7 * DAY, self.tz)

    def due(self, start: int, amount: int, unit: str) -> int:
        """Where a limit ends: unit s (working seconds), wd (working days) or w (weeks)."""
        match unit:
            case "s":
                return self.add(start, amount)
            case "wd":
                return self.end_of_working_day(start, amount)
            case "w":
                return self.add_weeks(start, amount)
        raise ValueError(f"unknown unit {unit}")

    def next_opening(self, instant: int) -> int:
        """The instant itself inside working time, else the start of the next interval."""
        table = self._reach(instant, lambda t: bool(t.ends) and t.ends[-1] > instant)
        return max(instant, table.starts[bisect_right(table.ends, instant)])

    def intervals(self, a: int, b: int) -> Iterator[Interval]:
        """The pieces of working time inside [a, b), in order; no piece spans two local days."""
        table = self._holding(a, b)
        for at in range(bisect_right(table.ends, a), bisect_left(table.starts, b)):
            yield max(a, table.starts[at]), min(b, table.ends[at])

    def _holding(self, *instants: int) -> Timetable:
        """A timetable whose years hold all the instants."""
        if self._laid:
            table = self._laid[-1]
            if table.starts and all(table.starts[0] <= t <= table.ends[-1] for t in instants):
                return table
        years = [self._year(t) for t in instants]
        return self._years(min(years), max(years))

    def _reach(self, start: int, enough: Callable[[Timetable], bool]) -> Timetable:
        """A timetable long enough after start; looks 60 years ahead at most, so nothing loops for ever."""
        year = self._year(start)
        for reach in REACHES:
            table = self._years(year, min(year + reach, LAST_YEAR))
            if enough(table):
                return table
        raise BeyondHorizon(self.code, start)

    def _year(self, instant: int) -> int:
        if not -DAY < instant < (LAST_YEAR - 1969) * 366 * DAY:
            raise BeyondHorizon(self.code, instant)
        year = self.local_date(instant).year
        if not FIRST_YEAR - 1 <= year <= LAST_YEAR:
            raise BeyondHorizon(self.code, instant)
        return year

    def _years(self, first: int, last: int) -> Timetable:
        """The kept timetable, widened when it is short; replaced as a whole, so threads may share it."""
        table = self._laid[-1] if self._laid else None
        if table and table.first_year <= first and last <= table.last_year:
            return table
        if table:
            first, last = min(first, table.first_year), max(last, table.last_year)
        table = lay_out(first, last, self.tz, self.intervals_on)
        self._laid[:] = [table]
        return table


def _worked(table: Timetable, instant: int) -> int:
    """Working seconds of the table before the instant."""
    at = bisect_right(table.starts, instant) - 1
    if at < 0:
        return 0
    return table.totals[at] - max(0, table.ends[at] - instant)


def _check_intervals(where: str, intervals: Intervals) -> None:
    """Every interval lies inside the day, has a length, and starts where or after the one before ended."""
    reached = 0
    for start, end in intervals:
        if not 0 <= start < end <= DAY:
            raise CalendarRefused("calendar_interval_bad", day=where, interval=text_of((start, end)))
        if start < reached:
            raise CalendarRefused("calendar_interval_overlap", day=where, interval=text_of((start, end)))
        reached = end


def _check_special(day: date, special: Special) -> None:
    if special.kind not in KINDS or (special.kind == "holiday") == bool(special.intervals):
        raise CalendarRefused("calendar_exception_bad", day=day.isoformat(), kind=special.kind)
    _check_intervals(day.isoformat(), special.intervals)


def verdict(due: int, stopped: int) -> Literal["met", "missed"]:
    """A clock stopped at its due second is met; one second later it is missed."""
    return "met" if stopped <= due else "missed"


def provisional(calendar: Calendar, due: int, start: int | None = None) -> bool:
    """Does the way to the due instant use a year whose holidays are not loaded?"""
    if calendar.loaded_years is None:
        return False
    last = calendar.local_date(due).year
    first = last if start is None else calendar.local_date(start).year
    return any(year not in calendar.loaded_years for year in range(first, last + 1))


def text_of(interval: Interval) -> str:
    """An interval as "09:00-12:00" (seconds only where there are any)."""
    return "-".join(_clock_text(seconds) for seconds in interval)


def _clock_text(seconds: int) -> str:
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
    return f"{text}:{seconds % 60:02}" if seconds % 60 else text


def interval_of(text: str) -> Interval:
    """ "09:00-12:00" as seconds after 00:00."""
    try:
        start, end = (_seconds_of(part) for part in text.split("-"))
    except ValueError as error:
        raise CalendarRefused("calendar_interval_bad", day="", interval=text) from error
    return start, end


def _seconds_of(text: str) -> int:
    hours, minutes, seconds = (int(part) for part in (text.strip() + ":00").split(":")[:3])
    if not (0 <= hours <= 24 and 0 <= minutes < 60 and 0 <= seconds < 60):
        raise ValueError(text)
    return hours * 3600 + minutes * 60 + seconds


def to_data(calendar: Calendar) -> dict[str, Any]:
    """A calendar as plain JSON data; from_data gives an equal one back."""
    years = calendar.loaded_years
    return {
        "code": calendar.code,
        "version": calendar.version,
        "zone": calendar.zone,
        "week": {name: [text_of(i) for i in day] for name, day in zip(WEEKDAYS, calendar.week, strict=True)},
        "loaded_years": None if years is None else sorted(years),
        "exceptions": [
            {
                "date": day.isoformat(),
                "kind": s.kind,
                "name": s.name,
                "hours": [text_of(i) for i in s.intervals],
            }
            for day, s in sorted(calendar.exceptions.items())
        ],
    }


def from_data(data: Mapping[str, Any]) -> Calendar:
    """A calendar from JSON or TOML data; refuses an exception given twice for a day."""
    exceptions: dict[date, Special] = {}
    for row in data.get("exceptions", []):
        day = date.fromisoformat(str(row["date"]))
        if day in exceptions:
            raise CalendarRefused("calendar_exception_twice", day=day.isoformat())
        hours = tuple(interval_of(text) for text in row.get("hours", []))
        exceptions[day] = Special(row["kind"], hours, row.get("name", ""))
    week = tuple(tuple(interval_of(text) for text in data["week"].get(name, [])) for name in WEEKDAYS)
    years = data.get("loaded_years")
    loaded = None if years is None else frozenset(years)
    return Calendar(data["code"], data["version"], data["zone"], week, exceptions, loaded)
