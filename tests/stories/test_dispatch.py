"""IN13: what comes by machine is dispatched by rules at once, with the reason; nothing stays unowned unseen."""

import re
from datetime import timedelta

import pytest

from portal.cases import queries
from portal.cases.models import Case
from portal.identity.actor import SYSTEM
from portal.identity.queries import unit_id
from portal.intake import dispatch_actions, dispatch_rules
from portal.intake.actions import take
from portal.intake.dispatch_queries import kept, waits
from portal.jobs import selfcheck
from portal.kernel.db import db, transaction
from portal.notices.models import Notice
from portal.roster import actions as roster
from tests.builders import NINE, a_request, make_person

pytestmark = pytest.mark.alike


def received(n: int, **changes) -> Case:
    """A request that came by machine."""
    with transaction():
        return take(SYSTEM, NINE, a_request(machine=True, source=f"import:{n}", channel="app", **changes), key=f"k{n}")


def rule(client, **changes) -> int:
    data = {
        "name": "断网报修",
        "unit": str(unit_id("tech")),
        "to": "least",
        "channel": "app",
        "words": "不能上网，断网",
    }
    return client.post("/dispatch", data=data | changes).status_code


@pytest.fixture
def supervisor(app, at, staff, signed_in):
    return signed_in(staff["supervisor"])


@pytest.mark.parametrize(
    ("conditions", "why"),
    [
        ({}, ()), ({"channel": ["app"]}, ("channel:app",)), ({"channel": ["web"]}, None),
        ({"words": ["黑屏", "断网"]}, ("words:断网",)), ({"channel": ["app"], "level": ["P1"]}, None),
        ({"type": ["fault", "complaint"], "words": ["断"]}, ("type:fault", "words:断")),
    ],
)  # fmt: skip
def test_a_rule_fits_when_each_of_its_conditions_does(conditions, why):
    facts = {"channel": "app", "type": "fault", "category": "product", "level": "P2", "words": "昨晚断网"}
    assert dispatch_rules.reasons(conditions, facts) == why


def test_a_request_goes_at_once_to_whoever_has_least_and_says_why(supervisor, staff, engine):
    with transaction():
        second = make_person(role="handler", unit="tech", name="邓超", login="second")
    assert rule(supervisor) == 303
    owners = [received(n).owner_id for n in range(4)]
    assert sorted(owners) == sorted([staff["handler"].id, second.id] * 2)
    case = received(9)
    assert (case.unit_id, case.intake_unit_id) == (unit_id("tech"), unit_id("service"))
    page = supervisor.get(f"/cases/{case.no}").text
    assert "派单" in page
    assert "因为规则“断网报修”：APP留言" in page
    assert queries.history(case)[0].kind == "Dispatched"
    other = received(10, description="请问发票怎么开具，上个月的也要", demand="告知办法")
    assert (other.owner_id, other.unit_id) == (None, unit_id("service"))
    assert selfcheck.check(NINE + timedelta(minutes=1)).differences == []


def test_the_first_rule_decides_and_the_order_is_changed_on_the_page(supervisor, staff):
    assert rule(supervisor) == 303
    assert rule(supervisor, name="全部给王丽娜", unit=str(unit_id("business")), to=str(staff["business"].id), words="",
                channel="") == 303  # fmt: skip
    assert received(1).unit_id == unit_id("tech")
    assert supervisor.post(f"/dispatch/{kept()[1].id}/earlier").status_code == 303
    assert received(2).owner_id == staff["business"].id
    tried = supervisor.get("/dispatch?channel=app&text=昨晚断网").text
    assert "王丽娜" in tried.split('id="tried"')[1].split("</p>")[0]
    assert supervisor.post(f"/dispatch/{kept()[0].id}/remove").status_code == 303
    db.session.rollback()
    assert [one.name for one in kept()] == ["断网报修"]


def test_a_rule_is_changed_in_its_place_and_the_page_says_who_changed_what(supervisor, staff, engine):
    assert rule(supervisor) == 303
    one = kept()[0]
    page = supervisor.get(f"/dispatch?edit={one.id}").text
    seen = re.search(r'name="seen" value="(\w+)"', page).group(1)
    assert 'value="不能上网，断网"' in page
    assert re.search(r'value="app"\s+checked', page)
    data = {"seen": seen, "name": "宽带报修", "unit": str(unit_id("business")), "to": "queue", "words": "断网"}
    for wrong in ({"name": " "}, {"unit": ""}, {"to": str(staff["handler"].id)}):
        answer = supervisor.post(f"/dispatch/{one.id}", data=data | {"words": "断网词"} | wrong)
        assert answer.status_code == 422
        assert 'value="断网词"' in answer.text
        assert 'aria-invalid="true"' in answer.text
    for _ in range(2):  # a double post
        assert supervisor.post(f"/dispatch/{one.id}", data=data).status_code == 303
    again = supervisor.post(
        f"/dispatch/{one.id}", data=data | {"name": "另一名称"}
    )  # by somebody who saw the first one
    assert (again.status_code, 'value="另一名称"' in again.text) == (409, True)
    db.session.rollback()
    assert [(one.name, one.unit_id, one.conditions) for one in kept()] == [
        ("宽带报修", unit_id("business"), {"words": ["断网"]})
    ]
    trace = supervisor.get("/dispatch").text.split('id="trace"')[1]
    assert trace.index("修改规则") < trace.index("新增规则")
    assert trace.count("修改规则") == 1
    assert "断网报修: APP留言" in trace
    assert supervisor.post("/dispatch/999", data=data).status_code == 404


def test_a_bad_rule_is_refused_with_everything_typed(supervisor, staff, signed_in):
    for wrong in ({"name": " "}, {"unit": "x"}, {"to": str(staff["business"].id)}):
        answer = supervisor.post("/dispatch", data={"name": "名字", "unit": str(unit_id("tech")), "to": "queue",
                                                    "words": "断网词"} | wrong)  # fmt: skip
        assert answer.status_code == 422
        assert 'value="断网词"' in answer.text
    assert signed_in(staff["agent"]).post("/dispatch", data={"name": "x"}).status_code == 403
    assert kept() == []


def test_a_class_of_customers_goes_to_whoever_is_on_shift_and_to_the_head_while_nobody_is(supervisor, staff, engine):
    assert rule(supervisor, name="大客户", words="", channel="", customer_class="vip", to="shift") == 303
    assert received(1).unit_id == unit_id("service")  # a customer of no such class
    first = received(2, contact="13900139000", customer_category="vip")
    assert (first.unit_id, first.owner_id) == (unit_id("tech"), staff["head"].id)
    assert "该部门无人当班，由部门负责人接手" in supervisor.get(f"/cases/{first.no}").text
    with transaction():
        roster.add(staff["head"], NINE, unit_id=unit_id("tech"), person_id=staff["handler"].id, role="handler",
                   kind="desk", begin=NINE - timedelta(hours=1), end=NINE + timedelta(hours=8))  # fmt: skip
    later = received(3, contact="13900139000")
    assert later.owner_id == staff["handler"].id
    assert "当班且未结工单最少" in supervisor.get(f"/cases/{later.no}").text
    tried = supervisor.get("/dispatch?channel=app&customer_class=vip&text=昨晚断网").text
    assert staff["handler"].name in tried.split('id="tried"')[1].split("</p>")[0]
    assert waits(NINE + timedelta(minutes=9)) is False
    assert look(11) == 1  # the first one alone is unowned
    assert waits(NINE + timedelta(minutes=11)) is False


def test_a_skill_is_written_down_and_asked_for_first(supervisor, staff, signed_in, engine):
    with transaction():
        second = make_person(role="handler", unit="tech", name="邓超", login="second")
    admin = signed_in(staff["admin"])
    assert admin.post("/people/second/skills", data={"skills-skills": "英语，" + "长" * 21}).status_code == 422
    assert admin.post("/people/second/skills", data={"skills-skills": "专线， 英语"}).status_code == 303
    assert "英语" in admin.get("/people/second").text
    assert supervisor.post("/people/second/skills", data={"skills-skills": "x"}).status_code == 403
    assert 'value="英语"' in supervisor.get("/dispatch").text
    assert rule(supervisor, skill="英语") == 303
    cases_of = [received(n) for n in range(3)]
    assert [case.owner_id for case in cases_of] == [second.id] * 3  # though the others have less to do
    assert "有“英语”技能" in supervisor.get(f"/cases/{cases_of[0].no}").text
    assert admin.post("/people/second/skills", data={"skills-skills": ""}).status_code == 303
    nobody = received(4)
    assert nobody.owner_id == staff["handler"].id
    assert "无人有“英语”技能" in supervisor.get(f"/cases/{nobody.no}").text


def told() -> list[Notice]:
    db.session.rollback()
    return db.session.query(Notice).filter_by(kind="unowned").all()


def look(minutes: int) -> int:
    with transaction():
        return dispatch_actions.pass_on(SYSTEM, NINE + timedelta(minutes=minutes))


def test_what_nobody_owns_for_ten_minutes_is_told_to_the_supervisor_once(supervisor, staff, engine):
    for n in range(3):
        received(n)
    assert look(9) == 0
    assert look(11) == 3
    assert [(one.person_id, one.facts["count"]) for one in told()] == [(staff["supervisor"].id, 3)]
    assert look(12) == look(600) == 0
    assert len(told()) == 1
