"""OR1, DK3: a department that ends gives its open work away; a leaver's steps, files and dues go to a colleague."""

from datetime import date

from portal.corporate import actions as corporate
from portal.corporate import due_actions
from portal.corporate.apply import apply, from_facts
from portal.corporate.models import GroupFile, Project
from portal.identity import queries as people
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.workflows import actions, course
from tests.builders import NINE, judged_case, make_person
from tests.corporate.builders import a_contact, make_group, make_project
from tests.workflows import builders


def test_a_department_that_ends_gives_its_cases_and_steps_to_another(app, engine, at, staff, signed_in):
    with transaction():
        builders.crew()
        case = judged_case(staff["agent"], staff["supervisor"], unit="netops")
        no = builders.raised(staff["supervisor"], "verification").no
    builders.led(staff["supervisor"], no, builders.first, until="available")
    admin = signed_in(staff["admin"])
    listed = admin.get("/units").text
    assert "/units/netops/end" in listed
    page = admin.get("/units/netops/end").text
    assert "未结工单 1" in page
    assert "业务工单未完工序" in page
    refused = admin.post("/units/netops/end", data={"to": str(people.unit_id("tech")), "reason": ""})
    assert (refused.status_code, 'id="reason-error"' in refused.text) == (422, True)
    assert people.unit_by_code("netops").kind == "department"
    sent = {"to": str(people.unit_id("tech")), "reason": "机构调整，并入技术支持组"}
    assert admin.post("/units/netops/end", data=sent).status_code == 303
    db.session.expire_all()
    assert people.unit_by_code("netops").kind == "dissolved"
    order = builders.found(no)
    step = course.rounds(order, "available")[-1]
    assert (step.unit_id, step.spans[0][0]) == (people.unit_id("tech"), people.unit_id("netops"))
    assert stream.read(case.stream)[-1].facts["reason"] == "机构调整，并入技术支持组"
    assert "/units/netops/end" not in admin.get("/units").text
    assert signed_in(staff["supervisor"]).post("/units/tech/end", data=sent).status_code == 403


def test_steps_files_projects_and_dues_of_a_leaver_are_listed_and_handed_on(app, engine, at, staff, signed_in):
    leaver = staff["handler"]
    with transaction():
        gao = make_person(role="handler", unit="tech", name="高飞", login="gao")
        builders.crew()
        file = make_group(leaver)
        corporate.name_contact(leaver, NINE, file, person_id=leaver.id, **a_contact(side="ours", name=""))
        project = make_project(leaver, file)
        due_actions.plan(leaver, NINE, file, kind="optimisation", title="双路由", spans=[("", date(2026, 12, 20))])
        no = builders.raised(staff["supervisor"], "fault").no
    builders.led(staff["supervisor"], no, builders.first, until="locate")
    with transaction():
        order = builders.found(no)
        actions.hold(leaver, NINE, order, course.rounds(order, "locate")[-1].n)
    admin = signed_in(staff["admin"])
    page = admin.get("/people/handler/disable").text
    assert "集团客户、项目及其到期事项 6" in page
    assert "业务工单未完工序 1" in page
    assert admin.post("/people/handler/active", data={"active": "0", "to": str(gao.id)}).status_code == 303
    db.session.expire_all()
    file, project = db.session.get_one(GroupFile, file.id), db.session.get_one(Project, project.id)
    assert {file.manager_id, project.leader_id, file.contacts[0].person_id} == {gao.id}
    assert {due.owner for due in (*file.dues, *project.dues)} == {"高飞"}
    assert course.rounds(builders.found(no), "locate")[-1].person_id == gao.id
    again = GroupFile(customer_id=file.customer_id)
    for line in stream.read(file.stream):
        apply(again, from_facts(line.kind, line.facts), line.at, line.by_id)
    assert (again.manager, again.dues[0].owner, again.contacts[0].name) == ("高飞", "高飞", "高飞")
    assert not people.person(leaver.id).active
