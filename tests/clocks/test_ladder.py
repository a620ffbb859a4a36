"""SL8: the ladder as policy data, and when each of its steps falls."""

from copy import deepcopy
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portal.clocks.ladder import PolicyRefused, Reached, Standing, limit_of, load_ladder, next_instant, reached, shipped
from portal.clocks.policy import load_policy
from portal.clocks.seed import seeded_calendars, seeded_policy

CALENDARS = seeded_calendars()
ALWAYS, OFFICE = CALENDARS["always"], CALENDARS["cn-business"]
LADDER = load_ladder(None)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


def standing(level: str = "P2", told: int = 0, *, due: str = "2026-11-24 13:00", **changes: Any) -> Standing:
    """A limit of four hours that began at nine; the warning came at noon."""
    facts = {"warn": at("2026-11-24 12:00"), "due": at(due), "limit": 4 * 3600, "answer_by": None}
    return Standing(level, told, **(facts | changes))


@pytest.mark.parametrize(
    ("level", "told", "when"),
    [
        ("P2", 0, "2026-11-24 12:00"),
        ("P2", 1, "2026-11-24 13:00"),
        ("P2", 2, "2026-11-24 14:00"),
        ("P2", 3, "2026-11-24 17:00"),
        ("P1", 2, "2026-11-24 13:15"),
        ("P1", 3, "2026-11-24 13:30"),
    ],
)
def test_the_shipped_steps_fall_where_the_rule_says(level, told, when):
    clock = standing(level, told)
    assert next_instant(LADDER, clock, ALWAYS, OFFICE) == at(when)
    assert reached(LADDER, clock, at(when) - 1, ALWAYS, OFFICE) is None
    assert reached(LADDER, clock, at(when), ALWAYS, OFFICE) == Reached(told + 1, at(when), False)


def test_after_the_last_step_there_is_nothing_more():
    assert next_instant(LADDER, standing("P1", 4, answer_by=1), ALWAYS, OFFICE) is None
    assert reached(LADDER, standing("P1", 4, answer_by=1), at("2027-01-01 09:00"), ALWAYS, OFFICE) is None


def test_later_steps_count_working_time_of_the_clocks_own_calendar():
    clock = standing("P3", 2, due="2026-11-24 17:00", limit=8 * 3600)
    assert next_instant(LADDER, clock, OFFICE, OFFICE) == at("2026-11-25 10:00")
    assert next_instant(LADDER, clock._replace(told_step=3), OFFICE, OFFICE) == at("2026-11-25 17:00")


def test_limits_of_seconds_do_not_tell_everybody_at_once():
    clock = standing("P2", 0, warn=None, limit=20)
    assert reached(LADDER, clock, clock.due + 30, ALWAYS, OFFICE) == Reached(2, clock.due, False)
    assert next_instant(LADDER, clock._replace(told_step=2), ALWAYS, OFFICE) == clock.due + 60


def test_days_and_weeks_are_budgets_in_working_time():
    assert limit_of(900, "s", 0, ALWAYS) == 900
    assert limit_of(1, "wd", at("2026-11-24 17:00"), OFFICE) == 9 * 3600
    assert limit_of(1, "w", at("2026-11-24 09:00"), ALWAYS) == 7 * 86_400
    assert limit_of(0, "contact", at("2026-11-24 09:00"), ALWAYS) == 0


@pytest.mark.parametrize(
    ("level", "warn", "told_at"),
    [
        ("P3", "2026-11-24 10:00", "2026-11-24 10:00"),
        ("P3", "2026-11-24 12:30", "2026-11-24 13:00"),
        ("P4", "2026-11-24 21:00", "2026-11-25 09:00"),
        ("P3", "2026-11-28 11:00", "2026-11-30 09:00"),
        ("P2", "2026-11-24 21:00", "2026-11-24 21:00"),
    ],
)
def test_warnings_of_p3_and_p4_wait_for_the_next_opening(level, warn, told_at):
    clock = standing(level, due="2026-12-20 10:00", warn=at(warn))
    assert next_instant(LADDER, clock, ALWAYS, OFFICE) == at(told_at)


def test_a_warning_that_waits_past_the_due_instant_is_told_with_it():
    clock = standing("P3", due="2026-11-24 23:00", warn=at("2026-11-24 21:00"))
    assert next_instant(LADDER, clock, ALWAYS, OFFICE) == at("2026-11-24 23:00")
    assert reached(LADDER, clock, at("2026-11-24 23:00"), ALWAYS, OFFICE) == Reached(2, clock.due, False)


def test_quiet_hours_wider_than_the_night_hold_even_in_working_time():
    data = deepcopy(shipped())
    data["quiet"] |= {"from": "17:00", "until": "10:00"}
    ladder = load_ladder(data)
    assert ladder.opening(at("2026-11-24 17:30"), OFFICE) == at("2026-11-25 10:00")
    assert ladder.opening(at("2026-11-24 09:30"), OFFICE) == at("2026-11-24 10:00")
    data["quiet"] |= {"from": "10:00", "until": "11:00"}
    assert load_ladder(data).opening(at("2026-11-24 10:30"), OFFICE) == at("2026-11-24 11:00")


@pytest.mark.parametrize(
    ("level", "until"), [("P1", "2026-11-24 17:35"), ("P2", "2026-11-24 17:45"), ("P3", "2026-11-25 10:30")]
)
def test_what_nobody_acknowledges_is_passed_on(level, until):
    answer_by = LADDER.answer_by(level, 1, at("2026-11-24 17:30"), OFFICE)
    assert answer_by == at(until)
    clock = standing(level, 1, due="2026-12-20 10:00", answer_by=answer_by)
    assert next_instant(LADDER, clock, ALWAYS, OFFICE) == at(until)
    assert reached(LADDER, clock, at(until), ALWAYS, OFFICE) == Reached(2, at(until), True)
    assert LADDER.answer_by(level, 4, at(until), OFFICE) is None


def test_a_policy_without_a_ladder_uses_the_shipped_one():
    data = seeded_policy()
    del data["ladder"]
    assert load_policy(data).ladder == load_policy(seeded_policy()).ladder == LADDER


def changed(path: str, value: Any) -> dict[str, Any]:
    """The shipped ladder with one place changed."""
    data = deepcopy(shipped())
    *way, last = path.split(".")
    here: Any = data
    for part in way:
        here = here[int(part)] if part.isdigit() else here[part]
    here[int(last) if last.isdigit() else last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("steps", [], "ladder_begins_otherwise"),
        ("steps.0.at", "due", "ladder_begins_otherwise"),
        ("steps.3.at", "warn", "ladder_begins_otherwise"),
        ("steps.2.to", [], "ladder_nobody"),
        ("steps.2.to", ["the cat"], "ladder_role_unknown"),
        ("steps.2.share", 0, "ladder_step_not_positive"),
        ("steps.2.minutes", {"P1": -1}, "ladder_step_not_positive"),
        ("steps.2.minutes", {"P9": 15}, "ladder_level_unknown"),
        ("steps.3.minutes", {"P1": 15}, "ladder_not_in_order"),
        ("steps.3.minutes", {}, "ladder_not_in_order"),
        ("steps.3.share", 0.25, "ladder_not_in_order"),
        ("acknowledge.P2", {"minutes": 0}, "ladder_answer_bad"),
        ("acknowledge.P7", {"minutes": 5}, "ladder_answer_bad"),
        ("quiet.levels", ["P0"], "ladder_quiet_bad"),
        ("quiet.from", "evening", "ladder_quiet_bad"),
        ("quiet.from", "25:00", "ladder_quiet_bad"),
    ],
)
def test_nonsense_is_refused_by_name(path, value, code):
    with pytest.raises(PolicyRefused) as refusal:
        load_ladder(changed(path, value))
    assert refusal.value.code == code
