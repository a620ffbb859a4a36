"""SL10: a draft is tried on past cases; before and after are counted by hand here."""

import json
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from portal.cases import actions as cases
from portal.clocks import book, policy_command, tryout_queries
from portal.clocks import calendar as calendars_
from portal.clocks import policy_actions as deeds
from portal.clocks.models import CalendarVersion
from portal.clocks.policy import load_policy
from portal.clocks.policy_drafts import Cell
from portal.clocks.seed import seeded_calendars, seeded_policy
from portal.clocks.tryout import KEPT, Past, Tally, Trial, said, tally_from_data
from portal.collaboration import actions as together
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid, Missing
from tests import builders
from tests.builders import NINE

CALENDARS = seeded_calendars()
OWN = {row.id: row for row in load_policy(seeded_policy()).rows}
HOUR = 3600


def at(moment: str) -> int:
    return int(datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


def past(**changes: Any) -> Past:
    """A judged P2 result: received Tuesday 09:00, 24 hours, told after twenty."""
    usual: dict[str, Any] = {
        "no": "CS2611-0001", "channel": "app", "urgent": False, "complexity": "simple",
        "received": at("2026-11-24 09:00"), "customer_class": "person", "request_type": "fault", "kind": "result",
        "later": False, "policy_version": 1, "rule": "P2.result", "calendar": "always", "calendar_version": 1,
        "amount": 24 * HOUR, "limit_unit": "s", "pausable": True, "level": "P2", "judged": True, "unit": 3,
        "started": at("2026-11-24 09:00"), "due": at("2026-11-25 09:00"), "paused": None,
        "stopped": at("2026-11-25 05:00"), "dropped": False, "ended": False,
    }  # fmt: skip
    return Past(**usual | changes)


def trial(now: str = "2026-12-31 00:00", **limits: tuple[int, str] | None) -> Trial:
    """A trial of the shipped policy with some limits changed (`P2_result=(3600, "s")`) or taken away (None)."""
    data = deepcopy(seeded_policy())
    for row in data["rows"]:
        new = limits.get(row["id"].replace(".", "_"), row)
        if new is None:
            row["off"] = True
        elif isinstance(new, tuple):
            row["amount"], row["unit"] = new
    return Trial(load_policy(data), lambda _: CALENDARS, lambda p: CALENDARS[p.calendar], lambda _: OWN, at(now))


def test_a_shorter_limit_turns_met_into_missed():
    tally = Tally()
    trial(P2_result=(12 * HOUR, "s")).count([past(), past(stopped=at("2026-11-24 20:00"))], tally)
    (share,) = tally.shares()
    assert (share.n_before, share.met_before, share.n_after, share.met_after) == (2, 2, 2, 1)
    assert (share.before, share.after) == (100.0, 50.0)
    (change,) = tally.changes
    assert (change.before, change.after, change.new_due) == ("met", "missed", at("2026-11-24 21:00"))


def test_a_longer_limit_turns_missed_into_met_at_the_second():
    tried = trial(P2_result=(30 * HOUR, "s"))
    late = past(stopped=at("2026-11-25 15:00"))
    assert (said(late, late.due, tried.now), said(late, tried.due(late), tried.now)) == ("missed", "met")
    later = past(stopped=at("2026-11-25 15:00") + 1)
    assert said(later, tried.due(later), tried.now) == "missed"


def test_a_pause_moves_the_new_due_instant_as_it_moved_the_old_one():
    """Six hours paused: 24 h end at 15:00 next day, 12 h at 03:00."""
    stop = ((at("2026-11-24 10:00"), at("2026-11-24 16:00"), "paused", "paused"),)
    one = past(due=at("2026-11-25 15:00"), stopped=at("2026-11-25 04:00"), pauses=stop)
    assert trial(P2_result=(24 * HOUR, "s")).due(one) == one.due
    assert trial(P2_result=(12 * HOUR, "s")).due(one) == at("2026-11-25 03:00")


def test_a_pause_that_came_after_the_new_due_instant_cures_nothing():
    stop = ((at("2026-11-24 20:00"), at("2026-11-24 22:00"), "paused", "paused"),)
    one = past(due=at("2026-11-25 11:00"), pauses=stop)
    assert trial(P2_result=(10 * HOUR, "s")).due(one) == at("2026-11-24 19:00")


def test_working_days_are_counted_on_the_calendar_of_the_row():
    one = past(kind="result", level="P3", rule="P3.result", calendar="cn-business", amount=1, limit_unit="wd",
               due=at("2026-11-25 18:00"))  # fmt: skip
    assert trial().due(one) == one.due
    assert trial(P3_result=(3, "wd")).due(one) == at("2026-11-27 18:00")
    assert trial(P3_result=(2 * HOUR, "s")).due(one) == at("2026-11-24 11:00")


def test_what_a_change_of_situation_moved_stays_as_it_was():
    moved = past(due=at("2026-11-24 20:00"), stopped=at("2026-11-24 21:00"))
    tried, tally = trial(P2_result=(40 * HOUR, "s")), Tally()
    assert tried.due(moved) == KEPT
    tried.count([moved], tally)
    assert (tally.kept, tally.changed, [(s.met_before, s.met_after) for s in tally.shares()]) == (1, 0, [(0, 0)])


def test_a_limit_that_the_draft_takes_away_is_not_counted_after():
    one = past(kind="start_of_work", rule="P2.start_of_work", amount=4 * HOUR, pausable=False,
               due=at("2026-11-24 13:00"), stopped=at("2026-11-24 14:00"))  # fmt: skip
    tally = Tally()
    trial(P2_start_of_work=None).count([one], tally)
    (share,) = tally.shares("kind")
    assert (share.name, share.n_before, share.met_before, share.n_after, share.after) == (
        "start_of_work", 1, 0, 0, None,
    )  # fmt: skip
    assert (tally.changed, tally.changes) == (0, [])


def test_a_running_limit_counts_once_it_is_late_and_a_dropped_one_never():
    tried = trial("2026-11-24 22:00", P2_result=(12 * HOUR, "s"))
    running, tally = past(stopped=None), Tally()
    tried.count([running, past(dropped=True), past(stopped=None, paused=at("2026-11-24 10:00"))], tally)
    assert [(c.before, c.after) for c in tally.changes] == [(None, "missed")]
    assert sum(tally.counts.values()) == 1


def test_a_limit_that_ended_with_its_case_is_missed_or_not_counted_but_never_met():
    ended = past(ended=True, stopped=at("2026-11-25 05:00"))
    assert said(ended, at("2026-11-25 05:00"), 0) is None
    assert said(ended, at("2026-11-25 04:59"), 0) == "missed"


def test_tallies_survive_a_journey_through_the_browser():
    tally = Tally(cases=2)
    trial(P2_result=(12 * HOUR, "s")).count([past(), past(stopped=None)], tally)
    assert tally_from_data(json.loads(json.dumps(tally.to_data()))) == tally
    for bad in ({}, {"counts": 1}, tally.to_data() | {"counts": [[{}, 1, 1, 1, 1, 1, 1]]}):
        with pytest.raises((ValueError, TypeError, KeyError)):
            tally_from_data(bad)


# on a store --------------------------------------------------------------------------------------------------------


def answered(staff, minutes: int, level: str = "P3", **changes: Any) -> str:
    """The number of a case to which a person replied after so many minutes."""
    with transaction():
        case = builders.judged_case(
            staff["agent"], staff["supervisor"], level=level, channel="app", unit="tech", now=NINE, **changes
        )
        together.claim(staff["handler"], NINE + timedelta(minutes=1), case)
        cases.contact(staff["handler"], NINE + timedelta(minutes=minutes), case, direction="out", means="phone",
                      reached=True, words="已与客户通话核实现象")  # fmt: skip
        return str(case.no)


def draft_with(staff, row: str, limit: str, calendar: str = "cn-business") -> int:
    with transaction():
        number = deeds.open_draft(staff["admin"], NINE, "试算").version
    with transaction():
        deeds.change_cell(staff["admin"], NINE, number, row, Cell(limit, calendar, 75, "SL1 level table", False))
    return number


def tried(version: int, **more: Any) -> Tally:
    span = tryout_queries.span_of("2026-11-24", "2026-11-24")
    return tryout_queries.whole(tryout_queries.trial(book.policy(version), NINE + timedelta(hours=3), **more), span)


@pytest.mark.usefixtures("engine")
def test_a_draft_of_one_hour_is_tried_on_the_cases_of_a_day(app, at, staff):
    """First responses after 30, 60, 61 and 119 minutes: four of four within two hours, two of four within one."""
    numbers = [answered(staff, minutes) for minutes in (30, 60, 61, 119)]
    with transaction():
        builders.make_case(staff["agent"], NINE + timedelta(days=1), channel="app")
    tally = tried(draft_with(staff, "P3.first_response", "1h"))
    share = next(s for s in tally.shares("kind") if s.name == "first_response")
    assert (share.n_before, share.met_before, share.n_after, share.met_after) == (4, 4, 4, 2)
    assert [(c.no, c.kind, c.before, c.after) for c in tally.changes] == [
        (numbers[2], "first_response", "met", "missed"), (numbers[3], "first_response", "met", "missed"),
    ]  # fmt: skip
    assert (tally.cases, tally.kept) == (4, 0)


def test_a_trial_writes_nothing_and_parts_add_up_to_the_whole(app, at, staff):
    for minutes in (30, 90, 119):
        answered(staff, minutes)
    version = draft_with(staff, "P3.first_response", "1h")
    before = [tuple(row) for row in db.session.execute(text("SELECT * FROM clock"))]
    whole, parts = tried(version), Tally()
    span = tryout_queries.span_of("2026-11-24", "2026-11-24")
    trial_, after = tryout_queries.trial(book.policy(version), NINE + timedelta(hours=3)), 0
    while after is not None:
        after = tryout_queries.step(trial_, span, after, parts, most=2)
    assert parts == whole
    assert tryout_queries.how_many(span) == whole.cases == 3
    assert [tuple(row) for row in db.session.execute(text("SELECT * FROM clock"))] == before


def test_drills_void_and_merged_cases_are_left_out(app, at, staff):
    number = answered(staff, 90)
    with transaction():
        gone = builders.make_case(staff["agent"], NINE, channel="app")
        cases.void(staff["supervisor"], NINE, gone, reason="打错电话")
        db.session.execute(text("UPDATE cases SET exercise = :yes WHERE no <> :no AND state <> 'void'"),
                           {"yes": True, "no": number})  # fmt: skip
    assert tried(draft_with(staff, "P3.first_response", "1h")).cases == 1


def test_another_version_of_the_calendar_is_tried_like_a_policy(app, at, staff):
    """The morning becomes free time: two working hours from 09:00 end at 15:00, and 125 minutes are in time."""
    answered(staff, 125)
    data = calendars_.to_data(CALENDARS["cn-business"])
    week = {day: [hours for hours in spans if hours >= "12"] for day, spans in data["week"].items()}
    with transaction():
        db.session.add(
            CalendarVersion(
                code="cn-business", version=2, effective_from=NINE, data=data | {"week": week, "version": 2}
            )
        )
    assert tried(1).changed == 0
    tally = tried(1, instead={"cn-business": 2})
    assert ("first_response", "missed", "met") in {(c.kind, c.before, c.after) for c in tally.changes}
    with pytest.raises(Missing):
        tried(1, instead={"cn-business": 9})


@pytest.mark.parametrize(("first", "last"), [("2026-07-02", "2026-07-01"), ("soon", "2026-07-01"), ("", "")])
def test_a_period_that_is_none_is_refused(first, last):
    with pytest.raises(Invalid) as refusal:
        tryout_queries.span_of(first, last)
    assert refusal.value.code == "policy_period_bad"


def test_the_command_prints_figures_for_people_and_programs(app, at, staff):
    at(hours=3)
    number = answered(staff, 119)
    version = draft_with(staff, "P3.first_response", "1h")
    words = ["try", str(version), "--from", "2026-11-24", "--to", "2026-11-24"]
    plain = CliRunner().invoke(policy_command.policy, words)
    assert plain.exit_code == 0
    assert number in plain.output
    figures = json.loads(CliRunner().invoke(policy_command.policy, [*words, "--json"]).output)
    (level,) = figures["level"]
    assert (level["name"], figures["cases"], figures["changed"]) == ("P3", 1, 1)
    assert level["met_before"] - level["met_after"] == 1
    assert figures["changes"][0]["no"] == number
    with pytest.raises(Invalid):
        policy_command.named(["cn-business"])
