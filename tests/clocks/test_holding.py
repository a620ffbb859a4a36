"""Who used the time, counted by hand: wall clock, working time, the limit's share; every second has one owner."""

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from portal.clocks.holding import Limit, Stretch, allowed, holdings, stretches_of
from portal.clocks.seed import seeded_calendars

CALENDARS = seeded_calendars()
BUSINESS, ALWAYS = CALENDARS["cn-business"], CALENDARS["always"]
SERVICE, TECH = 3, 4


def at(text: str) -> int:
    return int(datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


def test_two_departments_and_a_lunch_break():
    # received Tuesday 09:00, entered 09:10, handed over 11:00, waiting 14:00-15:00, told 17:00
    rows = [
        (at("24 09:10"), "running", "", SERVICE), (at("24 11:00"), "running", "", TECH),
        (at("24 14:00"), "paused", "customer", TECH), (at("24 15:00"), "running", "", TECH),
        (at("24 17:00"), "told", "", TECH), (at("25 09:00"), "closed", "", TECH),
    ]  # fmt: skip
    parts = stretches_of(rows, at("24 09:00"), at("26 09:00"))
    start, stop = at("24 09:00"), at("24 17:00")
    due = BUSINESS.add(start, 8 * 3600 + 3600)  # eight hours and the hour of the pause
    pauses = ((at("24 14:00"), at("24 15:00")),)
    budget = allowed(BUSINESS, start, due, pauses, wall=False)
    assert budget == 8 * 3600
    service, tech = holdings(parts, BUSINESS, Limit(start, stop, pauses, False, budget))
    assert (service.held, service.working, service.counted, service.share) == (7200, 7200, 7200, 25.0)
    assert (tech.held, tech.working, tech.counted) == (5 * 3600, 4 * 3600, 4 * 3600)  # 12-13 is lunch
    assert (tech.customer, tech.paused, tech.share) == (16 * 3600, 3600, 50.0)


def test_weeks_count_by_the_wall_clock_and_a_late_case_uses_more_than_all():
    rows = [(at("02 09:00"), "running", "", SERVICE), (at("09 09:00"), "running", "", TECH)]
    parts = stretches_of(rows, at("02 09:00"), at("23 09:00"))
    start, due, now = at("02 09:00"), at("16 09:00"), at("23 09:00")
    limit = Limit(start, now, (), True, allowed(BUSINESS, start, due, (), wall=True))
    assert [one.share for one in holdings(parts, BUSINESS, limit)] == [50.0, 100.0]


def test_a_reopened_case_does_not_count_the_time_it_was_closed():
    rows = [(100, "running", "", SERVICE), (200, "closed", "", SERVICE), (500, "running", "", SERVICE)]
    (one,) = holdings(stretches_of(rows, 100, 600), ALWAYS, Limit(100, 600, (), False, 1000))
    assert (one.held, one.counted, one.share) == (200, 200, 20.0)


def test_without_a_limit_there_is_no_share():
    (one,) = holdings([Stretch(0, 60, "running", "", SERVICE)], ALWAYS, None)
    assert (one.held, one.counted, one.share) == (60, 0, None)


rows_of = st.lists(
    st.tuples(st.integers(0, 9999), st.sampled_from(["running", "paused", "told"]), st.just(""), st.integers(1, 3)),
    min_size=1, max_size=12,
).map(lambda rows: sorted(rows, key=lambda row: row[0]))  # fmt: skip


@given(rows_of, st.integers(0, 500), st.integers(10_000, 20_000))
def test_every_second_has_exactly_one_owner(rows, early, now):
    start = max(0, rows[0][0] - early)
    parts = stretches_of(rows, start, now)
    assert all(a.until == b.since for a, b in pairwise(parts))
    found = holdings(parts, ALWAYS, None)
    assert sum(one.held + one.customer + one.paused for one in found) == now - start
