"""The picture of a case's clocks: everything inside, in order, never too thin to see, from two minutes to two years."""

import ast

from hypothesis import given
from hypothesis import strategies as st

from portal.clocks.holding import Stretch
from portal.clocks.picture import DAY, HOUR, LEFT, MOST_TICKS, RIGHT, Run, picture
from tests.house.reading import ROOT
from tests.house.test_house import impurities

T = 1_795_482_000  # 2026-11-24 09:00 in Shanghai
EIGHT_HOURS = 8 * HOUR


def run(n: int, kind: str, start: int, due: int, end: int | None, outcome: str = "running", *pauses) -> Run:
    return Run(n, kind, T + start, T + due, None if end is None else T + end, outcome, tuple(pauses))


def looks(found, lane: int = 0) -> list[tuple[str, float, float]]:
    return [(p.look, p.x, p.width) for p in found.lanes[lane].pieces]


def test_a_running_clock_has_what_ran_and_what_is_left():
    found = picture([run(1, "result", 0, 100, None)], [Stretch(T, T + 50, "running", "", 2)], T + 50)
    assert looks(found) == [("run", LEFT, 49.6), ("rest", 50.0, 49.6)]
    assert found.now == 50.0
    assert found.lanes[0].dues == ((RIGHT, False),)


def test_a_late_clock_is_red_from_its_due_instant_and_a_pause_lies_upon_it():
    late = run(1, "result", 0, 600, 1000, "missed", (T + 100, T + 200))
    found = picture([late], [], T + 5000)
    assert [(p.look, p.since - T, p.until - T) for p in found.lanes[0].pieces] == [
        ("run", 0, 600), ("bad", 600, 1000), ("pause", 100, 200),
    ]  # fmt: skip
    assert found.lanes[0].dues[0][1]
    assert found.now is None  # over: there is no now
    assert (found.low, found.high) == (T, T + 1000)


def test_a_case_of_two_minutes_and_one_of_two_years_have_readable_ticks():
    for span, step in ((120, 30), (2 * HOUR, 30 * 60), (14 * DAY, 7 * DAY), (730 * DAY, 182 * DAY)):
        found = picture([run(1, "result", 0, span, span, "met")], [], T + span, EIGHT_HOURS)
        assert found.step == step
        assert 2 <= len(found.ticks) <= MOST_TICKS + 1
        assert all((t.at + EIGHT_HOURS) % step == 0 for t in found.ticks)
    assert [t.minor for t in found.ticks][:3] == [False, True, False]


def test_an_empty_case_and_a_single_instant_are_drawn_all_the_same():
    assert picture([], [], T).lanes == ()
    at_once = picture([run(1, "acknowledgement", 0, 0, 0, "met")], [], T)
    assert looks(at_once)[0][2] > 0


def test_clocks_of_a_kind_share_a_lane_until_they_overlap():
    rounds = [run(n, "progress", n * 100, n * 100 + 500, (n + 1) * 100, "met") for n in range(40)]
    again = [run(50, "result", 0, 900, 800, "met"), run(51, "result", 0, 1500, 1200, "met")]
    found = picture(rounds + again, [], T + 4000)
    assert [(lane.kind, len(lane.runs)) for lane in found.lanes] == [("progress", 40), ("result", 1), ("result", 1)]
    many = picture([run(n, "result", 0, 900 + n, 800 + n, "met") for n in range(9)], [], T + 4000)
    assert [len(lane.runs) for lane in many.lanes] == [1, 1, 7]


def test_hours_off_are_drawn_upon_the_bar_as_far_as_they_can_be_seen():
    night, blink = (T + 300, T + 600), (T + 700, T + 701)
    found = picture([run(1, "result", 0, 1000, None)._replace(idle=(night, blink))], [], T + 400)
    assert [(p.look, p.since - T, p.until - T) for p in found.lanes[0].pieces] == [
        ("run", 0, 400), ("rest", 400, 1000), ("off", 300, 600),
    ]  # fmt: skip


def test_a_clock_that_stands_still_is_not_late_and_has_no_due_instant_yet():
    found = picture([run(1, "result", 0, 600, None, "running", (T + 500, T + 1001))], [], T + 1000)
    assert [(p.look, p.since - T, p.until - T) for p in found.lanes[0].pieces] == [
        ("run", 0, 1000),
        ("pause", 500, 1000),
    ]
    assert found.lanes[0].dues == ()


def test_a_clock_that_runs_again_this_very_second_shows_what_is_left():
    found = picture([run(1, "result", 0, 6000, None, "running", (T + 500, T + 1000))], [], T + 1000)
    assert ("rest", T + 1000, T + 6000) in [(p.look, p.since, p.until) for p in found.lanes[0].pieces]


def test_a_clock_alone_shows_what_was_left_when_it_stopped():
    found = picture([run(1, "result", 0, 600, 300, "met")], [], T + 900)
    assert found.high == T + 600
    assert found.lanes[0].dues == ((RIGHT, False),)


def test_a_cancelled_clock_is_neither_late_nor_due():
    found = picture([run(1, "result", 0, 100, 500, "cancelled")], [], T + 500)
    assert [p.look for p in found.lanes[0].pieces] == ["cut"]
    assert found.lanes[0].dues == ()


def test_departments_alternate_and_a_pause_keeps_its_shade():
    parts = [
        Stretch(T, T + 10, "running", "", 1), Stretch(T + 10, T + 20, "paused", "customer", 1),
        Stretch(T + 20, T + 30, "running", "", 2), Stretch(T + 30, T + 40, "running", "", 1),
    ]  # fmt: skip
    assert [b.shade for b in picture([], parts, T + 40).bands] == [0, 0, 1, 0]


clocks = st.builds(
    lambda n, start, limit, ran, ended: run(n, f"k{n % 4}", start, start + limit, start + ran if ended else None),
    st.integers(1, 99), st.integers(0, 10**6), st.integers(0, 10**7), st.integers(0, 10**7), st.booleans(),
)  # fmt: skip


@given(st.lists(clocks, max_size=30), st.integers(0, 3 * 10**7))
def test_everything_lies_inside_and_is_wide_enough_to_be_seen(runs, now):
    found = picture(runs, [], T + now, EIGHT_HOURS)
    places = [p for lane in found.lanes for p in lane.pieces]
    assert all(p.x >= LEFT - 0.01 and p.x + p.width <= RIGHT + 0.02 and p.width >= 0.49 for p in places)
    assert sum(len(lane.runs) for lane in found.lanes) == len(runs)
    assert len(found.ticks) <= MOST_TICKS + 1
    assert [lane.y for lane in found.lanes] == sorted({lane.y for lane in found.lanes})


def test_geometry_and_holding_are_pure():
    for path in ("portal/clocks/picture.py", "portal/clocks/holding.py"):
        assert impurities(path, ast.parse((ROOT / path).read_text(encoding="utf-8"))) == []
