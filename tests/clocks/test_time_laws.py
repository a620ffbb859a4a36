"""Laws of working time on any calendar: sums, pauses, warnings, explanations, and a walk minute by minute."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from portal.clocks.calendar import Calendar, to_data
from portal.clocks.deadlines import Segment, deadline, limit_text, parse_limit, pauses_of, warning_point
from portal.clocks.explanation import explain, shares
from portal.clocks.policy import Decision, Row
from tests.clocks.strategies import HOUR, STEADY, calendars
from tests.golden.walker import Walker
from tests.laws import tried

FIRST = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp())
INSTANTS = st.integers(FIRST, FIRST + 600 * 86_400)
SPANS = st.integers(1, 40 * HOUR)
LENGTHS = st.integers(0, 21 * 86_400)
PAUSES = st.lists(st.tuples(st.integers(0, 15 * 86_400), st.integers(1, 2 * 86_400)), max_size=4)


def segments(start: int, pauses: list[tuple[int, int]]) -> list[Segment]:
    """Pauses as (after the start, length), in order; they may overlap."""
    return sorted(Segment(start + after, start + after + length, "paused") for after, length in pauses)


def row(amount: int, unit: str) -> Row:
    """A policy row of such a limit."""
    return Row("any.result", "result", "any", None, (), amount, unit, "any", "SL1", False, True, 0.75)


@tried(60)
@given(calendar=calendars(), start=INSTANTS, lengths=st.lists(LENGTHS, min_size=1, max_size=6))
def test_time_between_is_the_sum_over_any_cuts(calendar: Calendar, start: int, lengths: list[int]) -> None:
    cuts = [start]
    for length in lengths:
        cuts.append(cuts[-1] + length)
    parts = [calendar.between(a, b) for a, b in pairwise(cuts)]
    assert sum(parts) == calendar.between(cuts[0], cuts[-1]) == -calendar.between(cuts[-1], cuts[0])
    assert all(0 <= part <= b - a for part, (a, b) in zip(parts, pairwise(cuts), strict=True))


@tried(60)
@given(calendar=calendars(), start=INSTANTS, few=SPANS, more=st.integers(0, 20 * HOUR), later=st.integers(0, 86_400))
def test_more_time_never_ends_sooner_and_a_later_start_never_either(
    calendar: Calendar, start: int, few: int, more: int, later: int
) -> None:
    assert calendar.add(start, few) <= calendar.add(start, few + more)
    assert calendar.add(start, few) <= calendar.add(start + later, few)
    assert calendar.end_of_working_day(start, 1) <= calendar.end_of_working_day(start + later, 1)
    assert start <= calendar.next_opening(start) < calendar.add(start, 1)
    assert start <= calendar.add_weeks(start, 1)


@tried(40)
@given(calendar=calendars(STEADY), start=INSTANTS, minutes=st.integers(1, 12 * 60))
def test_a_walk_minute_by_minute_ends_at_the_same_instant(calendar: Calendar, start: int, minutes: int) -> None:
    start -= start % 60
    walker = Walker(to_data(calendar))
    walked = walker.due(datetime.fromtimestamp(start, UTC), f"{minutes}m")
    assert walked == datetime.fromtimestamp(calendar.add(start, minutes * 60), UTC)


@tried(60)
@given(calendar=calendars(), start=INSTANTS, seconds=SPANS, pauses=PAUSES)
def test_outside_its_pauses_a_clock_has_exactly_its_limit(
    calendar: Calendar, start: int, seconds: int, pauses: list[tuple[int, int]]
) -> None:
    found = segments(start, pauses)
    due = deadline(seconds, "s", calendar, start, found)
    inside = sum(calendar.between(a, min(b, due)) for a, b in pauses_of(found, start) if a <= due)
    assert calendar.between(start, due) - inside == seconds
    assert due >= calendar.add(start, seconds)


@tried(40)
@given(calendar=calendars(), start=INSTANTS, pauses=PAUSES, n=st.integers(1, 3), unit=st.sampled_from(["wd", "w"]))
def test_days_and_weeks_move_by_the_time_of_their_pauses(
    calendar: Calendar, start: int, pauses: list[tuple[int, int]], n: int, unit: str
) -> None:
    due, found = calendar.due(start, n, unit), segments(start, pauses)
    moved = deadline(n, unit, calendar, start, found)
    counted = [(a, b) for a, b in pauses_of(found, start) if a <= moved]
    if unit == "w":
        assert moved - due == sum(b - a for a, b in counted)
    else:
        assert calendar.between(due, moved) == sum(calendar.between(a, b) for a, b in counted)


@tried(60)
@given(calendar=calendars(), start=INSTANTS, seconds=st.integers(600, 40 * HOUR))
def test_the_warning_lies_in_working_time_at_its_share_of_it(calendar: Calendar, start: int, seconds: int) -> None:
    due = calendar.add(start, seconds)
    warn = warning_point(calendar, start, due, 0.75)
    assert warn is not None
    assert calendar.between(start, warn) == seconds * 3 // 4
    assert start < warn < due
    assert calendar.between(warn - 1, warn) == 1


@tried(40)
@given(calendar=calendars(), start=INSTANTS, seconds=SPANS, pauses=PAUSES, life=st.integers(1, 20 * 86_400))
def test_the_explanation_finds_every_second_of_the_limit_again(
    calendar: Calendar, start: int, seconds: int, pauses: list[tuple[int, int]], life: int
) -> None:
    rule = row(seconds, "s")
    due = calendar.add(start, seconds)
    decision = Decision("result", "P3", True, 1, 1, "level", rule, (), start, due, None, seconds, True, False, False)
    found = segments(start, pauses)
    lines = explain(decision, calendar, now=start, segments=found, most_days=10**6)
    assert sum(line["seconds"] for line in lines if line["row"] == "counted") == seconds
    whole = [Segment(start, start + life // 2, "running"), Segment(start + life // 2, None, "paused")]
    parts = shares(rule, calendar, start, start + life, due, whole)
    assert sum(counted + lost for _place, counted, lost in parts) == life


@given(amount=st.integers(1, 10**6), unit=st.sampled_from(["s", "m", "h", "wd", "w"]))
def test_a_limit_reads_back_as_it_was_written(amount: int, unit: str) -> None:
    limit = parse_limit(f"{amount}{unit}")
    assert parse_limit(limit_text(*limit)) == limit


def test_a_walker_knows_a_night_of_two_o_clock_that_does_not_exist() -> None:
    night = Walker({"zone": "America/New_York", "week": {"sun": ["01:00-04:00"]}})
    start = datetime(2026, 3, 8, 5, 0, tzinfo=UTC)
    assert night.due(start, "2h") - start == timedelta(hours=3)
