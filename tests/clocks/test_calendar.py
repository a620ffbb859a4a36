"""Working calendars (golden deadlines: tests/golden): the inverse law on any calendar, and what is refused."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clocks.calendar import (
    BeyondHorizon,
    Calendar,
    CalendarRefused,
    Special,
    from_data,
    provisional,
    to_data,
    verdict,
)
from portal.clocks.seed import seeded_calendars
from tests.clocks.strategies import calendars
from tests.laws import tried

HOUR = 3600
OFFICE = ((9 * HOUR, 12 * HOUR), (13 * HOUR, 18 * HOUR))
SEEDED = seeded_calendars()
ALWAYS, BUSINESS = SEEDED["always"], SEEDED["cn-business"]


def at(text: str, zone: str = "Asia/Shanghai") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def office(zone: str = "Asia/Shanghai", exceptions: dict[date, Special] | None = None) -> Calendar:
    return Calendar("office", 1, zone, (OFFICE,) * 5 + ((), ()), exceptions or {})


def test_one_working_day_on_always_ends_at_midnight_after_the_next_day() -> None:
    assert ALWAYS.end_of_working_day(at("2026-10-09 17:00"), 1) == at("2026-10-11 00:00")


def test_a_limit_of_nothing_ends_where_it_starts() -> None:
    night = at("2026-11-23 03:00")
    assert BUSINESS.add(night, 0) == night


def test_next_opening_after_hours_and_inside_them() -> None:
    assert BUSINESS.next_opening(at("2026-09-30 18:00")) == at("2026-10-08 09:00")
    assert BUSINESS.next_opening(at("2026-09-30 17:59")) == at("2026-09-30 17:59")
    assert BUSINESS.next_opening(at("2026-11-23 12:15")) == at("2026-11-23 13:00")


def test_make_up_saturday_works_and_a_holiday_monday_does_not() -> None:
    assert BUSINESS.is_working_day(date(2026, 10, 10))
    assert not BUSINESS.is_working_day(date(2026, 10, 5))
    assert not BUSINESS.is_working_day(date(2026, 11, 22))


def test_seeded_years_hold_the_announced_number_of_working_days() -> None:
    def working(year: int) -> int:
        first = date(year, 1, 1)
        days = (first + timedelta(n) for n in range(366))
        return sum(BUSINESS.is_working_day(day) for day in days if day.year == year)

    assert (working(2025), working(2026)) == (248, 248)


def test_a_year_without_holiday_data_makes_a_deadline_provisional() -> None:
    assert provisional(BUSINESS, at("2027-01-04 10:00"))
    assert not provisional(BUSINESS, at("2026-12-31 17:00"))
    assert provisional(BUSINESS, at("2025-01-02 10:00"), start=at("2024-12-31 10:00"))
    assert not provisional(ALWAYS, at("2031-01-01 10:00"))


def test_a_due_instant_at_an_intervals_end_is_met_at_that_second() -> None:
    due = BUSINESS.add(at("2026-11-23 16:00"), 2 * HOUR)
    assert (verdict(due, due), verdict(due, due + 1)) == ("met", "missed")


def test_half_day_counts_only_its_own_hours() -> None:
    half = office(exceptions={date(2028, 2, 29): Special("half", ((9 * HOUR, 12 * HOUR),))})
    assert half.add(at("2028-02-29 11:00"), 2 * HOUR) == at("2028-03-01 10:00")
    assert half.end_of_working_day(at("2028-02-28 09:00"), 1) == at("2028-02-29 12:00")


def test_clock_changes_lengthen_and_shorten_a_day_in_new_york() -> None:
    zone = "America/New_York"
    full = Calendar("all", 1, zone, (((0, 86_400),),) * 7)
    assert full.between(at("2026-03-08 00:00", zone), at("2026-03-09 00:00", zone)) == 23 * HOUR
    assert full.between(at("2026-11-01 00:00", zone), at("2026-11-02 00:00", zone)) == 25 * HOUR
    assert full.add_weeks(at("2026-03-05 10:00", zone), 1) == at("2026-03-12 10:00", zone)


def test_an_interval_inside_the_skipped_hour_holds_no_time() -> None:
    zone = "America/New_York"
    night = Calendar("night", 1, zone, (((2 * HOUR, 2 * HOUR + 1800),),) * 7)
    assert night.between(at("2026-03-08 00:00", zone), at("2026-03-09 00:00", zone)) == 0
    assert night.between(at("2026-03-09 00:00", zone), at("2026-03-10 00:00", zone)) == 1800


def test_pieces_of_working_time_add_up() -> None:
    a, b = at("2026-09-30 16:30"), at("2026-10-08 09:30")
    assert list(BUSINESS.intervals(a, b)) == [
        (a, at("2026-09-30 18:00")),
        (at("2026-10-08 09:00"), b),
    ]


INSTANTS = st.integers(at("2025-12-01 00:00"), at("2027-12-31 00:00"))
SPANS = st.integers(0, 40 * HOUR)


@tried(150)
@given(calendar=calendars(), moments=st.lists(st.tuples(INSTANTS, SPANS), min_size=8, max_size=8))
def test_between_is_the_inverse_of_add(calendar: Calendar, moments: list[tuple[int, int]]) -> None:
    for start, seconds in moments:
        due = calendar.add(start, seconds)
        assert due >= start
        assert calendar.between(start, due) == seconds
        assert seconds == 0 or calendar.between(start, due - 1) == seconds - 1


@tried(60)
@given(calendar=calendars(), start=INSTANTS, first=SPANS, second=SPANS, later=st.integers(0, 7 * 86_400))
def test_add_is_additive_and_monotone(calendar: Calendar, start: int, first: int, second: int, later: int) -> None:
    middle = calendar.add(start, first)
    assert second == 0 or calendar.add(middle, second) == calendar.add(start, first + second)
    assert calendar.add(start, first) <= calendar.add(start + later, first)
    pieces = list(calendar.intervals(start, middle))
    assert sum(b - a for a, b in pieces) == first


@tried(40)
@given(calendar=calendars(), start=INSTANTS, n=st.integers(1, 15))
def test_working_days_are_counted_after_the_day_of_the_start(calendar: Calendar, start: int, n: int) -> None:
    due = calendar.end_of_working_day(start, n)
    assert calendar.local_date(due - 1) > calendar.local_date(start)
    assert calendar.next_opening(due - 1) == due - 1
    assert n == 1 or calendar.end_of_working_day(start, n - 1) < due


@given(calendar=calendars())
@tried(30)
def test_a_calendar_survives_storage(calendar: Calendar) -> None:
    assert from_data(to_data(calendar)) == calendar


def test_seeded_calendars_survive_storage() -> None:
    assert from_data(to_data(BUSINESS)) == BUSINESS
    assert BUSINESS.exceptions[date(2026, 10, 10)].name == "国庆节"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"week": {"mon": ["09:00-09:59"]}}, "calendar_too_short"),
        ({"week": {}}, "calendar_too_short"),
        ({"week": {"mon": ["09:00-12:00", "11:00-13:00"]}}, "calendar_interval_overlap"),
        ({"week": {"mon": ["12:00-09:00"]}}, "calendar_interval_bad"),
        ({"week": {"mon": ["09:00-24:01"]}}, "calendar_interval_bad"),
        ({"week": {"mon": ["soon"]}}, "calendar_interval_bad"),
        ({"zone": "Asia/Atlantis"}, "calendar_zone_unknown"),
        ({"exceptions": [{"date": "2026-01-01", "kind": "holiday"}] * 2}, "calendar_exception_twice"),
        ({"exceptions": [{"date": "2026-01-01", "kind": "working"}]}, "calendar_exception_bad"),
    ],
)
def test_a_calendar_that_cannot_be_kept_is_refused(change: dict, code: str) -> None:
    with pytest.raises(CalendarRefused) as refusal:
        from_data(to_data(office()) | change)
    assert refusal.value.code == code


def test_a_limit_no_calendar_can_hold_ends_in_an_error_not_a_loop() -> None:
    short = Calendar("short", 1, "Asia/Shanghai", (((0, HOUR),),) + ((),) * 6)
    with pytest.raises(BeyondHorizon):
        short.add(at("2026-01-01 00:00"), 5000 * HOUR)
    with pytest.raises(BeyondHorizon):
        short.end_of_working_day(at("2026-01-01 00:00"), 5000)
    with pytest.raises(BeyondHorizon):
        short.add(10**12, 1)


def test_negative_limits_are_refused() -> None:
    with pytest.raises(ValueError, match="never negative"):
        BUSINESS.add(0, -1)
    with pytest.raises(ValueError, match="from one"):
        BUSINESS.end_of_working_day(0, 0)


def test_a_hundred_thousand_deadlines_lay_the_table_out_only_once_or_twice() -> None:
    calendar = office()
    first = at("2026-01-01 00:00")
    for n in range(100_000):
        calendar.add(first + n * 300, n * 25)
    assert len(calendar._laid) == 1
    assert len(calendar._laid[0].days) < 261 * 5
