"""AR6: a restricted case has named readers; no list, search, count or page tells of it to anybody else."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.archive import exceptions
from portal.cases import actions as cases
from portal.cases.guard_actions import lift, restrict
from portal.cases.models import Case
from portal.collaboration import shift_actions, tasks
from portal.collaboration.models import Task
from portal.desk import handover
from portal.identity import queries as people
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid
from tests.builders import NINE, closed_case, judged_case, make_case

pytestmark = pytest.mark.alike

WORDS = "客户反映员工态度恶劣要求道歉"


def restricted(staff, case, *names, now=NINE):
    restrict(
        staff["supervisor"], now, case, readers=[staff[name].id for name in ("supervisor", *names)], ground="staff",
        reason="涉及本中心员工",
    )  # fmt: skip


@pytest.fixture
def open_case(app, engine, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], unit="tech", description=WORDS)
        restricted(staff, case, "head")
        return case.no


def test_only_named_readers_open_it_and_lists_say_nothing(open_case, staff, signed_in):
    for role, status in (("supervisor", 200), ("head", 200), ("agent", 404), ("auditor", 404), ("handler", 404)):
        assert signed_in(staff[role]).get(f"/cases/{open_case}").status_code == status, role
    page = signed_in(staff["head"]).get(f"/cases/{open_case}").text
    assert WORDS in page
    assert "王芳" in page
    assert 'id="restricted"' in page
    for role in ("supervisor", "handler", "quality"):
        queue = signed_in(staff[role]).get("/queues/tech").text
        assert open_case in queue
        assert WORDS[:6] not in queue
        assert "王芳" not in queue
    agent = signed_in(staff["agent"])
    assert open_case not in agent.get(f"/archive/elsewhere?q={WORDS[:8]}", headers={"HX-Request": "true"}).text
    assert open_case not in agent.get("/customers/1").text


def test_nobody_else_may_do_anything_to_it_and_readers_change_it(open_case, staff):
    with pytest.raises(Forbidden), transaction():
        cases.note(staff["agent"], NINE, db.session.scalar(select(Case)), text="看一下")
    with transaction():
        case = db.session.scalar(select(Case))
        cases.note(staff["head"], NINE, case, text="已约谈")
        lift(staff["supervisor"], NINE, case, reason="调查结束")
        assert (case.customer_name, case.contact, case.restricted) == ("王芳", "13800130013", None)
        assert case.title.startswith(WORDS[:6])


def test_whoever_works_on_it_is_among_the_readers(app, engine, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], unit="tech")
        with pytest.raises(Invalid, match="reader_yourself"):
            restrict(staff["supervisor"], NINE, case, readers=[staff["head"].id], ground="law", reason="诉讼在办")
        with pytest.raises(Invalid, match="choose_ground"):
            restrict(staff["supervisor"], NINE, case, readers=[staff["supervisor"].id], ground="", reason="诉讼在办")


def test_a_closed_one_leaves_the_search_and_comes_back(app, engine, at, staff, signed_in):
    with transaction():
        case = closed_case(staff["agent"], staff["supervisor"], staff["handler"])
        no = case.no
        restricted(staff, case)
    for role, status in (("supervisor", 200), ("agent", 404), ("auditor", 404)):
        assert signed_in(staff[role]).get(f"/archive/{no}").status_code == status, role
    assert "13800130013" in signed_in(staff["supervisor"]).get(f"/archive/{no}").text
    assert no not in signed_in(staff["auditor"]).get("/archive?q=光猫").text
    assert no not in signed_in(staff["auditor"]).post("/archive/number", data={"number": "13800130013"}).text
    with transaction():
        lift(staff["supervisor"], NINE, db.session.scalar(select(Case)), reason="调查结束")
    record = signed_in(staff["auditor"]).get(f"/archive/{no}")
    assert record.status_code == 200
    assert 'banner-ok" id="verified"' in record.text
    assert no in signed_in(staff["auditor"]).get("/archive?q=光猫").text


TASK, DONE, SAID = "请约谈张三并取证", "已向张三核实", "客户催问张三的处理"


def test_what_was_told_of_it_is_its_readers_alone(app, engine, at, staff, signed_in):
    hour = NINE + timedelta(hours=1)
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], unit="tech", description=WORDS)
        tech = people.unit_id("tech")
        tasks.give(staff["supervisor"], NINE, case, text=TASK, unit_id=tech, due=hour, person_id=staff["handler"].id)
        tasks.give(staff["supervisor"], NINE, case, text=TASK, unit_id=tech, due=hour)
        lines = handover.lines(tech, NINE, hour)
        lines = lines or [{"case": case.id, "no": case.no, "title": case.title, "level": "P3", "judged": True,
                           "owner_id": 0, "owner": "", "why": [["open", 0]]}]  # fmt: skip
        sheet = shift_actions.give(staff["handler"], NINE, unit_id=tech, until=hour, lines=lines, facts={}).id
        one, two = db.session.scalars(select(Task).order_by(Task.id))
        tasks.report(staff["handler"], NINE, one, words=DONE)
        tasks.chase(staff["agent"], NINE, two, words=SAID)
        no = case.no
    with transaction():
        restricted(staff, db.session.scalar(select(Case)), "head")
        tasks.tell_overdue(hour + timedelta(hours=1))
    asked = ("/tasks", "/tasks?show=unit", "/tasks?show=given", "/tasks/1", "/tasks/2", "/notices", "/desk", "/my-day",
             f"/handover/{sheet}", "/queues/tech", "/tasks?show=unit&unit=tech")  # fmt: skip
    for role, actor in staff.items():
        pages = "".join(signed_in(actor).get(url, follow_redirects=True).text for url in asked)
        reads = role in ("supervisor", "head")
        assert [words in pages for words in (TASK, DONE)] == [reads, reads], role
        assert WORDS[:6] not in pages or reads, role
    handler = signed_in(staff["handler"])
    assert [handler.get(f"/tasks/{n}").status_code for n in (1, 2)] == [404, 404]
    assert no in handler.get("/tasks").text
    assert handler.post("/tasks/1/done", data={"done-words": "已办妥，证据在案", "done-seen": "1"}).status_code == 404
    assert signed_in(staff["head"]).get("/tasks/1").status_code == 200


def test_the_list_of_exceptions_says_no_words_of_it_and_no_number_of_anybody(app, engine, at, staff):
    why = "客户13800130013不愿说明"
    with transaction():
        first, second = (make_case(staff["agent"], overruled=why) for _ in range(2))
        restricted(staff, first)
        nos = first.no, second.no
    lines = exceptions.found(staff["auditor"], NINE - timedelta(days=1), NINE + timedelta(days=1), "accepted")
    assert {one.no: one.said for one in lines} == {nos[0]: "", nos[1]: "客户138****0013不愿说明"}
