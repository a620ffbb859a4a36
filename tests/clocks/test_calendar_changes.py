"""SL3: changes of a calendar, a month as it is drawn, and the warning about years not loaded."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clocks.calendar import CalendarRefused, Special
from portal.clocks.calendar_changes import (
    Changes,
    Gap,
    difference,
    from_data,
    gaps,
    hours_of,
    hours_text,
    laid_upon,
    look_of,
    to_data,
    usual_hours,
    without_needless,
)
from portal.clocks.calendar_month import first_of, month
from portal.clocks.seed import seeded_calendars
from tests.laws import tried

HOUR = 3600
BUSINESS, ALWAYS = seeded_calendars()["cn-business"], seeded_calendars()["always"]
MORNING = ((9 * HOUR, 12 * HOUR),)
SPECIALS = st.sampled_from(
    [None, Special("holiday"), Special("half", MORNING, "半天"), Special("working", MORNING, "补班")]
)
CHANGES = st.builds(
    Changes,
    st.dictionaries(st.dates(date(2025, 1, 1), date(2028, 12, 31)), SPECIALS, max_size=8),
    st.dictionaries(st.integers(0, 4), st.just(MORNING), max_size=5),
    st.dictionaries(st.integers(2025, 2029), st.booleans(), max_size=4),
)


@given(CHANGES)
@tried(60)
def test_what_leads_from_one_version_to_the_next_is_what_was_changed(changes):
    after = laid_upon(BUSINESS, changes)
    assert laid_upon(BUSINESS, difference(BUSINESS, after)) == after
    assert dict(laid_upon(BUSINESS, difference(BUSINESS, after)).exceptions) == dict(after.exceptions)
    assert difference(BUSINESS, after) == difference(
        BUSINESS, laid_upon(BUSINESS, without_needless(changes, [BUSINESS]))
    )


@given(CHANGES)
@tried(60)
def test_changes_come_back_from_the_store_as_they_went_in(changes):
    assert from_data(to_data(changes)) == changes


def test_the_version_beneath_stays_as_it_is():
    before = dict(BUSINESS.exceptions)
    laid_upon(BUSINESS, Changes({date(2026, 10, 10): None}, {0: ()}, {2027: True}), 2)
    assert dict(BUSINESS.exceptions) == before
    assert (BUSINESS.version, sorted(BUSINESS.loaded_years)) == (1, [2025, 2026])


def test_a_calendar_without_public_holidays_takes_no_year():
    with pytest.raises(CalendarRefused, match="calendar_observes_none"):
        laid_upon(ALWAYS, Changes({}, {}, {2027: True}))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("09:00-12:00, 13:00-18:00", "09:00-12:00, 13:00-18:00"),
        ("9:00－12:00；13:00 至 18:00", "09:00-12:00, 13:00-18:00"),
        ("13:00-18:00，09:00-12:00", "09:00-12:00, 13:00-18:00"),
        ("09:00 - 12:00 13:00-18:00", "09:00-12:00, 13:00-18:00"),
        ("00:00-24:00", "00:00-24:00"),
        ("", ""),
    ],
)
def test_hours_are_read_as_people_write_them(typed, read):
    assert hours_text(hours_of(typed)) == read


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("09:00-12:00, 11:00-13:00", "calendar_interval_overlap"),
        ("12:00-09:00", "calendar_interval_bad"),
        ("22:00-25:00", "calendar_interval_bad"),
        ("24:00-24:00", "calendar_interval_bad"),
        ("23:00-24:30", "calendar_interval_bad"),
        ("nine to five", "calendar_interval_bad"),
        ("09:00", "calendar_interval_bad"),
        ("9" * 5000 + ":00-12:00", "calendar_interval_bad"),
    ],
)
def test_hours_that_cannot_be_are_refused(typed, why):
    with pytest.raises(CalendarRefused, match=why):
        hours_of(typed)


def test_each_kind_of_day_is_told_apart():
    days = {
        date(2026, 11, 24): "working", date(2026, 11, 22): "off", date(2026, 10, 1): "holiday",
        date(2026, 10, 10): "makeup",
    }  # fmt: skip
    assert {day: look_of(BUSINESS, day) for day in days} == days
    own = laid_upon(BUSINESS, Changes({date(2026, 11, 24): Special("working", MORNING),
                                       date(2026, 11, 25): Special("half", MORNING)}))  # fmt: skip
    assert [look_of(own, date(2026, 11, n)) for n in (24, 25)] == ["own", "half"]


def test_a_month_begins_on_monday_and_shows_what_is_in_the_draft():
    draft = Changes({date(2026, 10, 8): Special("holiday", (), "校庆")}, {0: MORNING})
    weeks = month(date(2026, 10, 1), date(2026, 10, 19), lambda day: BUSINESS, draft)
    assert [len(week) for week in weeks] == [7] * 5
    assert weeks[0][:3] == [None] * 3
    cells = {cell.day.day: cell for week in weeks for cell in week if cell}
    assert sorted(cells) == list(range(1, 32))
    assert (cells[1].look, cells[1].name, cells[1].drafted) == ("holiday", "国庆节", False)
    assert (cells[8].look, cells[8].name, cells[8].drafted) == ("holiday", "校庆", True)
    assert cells[10].hours == ("09:00-12:00", "13:00-18:00")
    assert [cells[n].drafted for n in (5, 12, 19, 26)] == [False, False, True, True]


def test_a_month_is_read_from_the_address_or_is_the_present_one():
    today = date(2026, 11, 24)
    assert first_of("2027-02", today) == date(2027, 2, 1)
    assert {first_of(text, today) for text in ("", "2026-13", "0001-01", "x", "9999-12")} == {date(2026, 11, 1)}


def test_make_up_days_get_the_hours_of_the_first_weekday_that_has_any():
    assert usual_hours(laid_upon(BUSINESS, Changes({}, {0: ()}))) == BUSINESS.week[1]


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text + "+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ("2025-12-31 23:59:59", []),
        ("2026-01-01 00:00:00", [Gap("cn-business", 2027, False)]),
        ("2026-09-30 23:59:59", [Gap("cn-business", 2027, False)]),
        ("2026-10-01 00:00:00", [Gap("cn-business", 2027, True)]),
        ("2026-12-31 23:59:59", [Gap("cn-business", 2027, True)]),
        ("2027-01-01 00:00:00", [Gap("cn-business", 2027, True), Gap("cn-business", 2028, False)]),
    ],
)
def test_from_the_first_of_october_the_missing_year_is_said_loudly(now, found):
    assert gaps([ALWAYS, BUSINESS], shanghai(now)) == found


def test_a_loaded_year_ends_the_warning():
    loaded = laid_upon(BUSINESS, Changes({}, {}, {2027: True}))
    assert gaps([loaded], shanghai("2026-11-24 09:00:00")) == []
