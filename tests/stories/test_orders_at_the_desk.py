"""WF1-WF3 where people stumbled: raising does the first step too, pages stay up to date, sheets come back."""

import io
import re

import pytest

from portal.corporate import actions as group_actions
from portal.directory import actions as customers
from portal.directory import queries as directory
from portal.identity.actor import SYSTEM
from portal.journal import stream
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid
from portal.kernel.instants import epoch
from portal.notices.tell import newest
from portal.workflows import course, queries, rules, sheet_actions, timeliness, used
from portal.workflows.sheet_actions import Addressee
from portal.workflows.shipped import shipped
from tests.builders import NINE
from tests.workflows.builders import crew, filled, first, found, led, raised
from tests.workflows.test_pages import fields, key_of


@pytest.fixture
def made(app, at, staff):
    """The crew of the departments."""
    with transaction():
        return crew()


def asked(page: str, flow: str, unit: int, **more):
    """A filled form for raising an order of this flow."""
    given = {f"e_{code}": value for code, value in filled(shipped(flow).fields).items() if value}
    return {"flow": flow, "key": key_of(page, ""), "title": "海天专线", "customer": "海天公司",
            "unit": str(unit)} | given | more  # fmt: skip


def test_raising_an_order_does_its_first_step_too_or_nothing_at_all(made, staff, signed_in, engine):
    client, unit = signed_in(made["enterprise"]), queries.unit_ids()["enterprise"]
    page = client.get("/orders/new?flow=presales").text
    assert "客户联系人已确认" in page
    form = asked(page, "presales", unit, then="submit")
    refused = client.post("/orders/new", data=form)
    assert (refused.status_code, "确认属实后请勾选" in refused.text) == (422, True)
    assert "海天专线" not in client.get("/orders").text
    answers = [client.post("/orders/new", data=form | {"first-e_contact_named": "y"}) for _ in range(2)]
    assert {a.status_code for a in answers} == {303}
    assert len({a.location for a in answers}) == 1
    order = found(answers[0].location.rsplit("/", 1)[1])
    assert [(s.code, s.state) for s in order.steps] == [("need", "done"), ("refine", "open")]
    later = client.post("/orders/new", data=asked(client.get("/orders/new?flow=presales").text, "presales", unit))
    assert found(later.location.rsplit("/", 1)[1]).steps[0].state == "open"  # whoever wants to, submits it later


def test_an_order_takes_the_class_of_its_customers_file(made, staff, signed_in):
    client, unit = signed_in(staff["supervisor"]), queries.unit_ids()["enterprise"]
    with transaction():
        known = customers.recognise(SYSTEM, NINE, name="海天公司", identity="02512345678", category="company")
        file = directory.customer(known.id)
        file.category = "vip"
        facts = {"trade": "装备制造", "address": "滨江区创新路 18 号", "contract_no": "JK-1"}
        facts |= {"contract_from": "2026-01-01", "contract_until": "2027-12-31"}
        head, manager = staff["supervisor"], made["enterprise"].id
        group_actions.open_file(head, NINE, file, unit_id=unit, manager_id=manager, **facts)
    form = asked(client.get("/orders/new?flow=presales").text, "presales", unit, customer=f"KH{file.id:06d} 海天公司")
    answer = client.post("/orders/new", data=form)
    assert answer.status_code == 303, re.findall(r'role="alert".*?</p>', answer.text)
    order = found(answer.location.rsplit("/", 1)[1])
    assert (order.customer_id, order.customer_class) == (file.id, "vip")
    form = asked(client.get("/orders/new?flow=presales").text, "presales", unit, customer=f"KH{file.id:06d}")
    refused = client.post("/orders/new", data=form | {"customer_class": "as_everybody"})
    assert (refused.status_code, "请写明本单为何不按档案执行" in refused.text) == (422, True)
    why = {"customer_class": "as_everybody", "class_reason": "客户自愿按普通时限办理"}
    plain = found(client.post("/orders/new", data=form | why).location.rsplit("/", 1)[1])
    assert (plain.customer_class, plain.due_at > order.due_at) == ("", True)
    assert stream.read(plain.stream)[0].facts["class_reason"] == why["class_reason"]
    page = client.get(f"/orders/{plain.no}").text
    assert ("服务等级：标准" in page, why["class_reason"] in page) == (True, True)
    page = client.get(f"/corporate/{file.id}").text
    assert ("发起工单时按本档案自动适用" in page, "15 个工作日" in page) == (True, True)


def test_papers_of_the_first_step_come_with_the_raising(made, staff, signed_in):
    client, unit = signed_in(made["enterprise"]), queries.unit_ids()["enterprise"]
    form = asked(client.get("/orders/new?flow=protection").text, "protection", unit, then="submit")
    assert client.post("/orders/new", data=form).status_code == 422
    paper = {"first-e_services": (io.BytesIO(b"%PDF-1.4 list"), "清单.pdf")}
    order = found(client.post("/orders/new", data=form | paper).location.rsplit("/", 1)[1])
    assert [(f.name, f.code, order.step(f.n).state) for f in order.files] == [("清单.pdf", "services", "done")]


def test_an_order_s_page_shows_what_others_have_done_and_leaves_a_form_alone(made, staff, signed_in):
    with transaction():
        no = raised(staff["supervisor"], "verification").no
    client = signed_in(made["enterprise"])
    page = client.get(f"/orders/{no}").text
    tag = re.search(r'hx-ptag="([^"]+)"', page)[1]
    check = {"HX-Request": "true", "HX-PTag": tag}
    assert client.get(f"/orders/{no}/changes", headers=check).status_code == 204
    led(staff["supervisor"], no, first, until="accept")
    answer = client.get(f"/orders/{no}/changes", headers=check)
    assert (answer.status_code, 'hx-target="#order-steps"' in answer.text) == (200, True)
    assert answer.headers["HX-PTag"] != tag
    typing = client.get(f"/orders/{no}/changes?typed=1", headers=check).text
    assert 'hx-target="#order-steps"' not in typing
    assert "您开始填写后" in typing
    assert signed_in(made["upper"]).get(f"/orders/{no}/changes", headers=check).status_code == 404


def sheets_out(boss, no: str) -> list[int]:
    """A verification whose sheets have gone to two departments; their numbers."""
    led(boss, no, first, until="sheets")
    with transaction():
        order = queries.order_to_change(boss, no)
        n, units = course.rounds(order, "sheets")[-1].n, queries.unit_ids()
        to = [Addressee(units["construction"]), Addressee(units["purchasing"])]
        sheet_actions.send(boss, NINE, order, n, to=to, words="请核查管道与纤芯")
        return [s.n for s in rules.sheets_of(order, n)]


def test_a_sheet_sent_in_error_is_withdrawn_with_its_reason_and_an_answer_goes_back(made, staff, signed_in, engine):
    boss = staff["supervisor"]
    with transaction():
        no = raised(boss, "verification").no
    wrong, right = sheets_out(boss, no)
    client = signed_in(boss)
    page = client.get(f"/orders/{no}").text
    assert client.post(f"/orders/{no}/steps/{wrong}/withdraw", data=fields(page, "withdraw", wrong)).status_code == 422
    given = fields(page, "withdraw", wrong, reason="本次不涉及施工")
    assert signed_in(made["construction"]).post(f"/orders/{no}/steps/{wrong}/withdraw", data=given).status_code == 403
    assert client.post(f"/orders/{no}/steps/{wrong}/withdraw", data=given).status_code == 303
    order, now = found(no), epoch(NINE) + 9 * 86_400
    sheet = order.step(wrong)
    assert (sheet.state, sheet.facts, sheet.late) == ("withdrawn", {"withdrawn": "本次不涉及施工"}, 0)
    assert stream.read(order.stream)[-1].kind == "SheetWithdrawn"
    told = next(n for n in newest(made["construction"].id) if n.kind == "order_sheet_withdrawn")
    assert told.facts["said"] == "本次不涉及施工"
    assert queries.unit_ids()["construction"] not in used.by_unit(order, queries.way_of(order).calendars, now)
    assert "1 张单已撤回" in client.get("/orders/ledger?flow=verification").text
    period = timeliness.Period(epoch(NINE), now + 86_400, now)
    assert queries.unit_ids()["construction"] not in {item.unit_id for item in timeliness.steps(period)}
    again = client.get(f"/orders/{no}").text
    done = fields(again, "answer", right, answer="管道具备")
    assert client.post(f"/orders/{no}/steps/{right}/answer", data=done).status_code == 303
    back = fields(client.get(f"/orders/{no}").text, "again", right, reason="缺光缆段名称")
    assert client.post(f"/orders/{no}/steps/{right}/again", data=back).status_code == 303
    states = [(s.round, s.state) for s in found(no).steps if s.kind == "sheet"]
    assert states == [(1, "withdrawn"), (1, "reset"), (2, "open")]


def test_circuit_types_are_one_list_for_all_flows_edited_without_a_new_version(made, staff, signed_in):
    admin, client = signed_in(staff["admin"]), signed_in(made["enterprise"])
    with transaction():
        old = raised(staff["supervisor"], "verification", given={"circuit_type": "ptn"}).no
    entry = {"code": "slice", "zh": "5G 切片专线", "en": "5G slice", "active": "y"}
    assert admin.post("/admin/lists/circuit/entry", data=entry).status_code == 303
    assert admin.post("/admin/lists/circuit/entry?code=ptn", data={"code": "ptn"}).status_code == 303  # closed
    for flow in ("verification", "provisioning"):
        page = client.get(f"/orders/new?flow={flow}").text
        assert ("5G 切片专线" in page, "PTN 专线" in page) == (True, False)
    assert "PTN 专线" in client.get(f"/orders/{old}").text
    with pytest.raises(Invalid, match="not_on_list"), transaction():
        raised(staff["supervisor"], "verification", given={"circuit_type": "ptn"})
    with transaction():
        raised(staff["supervisor"], "verification", given={"circuit_type": "slice"})
