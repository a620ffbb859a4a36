"""QU3, QU4: departments with duties and tasks of their own on one case; chases climb and are answered for."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases import actions as cases
from portal.collaboration import actions as together
from portal.collaboration import chasing, task_queries, tasks
from portal.identity import queries as people
from portal.identity.policy import may
from portal.jobs.loop import Worker
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Refused
from portal.notices.models import Notice
from tests.builders import NINE, judged_case

pytestmark = pytest.mark.alike

HOUR = timedelta(hours=1)


def unit(code):
    return people.unit_by_code(code).id


def told(kind):
    return set(db.session.scalars(select(Notice.person_id).where(Notice.kind == kind)))


def pressed(staff):
    """A P2 case of the technicians on which the business department soothes the customer."""
    case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email", unit="tech")
    together.claim(staff["handler"], NINE, case)
    tasks.name_duty(staff["supervisor"], NINE, case, unit_id=unit("tech"), duty="抢修线路并测试")
    tasks.name_duty(staff["supervisor"], NINE, case, unit_id=unit("business"), duty="安抚客户并核对账单")
    given = {"text": "核对 11 月账单并说明", "unit_id": unit("business"), "due": NINE + 2 * HOUR}
    tasks.give(staff["handler"], NINE, case, **given, person_id=staff["business"].id)
    return case


def test_each_department_has_its_duty_and_its_own_tasks_and_all_see_the_same_list(app, engine, at, staff):
    with transaction():
        case = pressed(staff)
        assert [(d["unit_id"], d["duty"]) for d in case.duties] == [
            (unit("tech"), "抢修线路并测试"), (unit("business"), "安抚客户并核对账单"),
        ]  # fmt: skip
        task = task_queries.of_case(case.id)[0]
        assert (task.person_id, task.due_at, task.state) == (staff["business"].id, NINE + 2 * HOUR, "open")
        assert told("task_given") == {staff["business"].id}
        assert may(staff["business"], "case.view", case)
        assert not may(staff["business"], "case.result", case)  # it cooperates, it does not lead
        cases.contact(
            staff["business"], NINE + HOUR, case, direction="out", means="phone", reached=True, words="已安抚客户"
        )
        with pytest.raises(Forbidden, match="not_your_task"):
            tasks.finish(staff["handler"], NINE + HOUR, task, words="账单已核对无误")
        tasks.finish(staff["business"], NINE + HOUR, task, words="账单核对无误，截图已附")
    assert (task.state, task.ended_by, case.tasks_open) == ("done", staff["business"].id, 0)
    assert told("task_done") == {staff["handler"].id}
    assert case.agent_id == staff["agent"].id  # the closing contact stays with whoever took the request down


def test_a_case_with_open_tasks_is_closed_only_with_a_word_why(app, engine, at, staff):
    with transaction():
        case = pressed(staff)
        done = {"text": "更换光猫并重做接头，测速正常", "cause_category": "equipment", "cause": "光猫老化"}
        cases.write_result(staff["handler"], NINE + HOUR, case, **done)
        cases.tell(staff["agent"], NINE + HOUR, case, means="phone", words="已告知结果")
        cases.confirm(staff["agent"], NINE + HOUR, case, verdict="satisfied", means="phone", words="满意")
        case.rated = True
        with pytest.raises(Invalid, match="open_tasks_need_word"):
            cases.close(staff["agent"], NINE + HOUR, case, outcome="confirmed")
        cases.close(staff["agent"], NINE + HOUR, case, outcome="confirmed", reason="账单说明客户已不需要")
    assert [t.state for t in task_queries.of_case(case.id)] == ["dropped"]


def test_a_task_comes_back_with_its_reason_and_is_given_once_more(app, engine, at, staff):
    with transaction():
        case = pressed(staff)
        task = task_queries.of_case(case.id)[0]
        tasks.give_back(staff["business"], NINE + HOUR, task, words="缺少账号，无法核对")
        assert (task.state, case.tasks_open) == ("returned", 0)
        with pytest.raises(Refused, match="task_ended"):
            tasks.finish(staff["business"], NINE + HOUR, task, words="已经核对完成")
        tasks.reopen(staff["handler"], NINE + HOUR, task, words="账号已补在工单里", due=NINE + 3 * HOUR)
        assert (task.state, task.due_at, case.tasks_open) == ("open", NINE + 3 * HOUR, 1)


def test_a_late_task_is_told_once_to_its_owner_the_head_and_who_gave_it(app, engine, at, staff):
    with transaction():
        pressed(staff)
    worker = Worker()
    for minutes in (119, 121, 122):
        worker.tick(at(minutes=minutes))
    assert told("task_late") == {staff["business"].id, staff["handler"].id}
    assert len(db.session.scalars(select(Notice).where(Notice.kind == "task_late")).all()) == 2


def test_chases_climb_and_an_answer_with_its_reason_is_owed(app, engine, at, staff):
    with transaction():
        case = pressed(staff)
        for n in range(3):
            chasing.chase(staff["agent"], NINE + n * HOUR, case, by_customer=True, words="客户催问进度")
            assert (staff["head"].id in told("chased")) is (n >= 1)
            assert (staff["quality"].id in told("chased")) is (n >= 2)
        assert (case.chases, case.owed["at"]) == (3, int(NINE.timestamp()))
        chasing.answer_delay(staff["handler"], NINE + 3 * HOUR, case, words="备件今晚到，明早九点上门")
        assert case.owed is None
        assert staff["agent"].id in told("delay_answered")
        with pytest.raises(Refused, match="nothing_owed"):
            chasing.answer_delay(staff["handler"], NINE + 3 * HOUR, case, words="备件今晚到")


def test_tasks_stand_on_the_desk_on_the_case_and_on_their_own_page(app, at, staff, signed_in):
    with transaction():
        case = pressed(staff)
        no = case.no
    browser = signed_in(staff["business"])
    assert "核对 11 月账单" in browser.get("/desk").get_data(as_text=True)
    page = browser.get(f"/cases/{no}").get_data(as_text=True)
    assert "安抚客户并核对账单" in page
    assert "/tasks/1" in page
    assert browser.get("/tasks").status_code == 200
    vague = browser.post("/tasks/1/done", data={"done-words": "好", "done-seen": "0"})
    assert vague.status_code == 422
    assert "好</textarea>" in vague.get_data(as_text=True)
    done = browser.post("/tasks/1/done", data={"done-words": "账单核对无误，已截图", "done-seen": "0"})
    assert done.status_code == 303
    twice = browser.post("/tasks/1/done", data={"done-words": "账单核对无误，已截图", "done-seen": "0"})
    assert twice.status_code == 409
    assert signed_in(staff["head"]).get("/tasks?show=unit").status_code == 200


def test_an_ordered_task_belongs_to_no_case_and_reports_back(app, engine, at, staff):
    with transaction():
        with pytest.raises(Forbidden):
            tasks.order(
                staff["handler"], NINE, text="整理故障清单", unit_id=unit("tech"), due=NINE + HOUR, kind="assigned"
            )
        facts = {
            "text": "本周内整理重复故障清单",
            "unit_id": unit("tech"),
            "due": NINE + 8 * HOUR,
            "kind": "supervised",
        }
        task = tasks.order(staff["quality"], NINE, **facts, key="task:k1")
        assert tasks.order(staff["quality"], NINE, **facts, key="task:k1").id == task.id
        tasks.report(staff["handler"], NINE + HOUR, task, words="已完成一半，明天交")
        for n in range(3):
            tasks.chase(staff["quality"], NINE + (n + 2) * HOUR, task, words="请尽快交来")
        assert (task.chases, staff["head"].id in told("task_chased")) == (3, True)
        tasks.finish(staff["handler"], NINE + 6 * HOUR, task, words="清单共 12 项，见共享目录")
    assert told("task_reported") == {staff["quality"].id}
    assert task.state == "done"
