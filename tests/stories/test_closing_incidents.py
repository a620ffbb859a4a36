"""EM7, EM8: what stands against the end, milestones, departments back to normal, and going on after all."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.cases.models import Case
from portal.incidents import actions, closing_actions, queries, telling
from portal.incidents.replay import rebuilt
from portal.intake.models import Draft
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Refused
from tests.builders import NINE, make_case
from tests.incidents.builders import declared, ended, ready
from tests.stories.test_incident_command import assert_replay_is_the_row, told

LATER, HOUR = NINE + timedelta(minutes=40), timedelta(hours=1)


def codes(incident):
    return [row["code"] for row in queries.doubts_of(incident)]


def test_the_gate_lists_what_stands_and_lets_through_when_nothing_does(app, engine, at, staff):
    with transaction():
        incident = ready(staff)
        assert codes(incident) == []
        case = make_case(staff["agent"])
        telling.link_cases(staff["agent"], LATER, incident, numbers=[case.no])
        n = telling.draft_announcement(
            staff["responder"], LATER, incident, text="又中断了", channels="官网", next_news=LATER + HOUR
        )
        telling.publish_announcement(staff["commander"], LATER + timedelta(minutes=1), incident, n=n)
        actions.assign_role(staff["commander"], LATER, incident, role="logistics", person_id=staff["handler"].id)
    assert codes(incident) == ["announcement", "cases", "roles"]
    why = {"cases": "逐户确认中", "announcement": "仅个别地区", "roles": "未到岗亦不需要"}
    with pytest.raises(Refused) as refused, transaction():
        actions.end(staff["commander"], LATER + HOUR, incident, statement="恢复", why=why)
    assert refused.value.code == "announcement_open"  # no reason lets it stand
    with transaction():
        here = queries.incident_by_id(incident.id)
        n = telling.draft_announcement(
            staff["responder"], LATER + HOUR, here, text="已恢复", channels="官网", restored=True
        )
        telling.publish_announcement(staff["commander"], LATER + HOUR, here, n=n)
    with pytest.raises(Invalid) as refused, transaction():
        actions.end(staff["commander"], LATER + HOUR, here, statement="恢复", why={"cases": "逐户确认中"})
    assert refused.value.facts["field"] == "why_roles"
    with transaction():
        here = queries.incident_by_id(incident.id)
        actions.end(staff["commander"], LATER + HOUR, here, statement="恢复", why=why)
    db.session.expire_all()
    stored = queries.incident_by_id(incident.id)
    assert stored.review_due_at == LATER + HOUR + timedelta(days=3)
    assert_replay_is_the_row(stored)
    assert staff["head"].id in told("incident_review") & told("incident_ended")
    assert db.session.get_one(Case, case.id).incident_id == incident.id


def test_a_milestone_keeps_what_was_noted_first_and_no_figure_is_negative(app, at, staff):
    def setting(code, moment, basis="通话记录"):
        with transaction():
            here = queries.incident_by_id(incident.id)
            closing_actions.set_milestone(staff["watch"], LATER + HOUR, here, code=code, moment=moment, basis=basis)

    with transaction():
        incident = ready(staff)
    setting("discovered", NINE - timedelta(minutes=2))
    row = next(m for m in incident.milestones if m.code == "discovered")
    assert (row.at, row.first_at) == (NINE - timedelta(minutes=2), NINE)
    for code, moment, refusal in (
        ("discovered", NINE + HOUR, "milestone_order"),
        ("restored", NINE - HOUR, "milestone_order"),
        ("restored", NINE + timedelta(days=1), "milestone_ahead"),
        ("closed", NINE, "not_on_scale"),
    ):
        with pytest.raises(Invalid) as refused:
            setting(code, moment)
        assert refused.value.code == refusal
    assert_replay_is_the_row(queries.incident_by_id(incident.id))


def test_every_department_answers_for_itself_once(app, engine, at, staff):
    with transaction():
        incident = ended(staff)
    tech = next(b for b in incident.back if b.unit_id == staff["head"].unit_id)
    other = next(b for b in incident.back if b.unit_id != tech.unit_id)
    assert {b.answered_at for b in incident.back} == {None}
    with pytest.raises(Forbidden), transaction():
        closing_actions.confirm_back(staff["head"], NINE + 2 * HOUR, incident, unit_id=other.unit_id)
    for _ in range(2):
        with transaction():
            here = queries.incident_by_id(incident.id)
            closing_actions.confirm_back(staff["head"], NINE + 2 * HOUR, here, unit_id=tech.unit_id, note="正常")
    db.session.expire_all()
    stored = queries.incident_by_id(incident.id)
    answered = [b for b in stored.back if b.answered_at]
    assert [(b.unit_id, b.person_id, b.note) for b in answered] == [(tech.unit_id, staff["head"].id, "正常")]
    assert [line.kind for line in queries.history(stored)].count("DepartmentBack") == 1
    assert_replay_is_the_row(stored)


def test_going_on_needs_a_reason_and_begins_the_conditions_anew(app, engine, at, staff, signed_in):
    with transaction():
        incident = ended(staff)
        with pytest.raises(Invalid):
            closing_actions.reopen(staff["commander"], NINE + 2 * HOUR, incident, reason=" ")
        closing_actions.reopen(staff["commander"], NINE + 2 * HOUR, incident, reason="再次中断")
    db.session.expire_all()
    stored = queries.incident_by_id(incident.id)
    assert (stored.state, stored.ended_at, stored.outcome, stored.back) == ("active", None, "", [])
    assert {c["state"] for c in stored.criteria} == {"open"}
    assert stored.next_report_at == NINE + 3 * HOUR
    assert "closed" not in {m.code for m in stored.milestones}
    assert staff["service_head"].id in told("incident_reopened")
    with pytest.raises(Refused), transaction():
        closing_actions.reopen(staff["commander"], NINE + 3 * HOUR, stored, reason="再次")
    with transaction():
        here = queries.incident_by_id(incident.id)
        for criterion in here.criteria:
            telling.settle_criterion(staff["responder"], NINE + 4 * HOUR, here, code=criterion["code"], how="已核实")
        why = dict.fromkeys(codes(here), "余下转日常")
        actions.end(staff["commander"], NINE + 4 * HOUR, here, statement="恢复", why=why)
    db.session.expire_all()
    assert_replay_is_the_row(queries.incident_by_id(incident.id))
    board = signed_in(staff["head"]).get(f"/incidents/{incident.no}").text
    assert "do/back" in board
    assert "do/reopen" not in board
    answer = signed_in(staff["head"]).post(
        f"/incidents/{incident.no}/do/back", data={"unit": staff["head"].unit_id, "note": ""}
    )
    assert answer.status_code == 303


def test_an_end_spelled_as_it_was_once_still_replays(app, engine, at, staff, signed_in):
    with transaction():
        incident = declared(staff)
        doubts = [{"code": "tasks", "tasks": [1]}, {"code": "roles", "roles": ["service"]}]
        old = {"statement": "恢复", "open_tasks": [1], "doubts": doubts, "anyway": "余下转日常"}
        stream.append(incident.stream, "Ended", old, by_id=staff["commander"].id, at=NINE + HOUR)
    again = rebuilt(stream.read(incident.stream))
    assert (again.state, again.ended_at) == ("ended", NINE + HOUR)
    at(NINE + 2 * HOUR)
    page = signed_in(staff["commander"]).get(f"/incidents/{incident.no}/at?time=2026-11-24T10:30").text
    assert page.count("仍然结束的理由：余下转日常") == 2


def test_the_end_settles_its_conditions_in_one_form_and_keeps_what_is_typed(app, engine, at, staff, signed_in):
    with transaction():
        incident = declared(staff)
        no = incident.no
    at(hours=1)
    client, way = signed_in(staff["commander"]), f"/incidents/{no}/do/end"
    page = client.get(way).text
    conditions = sorted(set(re.findall(r'name="(how_[a-z_]+)"', page)))
    assert len(conditions) == len(incident.criteria)
    assert "结束条件尚未落实" in page
    data = {"seen": re.search(r'name="seen"[^>]*value="(\d+)"', page)[1], "statement": "已恢复，逐户回访"}
    refused = client.post(way, data=data)
    assert refused.status_code == 422
    assert refused.text.count("请填写如何查明") == len(conditions)
    assert "已恢复，逐户回访" in refused.text
    assert client.post(f"/incidents/{no}/draft/end", data=data | {conditions[0]: "看过监控"}).status_code == 200
    again = client.get(way).text  # the author finds it all, nobody else does
    assert "已恢复，逐户回访" in again
    assert "看过监控" in again
    assert "已恢复，逐户回访" not in signed_in(staff["supervisor"]).get(way).text
    whys = dict.fromkeys(re.findall(r'name="(why_[a-z_]+)"', page), "随后处理")
    waived = {conditions[-1].replace("how_", "off_"): "y"}
    done = client.post(way, data=data | dict.fromkeys(conditions, "已逐项核实") | whys | waived)
    assert done.status_code == 303
    db.session.expire_all()
    stored = queries.incident_by_no(staff["commander"], no)
    assert stored.outcome == "ended"
    assert sorted({c["state"] for c in stored.criteria}) == ["met", "waived"]
    assert db.session.scalar(select(func.count()).select_from(Draft)) == 0
    assert_replay_is_the_row(stored)
