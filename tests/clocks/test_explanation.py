"""A deadline explains itself: every second of the limit is found again in the lines."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.clocks.explanation import shares
from portal.clocks.rules import Decision, Facts, Segment, decide, explain, load_policy
from portal.clocks.seed import seeded_calendars, seeded_policy

CALENDARS = seeded_calendars()
POLICY = load_policy(seeded_policy())


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


def decided(kind: str, received: str, **changes: Any) -> Decision:
    usual: dict[str, Any] = {"channel": "email", "level": "P3", "proposed_level": None, "urgent": False}
    case = Facts(**usual | {"complexity": "simple", "received": at(received)} | changes)
    decision = decide(POLICY, CALENDARS, kind, case, case.received)
    assert decision is not None
    return decision


def lines_of(decision: Decision, now: str, **more: Any) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    calendar = CALENDARS[decision.winner.calendar]
    for line in explain(decision, calendar, now=at(now), **more):
        found.setdefault(line["row"], []).append(line)
    return found


def test_two_hours_over_the_national_day_week_name_days_holidays_and_the_rule_that_lost() -> None:
    decision = decided("first_response", "2026-09-30 16:30", channel="voicemail", level="P3")
    lines = lines_of(decision, "2026-09-30 16:40")
    assert lines["start"][0]["at"] == at("2026-09-30 16:30")
    assert lines["rule"][0]["id"] == "voicemail.first_response"
    assert lines["rule"][0]["house"]
    assert lines["due"][0]["at"] == at("2026-09-30 17:00")
    assert [(row["id"], row["due"]) for row in lines["lost"]] == [("P3.first_response", at("2026-10-08 09:30"))]
    assert lines["verdict"][0]["state"] == "ok"


def test_counted_seconds_add_up_to_the_limit_and_a_pause_is_left_out() -> None:
    decision = decided("first_response", "2026-10-09 17:00", channel="hotline", level="P4")
    assert decision.winner.unit == "wd"
    p3 = decided("judgement", "2026-09-30 16:30", level="P3")
    pause = Segment(at("2026-09-30 17:00"), at("2026-09-30 17:30"), "paused", "waiting")
    lines = lines_of(p3, "2026-10-08 11:00", segments=[pause])
    assert [(row["date"], row["seconds"]) for row in lines["counted"]] == [
        ("2026-09-30", 3600),
        ("2026-10-08", 3600),
    ]
    assert len(lines["counted"][0]["spans"]) == 2
    assert lines["pause"] == [
        {"row": "pause", "from": pause.since, "to": pause.until, "seconds": 1800, "reason": "waiting"}
    ]
    assert [day["name"] for day in lines["holidays"][0]["days"]] == ["国庆节"] * 7
    assert lines["due"][0]["at"] == at("2026-10-08 10:00")
    assert lines["verdict"][0] == {
        "row": "verdict",
        "state": "late",
        "at": at("2026-10-08 11:00"),
        "late_seconds": 3600,
    }


def test_working_days_are_numbered() -> None:
    decision = decided("first_response", "2026-10-09 17:00", level="P4")
    numbered = [(row["n"], row["date"]) for row in lines_of(decision, "2026-10-09 17:00")["working_day"]]
    assert numbered == [(1, "2026-10-10"), (2, "2026-10-12"), (3, "2026-10-13")]


def test_a_long_way_shows_its_first_and_last_days() -> None:
    decision = decided("confirmation", "2026-11-23 10:00")
    lines = lines_of(decision, "2026-11-23 10:00", most_days=4)
    assert [row["n"] for row in lines["working_day"]] == [1, 2, 4, 5]
    assert lines["more"][0]["days"] == 1


def test_a_pause_begun_after_the_due_instant_cures_nothing() -> None:
    decision = decided("result", "2026-10-09 10:00", level="P2")
    late = Segment(at("2026-10-10 12:00"), at("2026-10-10 13:00"), "paused", "waiting")
    lines = lines_of(decision, "2026-10-10 14:00", segments=[late])
    assert lines["due"][0]["at"] == decision.due
    assert lines["pause"][0]["seconds"] == 0


def test_weeks_count_no_single_days() -> None:
    lines = lines_of(
        decided("result", "2026-10-09 10:00", level="P4"), "2026-10-09 10:00", stopped=at("2026-10-23 10:00")
    )
    assert "counted" not in lines
    assert lines["verdict"][0]["state"] == "met"


def test_what_came_after_the_clock_stopped_moved_nothing() -> None:
    decision = decided("result", "2026-10-09 10:00", level="P2")
    before = Segment(at("2026-10-09 12:00"), at("2026-10-09 14:00"), "paused", "customer")
    between = Segment(at("2026-10-09 14:00"), at("2026-10-09 17:00"), "running")
    after = Segment(at("2026-10-09 17:00"), at("2026-10-09 20:00"), "paused", "told")
    stopped = at("2026-10-09 17:00")
    lines = lines_of(decision, "2026-10-12 10:00", stopped=stopped, segments=[before, between, after])
    assert lines["due"][0]["at"] == decision.due + 2 * 3600
    assert [row["seconds"] for row in lines["pause"]] == [7200]


def test_a_clock_that_stopped_in_a_pause_was_not_moved_by_it() -> None:
    decision = decided("answer", "2026-10-09 10:00")
    waiting = Segment(at("2026-10-09 12:00"), at("2026-10-09 18:00"), "paused", "customer")
    for stopped, paused in (("2026-10-09 15:00", None), ("2026-10-09 18:00", at("2026-10-09 12:00"))):
        lines = lines_of(decision, "2026-10-12 10:00", stopped=at(stopped), paused=paused, segments=[waiting])
        assert lines["due"][0]["at"] == decision.due


def test_every_second_of_a_clocks_life_is_counted_or_not() -> None:
    decision = decided("result", "2026-09-30 16:00", level="P3")
    stretches = [
        Segment(at("2026-09-30 16:10"), at("2026-09-30 17:00"), "running"),
        Segment(at("2026-09-30 17:00"), at("2026-10-08 10:00"), "paused", "customer"),
        Segment(at("2026-10-08 10:00"), None, "running"),
    ]
    end = at("2026-10-08 14:00")
    found = shares(decision.winner, CALENDARS["cn-business"], decision.start, end, decision.due, stretches)
    assert found == [(0, 3600, 0), (1, 0, 7 * 86_400 + 17 * 3600), (2, 3 * 3600, 3600)]
    assert sum(counted + lost for _, counted, lost in found) == end - decision.start
