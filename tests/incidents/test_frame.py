"""The frame of open pages follows incidents; boards stand what happens to people and to very many cases."""

import pytest

from portal.identity import actions as people_actions
from portal.identity import queries as people
from portal.identity.models import Person
from portal.identity.role_actions import end_role
from portal.incidents import (
    actions,
    plan_actions,
    plan_drafts,
    plans,
    queries,
    review_actions,
    telling,
)
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden
from portal.reports.emergencies import measures
from portal.reports.quarterly import quarter_span
from tests.builders import NINE, make_case, make_person
from tests.conftest import HTMX
from tests.incidents.builders import WHY, declared, ended, settled


def test_open_pages_hear_that_an_incident_runs_and_draw_it(app, at, staff, signed_in):
    browser = signed_in(staff["agent"])
    assert 'data-mark="0"' in browser.get("/desk").text
    assert "X-Alarm" not in browser.get("/clock", headers={"HX-PTag": "x"}).headers
    with transaction():
        incident = settled(staff, title="机房断电")
    mark = browser.get("/clock", headers={"HX-PTag": "x"}).headers["X-Alarm"]
    assert "机房断电" in browser.get("/alarms", headers=HTMX).text
    assert f'data-mark="{mark}"' in browser.get("/desk").text
    with transaction():
        actions.end(staff["commander"], NINE, queries.incident_by_id(incident.id), statement="恢复", why=WHY)
    assert "X-Alarm" not in browser.get("/clock", headers={"HX-PTag": "x"}).headers
    assert browser.get("/alarms", headers=HTMX).text.strip() == ""
    assert app.test_client().get("/alarms").status_code == 302


def test_whoever_leaves_while_holding_a_role_is_named_on_the_board(app, at, staff, signed_in):
    with transaction():
        incident = declared(staff)
        people_actions.set_active(staff["admin"], NINE, db.session.get_one(Person, staff["head"].id), False)
    board = signed_in(staff["commander"]).get(f"/incidents/{incident.no}").text
    assert "已离岗" in board
    with transaction():
        here = queries.incident_by_id(incident.id)
        actions.assign_role(staff["watch"], NINE, here, role="technical", person_id=staff["handler"].id)
    assert "已离岗" not in signed_in(staff["commander"]).get(f"/incidents/{incident.no}").text


def test_a_commander_whose_role_ended_is_named_and_another_takes_over(app, engine, at, staff, signed_in):
    """The right to command is taken away while held: the old one commands no more, exactly one commander remains."""
    with transaction():
        second = make_person(role="commander", unit="hq", name="钱伟", everywhere=True)
        incident = declared(staff)
        held = db.session.get_one(Person, staff["commander"].id)
        end_role(staff["admin"], NINE, held, "commander", None)
    board = signed_in(staff["watch"]).get(f"/incidents/{incident.no}").text
    assert ("已离岗" in board, held.name in board) == (True, True)
    former = people.actor_by_login(held.login)
    with pytest.raises(Forbidden), transaction():
        actions.end(former, NINE, queries.incident_by_id(incident.id), statement="恢复", why=WHY)
    with transaction():
        here = queries.incident_by_id(incident.id)
        incoming = people.actor_by_login(second.login)
        actions.assign_role(incoming, NINE, here, role="commander", person_id=second.id, handover="原指挥已调离")
    db.session.expire_all()
    rows = [row for row in queries.incident_by_id(incident.id).roles if row.role == "commander" and not row.until_at]
    assert [row.person for row in rows] == ["钱伟"]


def test_a_role_that_a_newer_plan_has_not_stays_with_the_incidents_that_run(app, at, staff, signed_in):
    with transaction():
        incident = declared(staff)
        watch = staff["watch"]
        draft = plan_actions.open_draft(watch, NINE)

        def change(data):
            data = plan_drafts.without_row(data, "role", "all", "service")
            for place in ("all", *(one["code"] for one in data["class"])):
                for row in plan_drafts.rows(data, "task", place):
                    if row["role"] == "service":
                        data = plan_drafts.with_row(data, "task", place, row["code"], row | {"role": "technical"})
            return data

        plan_actions.write(watch, NINE, draft.version, draft.revision, change)
        plan_actions.hand_in(watch, NINE, draft.version, "精简小组")
        plan_actions.approve(staff["commander"], NINE, draft.version)
    assert "service" not in plans.latest().roles
    assert "客服应急处理小组组长" in signed_in(staff["commander"]).get(f"/incidents/{incident.no}").text
    with transaction():
        here = queries.incident_by_id(incident.id)
        actions.assign_role(staff["watch"], NINE, here, role="service", person_id=staff["supervisor"].id)
    assert queries.incident_by_id(incident.id).held["service"].person_id == staff["supervisor"].id


def test_very_many_linked_cases_are_one_short_line(app, at, staff, signed_in):
    with transaction():
        incident = declared(staff)
        numbers = [make_case(staff["agent"], contact=f"1390000{n:04}").no for n in range(30)]
        telling.link_cases(staff["agent"], NINE, incident, numbers=numbers)
    page = signed_in(staff["auditor"]).get(f"/incidents/{incident.no}").text
    told = page.split('id="story"')[1].split("</section>")[0]
    assert numbers[0] in told
    assert numbers[11] in told
    assert numbers[12] not in told
    assert "另有18个" in told


def test_measures_stand_in_the_quarterly_report(app, at, staff, signed_in):
    with transaction():
        incident = ended(staff)
        review_actions.add_measure(
            staff["commander"], NINE, incident, text="每季度实切备用网关", owner_id=staff["head"].id,
            due=at(days=10), retest=at(days=40),
        )  # fmt: skip
    at(days=1)
    page = signed_in(staff["analyst"]).get("/reports/quarterly/2026Q4").text
    section = page.split('id="section-7"')[1]
    assert "每季度实切备用网关" in section
    assert "热线系统故障" in section
    assert measures(quarter_span("2026Q3", NINE))[2] == []


def test_groups_hang_below_the_command_with_their_leaders_and_members(app, at, staff, signed_in):
    with transaction():
        incident = declared(staff)
        actions.move_task(staff["commander"], NINE, incident, n=2, owner_id=staff["handler"].id)
        role = next(t.role for t in incident.tasks if t.n == 2)
    page = signed_in(staff["commander"]).get(f"/incidents/{incident.no}").text
    tree = page.split('id="roles"')[1].split("</section>")[0]
    assert tree.index("应急指挥小组") < tree.index("客服应急处理小组")
    assert tree.count("bd-branch") == 3
    branch = tree.split("<li")[1 + ["commander", "service", "technical", "logistics"].index(role)]
    assert staff["handler"].name in branch
