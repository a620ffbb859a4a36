"""The frame of open pages follows incidents; boards stand what happens to people and to very many cases."""

from portal.identity import actions as people_actions
from portal.identity.models import Person
from portal.incidents import actions, queries, review_actions, telling
from portal.kernel.db import db, transaction
from portal.reports.emergencies import measures
from portal.reports.quarterly import quarter_span
from tests.builders import NINE, make_case
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
