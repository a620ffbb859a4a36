"""When an open case counts as forgotten (QU11): the limits of the policy in force, on the calendar of working days."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from portal.clocks import book as books
from portal.clocks.calendar import Calendar
from portal.clocks.silence import Silence
from portal.clocks.timetable import instant_of
from portal.kernel.feed import feed
from portal.kernel.instants import moment

RESTING = ("waiting", "planned")  # such cases wait for somebody else
NEVER = 9_900_000_000
QUARTER = 900  # seconds
LEVEL = "coalesce(nullif(level, ''), proposed_level)"
NAMES = {"P1": "one", "P2": "two", "P3": "three", "P4": "four"}
Stamp = tuple[str, int, int]


def _stamp(now: int) -> Stamp:
    """Changes when policy or calendars do, and with the hour, in which a version may come into force."""
    return feed.epoch, feed.versions.get(books.TOPIC, 0), now // 3600


@lru_cache(maxsize=8)
def _rules(stamp: Stamp) -> tuple[Calendar, Mapping[str, Silence]]:
    book = books.in_force(moment(stamp[2] * 3600))
    return book.calendars[book.policy.day_calendar], book.policy.silence


def limits(now: int) -> Mapping[str, Silence]:
    """How long a case of each level may stay without an entry, as the policy in force says."""
    return _rules(_stamp(now))[1]


def office(now: int) -> Calendar:
    """The calendar of working days that holds now."""
    return _rules(_stamp(now))[0]


@lru_cache(maxsize=50_000)
def _working_days_later(quarter: int, days: int, stamp: Stamp) -> int:
    """The end of the Nth working day after the day of an entry; no day breaks inside a quarter of an hour."""
    return _rules(stamp)[0].end_of_working_day(quarter * QUARTER, days)


def stale_from(row: Any, now: int, held: Mapping[str, Silence] | None = None) -> int:
    """When an open case without a new entry counts as forgotten; waiting and planned ones do not. `held`: limits."""
    if row.state in RESTING:
        return NEVER
    amount, working = (held or limits(now))[row.level or row.proposed_level]
    if working:
        return _working_days_later(int(row.entry_at) // QUARTER, amount, _stamp(now))
    return int(row.entry_at) + amount


def is_stale(row: Any, now: int) -> bool:
    """Whether the case has gone without an entry for too long."""
    return now >= stale_from(row, now)


def condition(now: int) -> tuple[list[str], dict[str, Any]]:
    """The WHERE terms of forgotten cases and their values: the last entry of each level that is too old."""
    values = {
        NAMES[level]: days_over_since(now, limit.amount) if limit.working else now - limit.amount
        for level, limit in limits(now).items()
    }
    whens = " ".join(f"WHEN '{level}' THEN :{name}" for level, name in NAMES.items())
    resting = ", ".join(f"'{state}'" for state in RESTING)
    return [f"state NOT IN ({resting})", f"entry_at <= CASE {LEVEL} {whens} END"], values


def days_over_since(now: int, days: int = 1) -> int:
    """The last second before the last so many working days that are over: entries until then had them after."""
    calendar = office(now)
    day = calendar.local_date(now)
    while True:
        days -= _over(calendar, day, now)
        if not days:
            return instant_of(day, 0, calendar.tz) - 1
        day -= timedelta(days=1)


def _over(calendar: Calendar, day: date, now: int) -> bool:
    hours = calendar.intervals_on(day)
    return bool(hours) and instant_of(day, hours[-1][1], calendar.tz) <= now
