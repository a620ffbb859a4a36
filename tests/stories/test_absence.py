"""DK3: while somebody is away the deputy gets what is new, marked with the name; nobody leaves with open cases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases.models import Case
from portal.collaboration import actions as together
from portal.collaboration import tasks
from portal.collaboration.models import Task
from portal.identity import absences
from portal.identity import actions as accounts
from portal.identity import queries as people
from portal.identity.absence_rules import Away, check, stand_in
from portal.identity.actor import Actor
from portal.jobs.watch import look
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Refused
from portal.notices.models import Notice
from portal.roster import absence_actions
from portal.roster import actions as roster
from tests.builders import NINE, judged_case, make_person
from tests.jobs.test_watch import only_result

pytestmark = pytest.mark.alike

DAY = timedelta(days=1)


def away(by: Actor, who: Actor, deputy: Actor, begin=NINE, end=NINE + DAY, **more):
    with transaction():
        return absence_actions.enter(
            by, NINE, people.person(who.id), deputy_id=deputy.id, begin=begin, end=end, **more
        ).id


def news(kind: str) -> list[Notice]:
    db.session.rollback()
    return list(db.session.scalars(select(Notice).where(Notice.kind == kind).order_by(Notice.id)))


def second(name: str, role: str = "handler", login: str = "") -> Actor:
    with transaction():
        return make_person(role=role, unit="tech", name=name, login=login)


def fresh(case: Case) -> Case:
    db.session.rollback()
    return db.session.get_one(Case, case.id, populate_existing=True)


def test_new_cases_go_to_the_deputy_and_say_for_whom(app, engine, at, staff, signed_in):
    gao = second("高飞", login="gaofei")
    away(staff["handler"], staff["handler"], gao)
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")
        together.assign(staff["head"], NINE, case, person_id=staff["handler"].id)
    assert (fresh(case).owner_id, case.owner_name) == (gao.id, "高飞")
    line = [x for x in stream.read(case.stream) if x.kind == "Assigned"][-1]
    assert (line.facts["how"], line.facts["instead_of"]) == ("deputy", "陈浩")
    mine = news("assigned")
    assert [(n.person_id, n.facts["instead_of"]) for n in mine] == [(gao.id, ["陈浩"])]
    page = signed_in(gao).get("/desk").get_data(as_text=True)
    assert "代 陈浩" in page
    assert "您代理 陈浩" in page
    assert "由 高飞 承接" in signed_in(staff["handler"]).get("/desk").get_data(as_text=True)
    at(minutes=24 * 60)
    with transaction():  # the absence is over
        other = judged_case(staff["agent"], staff["supervisor"], level="P3", unit="tech")
        together.assign(staff["head"], NINE + DAY, other, person_id=staff["handler"].id)
    assert fresh(other).owner_id == staff["handler"].id


def test_warnings_and_approvals_go_along_a_chain_of_deputies(app, engine, at, staff):
    gao, lu, boss = second("高飞"), second("陆明"), second("方正", "head")
    away(staff["handler"], staff["handler"], gao)
    away(gao, gao, lu)
    away(staff["head"], staff["head"], boss)
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech", channel="email")
        together.claim(staff["handler"], NINE, case)
    result = only_result(case)
    look(result.warn_at)
    warned = news("warn")
    assert [(n.person_id, n.facts["instead_of"]) for n in warned] == [(lu.id, ["陈浩"])]
    with transaction():
        together.extend(
            staff["handler"], NINE, fresh(case), due=result.due_at + DAY, reason="等备件", told="已说明并致歉"
        )
    asked = news("extension_asked")
    assert [(n.person_id, n.facts.get("instead_of")) for n in asked] == [(boss.id, None)]  # told for themselves, once


def test_a_head_enters_it_for_a_colleague_and_ends_it(app, engine, at, staff, signed_in):
    gao = second("高飞")
    head, stranger = signed_in(staff["head"]), signed_in(staff["business"])
    data = {
        "since": "2026-11-24T09:00",
        "until": "2026-11-26T09:00",
        "deputy": str(gao.id),
        "words": "年假",
        "key": "k",
    }
    assert stranger.post("/absences?person=handler", data=data).status_code == 403
    for _twice in range(2):
        assert head.post("/absences?person=handler", data=data).status_code == 303
    db.session.rollback()
    assert [(d.person_id, d.instead_of) for d in absences.deputies(NINE).values()] == [(gao.id, "陈浩")]
    assert "年假" in head.get("/absences").get_data(as_text=True)
    assert "年假" not in stranger.get("/absences").get_data(as_text=True)
    number = absences.ahead(NINE)[0].id
    assert stranger.post(f"/absences/{number}/end").status_code == 403
    assert head.post(f"/absences/{number}/end").status_code == 303
    db.session.rollback()
    assert absences.deputies(NINE) == {}


def test_what_cannot_be_is_refused_at_its_field(app, engine, at, staff, signed_in):
    gao, handler = second("高飞"), signed_in(staff["handler"])
    good = {"since": "2026-11-24T09:00", "until": "2026-11-25T09:00", "deputy": str(gao.id), "key": ""}
    away(gao, gao, staff["handler"], begin=NINE + DAY / 2)
    for change, field in (
        ({"until": "2026-11-24T09:00"}, "until"),
        ({"since": "2026-11-20T09:00", "until": "2026-11-21T09:00"}, "until"),
        ({"since": "soon"}, "since"),
        ({"deputy": ""}, "deputy"),
        ({"deputy": str(staff["handler"].id)}, "deputy"),
        ({"deputy": str(staff["business"].id)}, "deputy"),  # cannot work the department's cases
        ({}, "deputy"),  # a ring: away himself from noon, with this very person as deputy
    ):
        answer = handler.post("/absences", data=good | change)
        assert answer.status_code == 422, change
        assert f'id="{field}-error"' in answer.get_data(as_text=True), change
    away(staff["handler"], staff["handler"], gao, begin=NINE, end=NINE + DAY / 2)
    with pytest.raises(Invalid, match="absence_overlaps"):
        away(staff["handler"], staff["handler"], gao, end=NINE + DAY / 4)
    with pytest.raises(Invalid, match="deputy_lacks_right"):  # a handler cannot approve for the head
        away(staff["head"], staff["head"], gao)
    away(staff["head"], staff["head"], staff["supervisor"])
    with pytest.raises(Forbidden):
        away(staff["business"], staff["handler"], gao)


def test_stand_ins_of_stand_ins():
    assert stand_in({1: 2, 2: 3}, 1) == 3
    assert stand_in({1: 2, 2: 1}, 1) == 1
    three = [Away(2, 3, NINE, NINE + DAY), Away(3, 4, NINE, NINE + DAY)]
    check(Away(1, 2, NINE, NINE + DAY), three, NINE)
    with pytest.raises(Invalid, match="deputies_in_a_ring"):
        check(Away(4, 2, NINE, NINE + DAY), three, NINE)
    check(Away(4, 2, NINE + DAY, NINE + 2 * DAY), [], NINE)


def test_nobody_leaves_with_open_cases(app, engine, at, staff, signed_in):
    gao, admin = second("高飞"), signed_in(staff["admin"])
    with transaction():
        cases = [judged_case(staff["agent"], staff["supervisor"], unit="tech", contact=f"1380013001{n}") for n in "12"]
        for case in cases:
            together.claim(staff["handler"], NINE, case)
    with pytest.raises(Refused, match="open_cases_left"), transaction():
        accounts.set_active(staff["admin"], NINE, people.person(staff["handler"].id), False)
    answer = admin.post("/people/handler/active", data={"active": "0"})
    assert answer.status_code == 409
    assert 'id="to-error"' in answer.get_data(as_text=True)
    for wrong in ("", "x", str(staff["business"].id)):
        assert admin.post("/people/handler/active", data={"active": "0", "to": wrong}).status_code == 422
    assert people.person(staff["handler"].id).active
    done = admin.post("/people/handler/active", data={"active": "0", "to": str(gao.id)})
    assert done.status_code == 303
    assert {fresh(case).owner_id for case in cases} == {gao.id}
    assert not people.person(staff["handler"].id).active
    assert [n.facts["title"] for n in news("leaver")] == ["陈浩 · 2"]


def test_open_tasks_of_a_leaver_are_handed_over_too(app, engine, at, staff, signed_in):
    gao, admin = second("高飞"), signed_in(staff["admin"])
    due, unit = NINE + DAY, people.unit_by_code("tech").id
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], unit="tech")
        tasks.give(
            staff["supervisor"], NINE, case, text="更换板卡", unit_id=unit, due=due, person_id=staff["handler"].id
        )
        alone = tasks.order(
            staff["supervisor"], NINE, text="盘点备件并上报", unit_id=unit, due=due, kind="assigned",
            person_id=staff["handler"].id,
        )  # fmt: skip
    assert "2 项未结工作" in admin.post("/people/handler/active", data={"active": "0"}).text
    assert admin.post("/people/handler/active", data={"active": "0", "to": staff["business"].id}).status_code == 422
    assert admin.post("/people/handler/active", data={"active": "0", "to": gao.id}).status_code == 303
    db.session.rollback()
    held = db.session.scalars(select(Task).execution_options(populate_existing=True)).all()
    assert {(task.person_id, task.person, task.state) for task in held} == {(gao.id, "高飞", "open")}
    assert stream.read(alone.stream)[-1].kind == stream.read(case.stream)[-1].kind == "TaskHanded"
    assert [n.facts["title"] for n in news("leaver_tasks")] == ["陈浩 · 2"]
    with transaction():
        now_his = db.session.get_one(Task, alone.id, populate_existing=True)
        tasks.finish(gao, NINE + timedelta(hours=1), now_his, words="已盘点，清单见附件")


def test_deputy_and_absent_person_are_told_and_told_again(app, engine, at, staff, signed_in):
    gao = second("高飞", login="gaofei")
    head, own = staff["head"], staff["handler"]
    number = away(head, own, gao)  # away from this instant on: the news is for the person, not for the deputy
    assert [(n.person_id, n.facts["title"]) for n in news("absence_entered")] == [(own.id, "陈浩 → 高飞")]
    assert [n.person_id for n in news("absence_deputy")] == [gao.id]
    page = signed_in(gao).get("/notices").text
    assert "您将代理同事" in page
    assert 'href="/absences"' in page
    for _twice in range(2):
        signed_in(own).post(f"/absences/{number}/end")
    assert [n.person_id for n in news("absence_ended")] == [gao.id]  # who ends it knows it
    ahead = away(head, own, gao, begin=NINE + DAY, end=NINE + 2 * DAY)
    assert "不在岗记录已撤回" in signed_in(head).post(f"/absences/{ahead}/end", follow_redirects=True).text
    assert {n.person_id for n in news("absence_taken_back")} == {gao.id, own.id}


def test_shifts_inside_an_absence_are_marked_and_what_is_uncovered_is_said(app, engine, at, staff, signed_in):
    gao, head, own = second("高飞"), staff["head"], staff["handler"]
    with transaction():
        for who in (own, gao):
            roster.add(
                head, NINE, unit_id=own.unit_id, person_id=who.id, role="handler", kind="desk",
                begin=NINE + DAY, end=NINE + DAY + timedelta(hours=8 if who == own else 4),
            )  # fmt: skip
        case = judged_case(staff["agent"], staff["supervisor"], unit="tech")
        together.claim(own, NINE, case)
    client = signed_in(head)
    form = client.get("/absences/new?person=handler").text
    assert "陈浩 在未来两周内无人顶班的班次" in form
    assert "未结工单 1" in form
    away(head, own, gao, begin=NINE + DAY / 2, end=NINE + 2 * DAY)
    week = client.get("/roster?unit=tech&week=2026-11-25").text
    assert week.count("不在岗，代理人 高飞") == 1
    page = client.get("/absences").text
    assert "无人顶班的班次：1" in page
    assert "代理人 高飞 同一时间也有班次" in page
    queue = client.get(f"/queues/tech?owner={own.id}").text
    assert f'href="/queues/tech?owner={own.id}"' in page
    assert case.no in queue
    assert case.no not in client.get(f"/queues/tech?owner={gao.id}").text
    third = second("陆明")
    with transaction():
        roster.add(
            head, NINE, unit_id=own.unit_id, person_id=third.id, role="handler", kind="desk",
            begin=NINE + DAY, end=NINE + DAY + timedelta(hours=8),
        )  # fmt: skip
    assert "无人顶班的班次" not in client.get("/absences").text
