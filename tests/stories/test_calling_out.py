"""EM2, EM10: people called out answer or are passed over; command changes hands only when it is accepted (F-44)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.identity import queries as people
from portal.incidents import actions, calling_actions, calling_queries, in_line, plans, queries
from portal.jobs.incidents import pass_calls
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Refused
from portal.notices.models import Notice
from portal.roster import absence_actions
from portal.roster import actions as roster
from tests.builders import NINE, make_person
from tests.incidents.builders import declared, ended
from tests.stories.test_incident_command import assert_replay_is_the_row, told

TEN, MINUTE = NINE + timedelta(minutes=10), timedelta(minutes=1)


def now_held(incident):
    db.session.expire_all()
    return {role: row.person for role, row in queries.incident_by_id(incident.id).held.items()}


def test_who_does_not_answer_in_time_is_passed_over_once_and_who_answers_is_not(app, engine, at, staff):
    with transaction():
        incident = declared(staff)
        calls = {c.role: c for c in incident.calls}
        calling_actions.answer(staff["head"], NINE, incident, n=calls["technical"].n)
        calling_actions.answer(staff["commander"], NINE, incident, n=calls["commander"].n)
        with pytest.raises(Forbidden):
            calling_actions.answer(staff["agent"], NINE, incident, n=calls["service"].n)
    assert pass_calls(TEN - MINUTE) == 0
    assert pass_calls(TEN + 5 * MINUTE) == 1  # the worker was away: late, once
    assert pass_calls(TEN + 5 * MINUTE) == 0
    held = now_held(incident)
    assert held["technical"] == "刘洋"
    assert held["service"] == "马晓东"  # the responder is next in the plan's line
    assert staff["responder"].id in told("incident_role")
    assert {staff["commander"].id, staff["watch"].id} <= told("incident_call_passed")
    with transaction():
        here = queries.incident_by_id(incident.id)
        with pytest.raises(Refused):
            calling_actions.by_hand(staff["watch"], TEN, here, n=1 + 1, reached=True, words="手机")
        waiting = next(c for c in here.calls if c.next_at)
        calling_actions.by_hand(staff["watch"], TEN + 6 * MINUTE, here, n=waiting.n, reached=True, words="手机接通")
    found = calling_queries.sheet(queries.incident_by_id(incident.id))
    assert (found.answered, found.needed) == (3, 2)
    assert found.calls[0].by_hand == "reached"
    assert pass_calls(TEN + 60 * MINUTE) == 0
    db.session.expire_all()
    assert_replay_is_the_row(queries.incident_by_id(incident.id))


def test_what_ended_before_a_call_was_passed_on_calls_nobody(app, at, staff):
    with transaction():
        incident = ended(staff)
    before = len(db.session.scalars(select(Notice.id)).all())
    assert pass_calls(NINE + timedelta(hours=2)) == 0
    assert not any(call.next_at for call in queries.incident_by_id(incident.id).calls)
    assert len(db.session.scalars(select(Notice.id)).all()) == before


def test_command_is_never_taken_away_by_a_call_without_an_answer(app, engine, at, staff, signed_in):
    with transaction():
        second = make_person(role="commander", unit="hq", name="钱伟", everywhere=True)
        incident = declared(staff)
    pass_calls(TEN)
    assert now_held(incident)["commander"] == "赵志远"
    stored, incoming = queries.incident_by_id(incident.id), people.actor_by_login(second.login)
    assert stored.offered["person"] == "钱伟"
    with pytest.raises(Refused), transaction():
        calling_actions.answer_offer(staff["commander"], TEN, stored, accepted=True)
    page = signed_in(incoming).get(f"/incidents/{incident.no}").text
    assert "do/command" in page
    data = {"answer": "no", "words": "在途中", "seen": ""}
    assert signed_in(incoming).post(f"/incidents/{incident.no}/do/command", data=data).status_code == 303
    assert now_held(incident)["commander"] == "赵志远"
    with transaction():
        here = queries.incident_by_id(incident.id)
        assert here.offered is None
        actions.assign_role(staff["commander"], TEN, here, role="commander", person_id=second.id, handover="板卡在途")
        assert here.commander == "赵志远"
        calling_actions.answer_offer(incoming, TEN + MINUTE, here, accepted=True)
    assert now_held(incident)["commander"] == "钱伟"
    assert staff["commander"].id in told("incident_command_taken")
    assert_replay_is_the_row(queries.incident_by_id(incident.id))


def test_when_nobody_is_left_those_who_lead_hear_it(app, at, staff):
    with transaction():
        incident = declared(staff)
    for round_ in range(1, 12):
        pass_calls(NINE + round_ * timedelta(minutes=11))
    db.session.expire_all()
    stored = queries.incident_by_id(incident.id)
    assert not any(c.next_at for c in stored.calls)
    assert [line.facts["person"] for line in queries.history(stored) if line.kind == "CallPassed"].count("") >= 1
    assert stored.commander == "赵志远"


def test_who_is_on_duty_is_called_first_and_who_is_away_last(app, engine, at, staff, signed_in):
    with transaction():
        away = make_person(role="responder", unit="hq", name="于飞", everywhere=True)
        duty = make_person(role="supervisor", unit="service", name="钱岚")
        himself, until = people.actor_by_login(away.login), NINE + timedelta(days=1)
        absence_actions.enter(
            himself, NINE, people.person(away.id), deputy_id=staff["responder"].id, begin=NINE, end=until
        )
        roster.add(
            staff["supervisor"], NINE, unit_id=people.unit_id("service"), person_id=duty.id, role="supervisor",
            kind="hotline", begin=NINE, end=NINE + 60 * MINUTE * 8,
        )  # fmt: skip
        line = in_line.lines(plans.latest(), NINE)["service"]
        incident = declared(staff)
    assert [one.standing for one in line][:: len(line) - 1] == ["duty", "away"]
    assert (line[0].name, line[-1].name) == ("钱岚", "于飞")
    pass_calls(TEN)
    assert now_held(incident)["service"] == "钱岚"
    found = {row.role: row for row in in_line.cover(plans.latest(), at())}
    assert found["service"].now == ["钱岚"]
    assert found["service"].gaps == [(NINE + 60 * MINUTE * 8, NINE + timedelta(days=7))]
    assert found["commander"].gaps == [(NINE, NINE + timedelta(days=7))]
    page = signed_in(staff["commander"]).get("/plans").text
    assert "2026-11-24 17:00 – 2026-12-01 09:00" in page
    assert "钱岚（值班）" in signed_in(staff["commander"]).get("/plans/hotline").text
