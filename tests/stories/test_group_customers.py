"""WF6: a group customer's file keeps facts, services, contacts, documents, maintenance, plans and reports."""

import io
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from portal.corporate import actions, due_actions, due_rules, queries
from portal.corporate.apply import apply, from_facts
from portal.corporate.models import Document, GroupFile, Project
from portal.corporate.view import rates, verdict, view, years
from portal.directory import queries as directory
from portal.identity import queries as people
from portal.jobs.dues import NEAR, remind
from portal.journal import stream
from portal.kernel import files
from portal.kernel.db import db, read, transaction
from portal.kernel.errors import Forbidden, Invalid, Missing, Refused
from portal.kernel.i18n import local
from portal.notices.models import Notice
from tests.builders import NINE, judged_case
from tests.corporate.builders import PDF, a_contact, a_document, a_service, make_group, make_project
from tests.workflows.builders import crew, raised

OWN = {"id", "version", "notice_at", "customer_id", "project_id"}


def columns(row: object) -> dict[str, object]:
    return {c.key: getattr(row, c.key) for c in row.__table__.columns if c.key not in OWN}  # type: ignore[attr-defined]


def relived(owner: GroupFile | Project) -> GroupFile | Project:
    """The file or project built again from its journal."""
    made = type(owner)()
    for line in stream.read(owner.stream):
        apply(made, from_facts(line.kind, line.facts), line.at, line.by_id)
    return made


def same(owner: GroupFile | Project) -> None:
    """Replay == row, for the owner and everything it holds."""
    db.session.rollback()
    again = relived(owner)
    assert columns(again) == columns(owner)
    for name in ("services", "contacts", "documents", "dues"):
        if hasattr(owner, name):
            one, two = ([columns(r) for r in sorted(getattr(o, name), key=lambda r: r.n)] for o in (again, owner))
            assert one == two, name


def noon(day: date) -> datetime:
    return local(datetime(day.year, day.month, day.day, 4, tzinfo=NINE.tzinfo))


def told(kind: str) -> list[tuple[int, str]]:
    db.session.rollback()
    return [(n.person_id, n.subject) for n in db.session.scalars(select(Notice).where(Notice.kind == kind))]


def test_every_change_of_a_group_customer_replays(app, engine, at, staff):
    head = staff["head"]
    with transaction():
        file = make_group(head)
        actions.change(
            head, NINE, file, trade="装备制造", address="临港物流园 9 号", manager_id=staff["handler"].id,
            contract_no="HT-2026-0117", contract_from="2026-01-01", contract_until="2028-12-31",
        )  # fmt: skip
        actions.set_service(head, NINE, file, **a_service())
        actions.set_service(head, NINE, file, 1, **a_service(bandwidth="500 Mbit/s", order_no="KT2026-0102"))
        actions.name_contact(head, NINE, file, **a_contact())
        actions.name_contact(
            head, NINE, file, person_id=staff["handler"].id, **a_contact(side="ours", name="", mobile="13900001111")
        )
        actions.name_contact(head, NINE, file, **a_contact(duty="finance", name="钱会计", mobile=""))
        actions.let_go(head, NINE, file, 4, reason="已离职")
        n = actions.file_document(head, NINE, file, a_document(), topic="topology", title="")
        actions.withdraw_document(head, NINE, file, n, reason="已过期")
        due_actions.plan(head, NINE, file, kind="maintenance", title="机房巡检", spans=due_rules.months(2026, [11, 12]))
        due_actions.plan(head, NINE, file, kind="optimisation", title="双路由改造", spans=[("", date(2026, 12, 20))])
        due_actions.advance(head, NINE, file, 8, phase="agreed", words="客户同意分两期")
        due_actions.move(head, NINE, file, 8, day=date(2027, 1, 15), reason="光缆到货推迟")
        due_actions.finish(head, NINE, file, 6, words="设备正常")
        due_actions.reopen(head, NINE, file, 6, reason="点错了")
        due_actions.drop(head, NINE, file, 7, reason="机房停用")
    assert file.version == len(stream.read(file.stream)) == 17
    assert (file.manager, file.services[0].bandwidth, [c.duty for c in file.contacts]) == (
        staff["handler"].name, "500 Mbit/s", ["technical", "technical"],
    )  # fmt: skip
    same(file)
    assert stream.faults([file.stream]) == []


def test_a_bad_fact_is_refused_at_its_field_and_nothing_is_half_stored(app, engine, at, staff):
    head = staff["head"]
    with transaction():
        file = make_group(head)
        actions.set_service(head, NINE, file, **a_service())
    before = len(stream.read(file.stream))

    def wrong(code: str, field: str | None, call) -> None:
        with pytest.raises(Refused, match=code) as refused, transaction():
            call()
        assert refused.value.facts.get("field") == field

    named = actions.name_contact
    wrong("group_known", None, lambda: make_group(head))
    wrong(
        "contract_turned",
        "contract_until",
        lambda: make_group(
            head, name="另一家", phone="0571-80000000", contract_from="2026-02-01", contract_until="2026-01-01"
        ),
    )
    wrong("circuit_known", "circuit_no", lambda: actions.set_service(head, NINE, file, **a_service()))
    wrong("mobile_missing", "mobile", lambda: named(head, NINE, file, **a_contact(mobile="")))
    wrong("choose_colleague", "person_id", lambda: named(head, NINE, file, **a_contact(side="ours")))
    wrong("email_unreadable", "email", lambda: named(head, NINE, file, **a_contact(email="@")))
    wrong(
        "dossier_document_missing",
        "file",
        lambda: actions.file_document(head, NINE, file, None, topic="other", title=""),
    )
    wrong("item_gone", None, lambda: due_actions.finish(head, NINE, file, 99))
    plan = due_actions.plan
    spans = due_rules.periods(2026, "quarter", 10)
    with transaction():
        plan(head, NINE, file, kind="report", code="operation", title="运行报告", spans=spans)
    wrong(
        "due_known",
        "title",
        lambda: plan(head, NINE, file, kind="report", code="operation", title="运行报告", spans=spans[:1]),
    )
    n = file.dues[0].n
    wrong("dossier_document_missing", "file", lambda: due_actions.finish(head, NINE, file, n))
    wrong("due_fixed", None, lambda: due_actions.move(head, NINE, file, n, day=date(2027, 1, 1), reason="晚些"))
    for year, chosen in ((2026, []), (0, [1]), (12026, [1])):
        with pytest.raises(Invalid, match="choose_months"):
            due_rules.months(year, chosen)
    for day in (date(206, 1, 1), date.max, date.min):
        wrong(
            "year_wrong",
            "day",
            lambda day=day: plan(head, NINE, file, kind="optimisation", title="双路由", spans=[("", day)]),
        )
    assert len(stream.read(file.stream)) == before + 1
    with transaction(), pytest.raises(Forbidden):
        actions.let_go(staff["auditor"], NINE, file, 1, reason="不该")


def test_reports_fall_due_by_period_and_are_reminded_of_once_and_counted(app, engine, at, staff):
    head, handler = staff["head"], staff["handler"]
    with transaction():
        file = make_group(head)
        due_actions.plan(
            head, NINE, file, kind="report", code="operation", title="运行报告", owner_id=handler.id, ahead=5,
            spans=due_rules.periods(2026, "quarter", 10)[2:],
        )  # fmt: skip
        due_actions.plan(head, NINE, file, kind="report", code="fault", title="故障报告", ahead=0,
                         spans=[("2026-11", date(2026, 12, 4))])  # fmt: skip
    third, fourth, fault = sorted(file.dues, key=lambda d: d.n)
    assert (third.period, third.due_at) == ("2026Q3", datetime(2026, 10, 10, 15, 59, 59, tzinfo=NINE.tzinfo))
    # 10 January 2027 is a Sunday: five working days before are Monday 4 to Friday 8
    assert local(fourth.notice_at).date() == date(2027, 1, 4)
    assert remind(NINE) == 2  # the third quarter's is overdue already: its owner and the head are told, once
    assert remind(NINE) == 0
    assert sorted(told("corporate_late")) == sorted([(handler.id, file.stream), (head.id, file.stream)])
    last_second = fault.due_at
    with transaction():
        due_actions.finish(head, last_second, file, fault.n, taken=a_document("故障"))
        due_actions.finish(handler, NINE, file, third.n, taken=a_document("三季度"))
    assert (fault.on_time, third.on_time) == (True, False)
    monday = noon(date(2027, 1, 4))
    assert remind(monday) == 1
    assert remind(monday + timedelta(days=6)) == 0
    assert told("corporate_due") == [(handler.id, file.stream)]
    assert [verdict(d, monday)[0] for d in (third, fault, fourth)] == ["done_late", "on_time", "soon"]
    assert [(r.due, r.met, r.share) for r in rates(file.dues, monday)] == [(1, 1, 100.0), (1, 0, 0.0)]
    start, until = (int(noon(date(2026, 10, 1)).timestamp()), int(noon(date(2026, 12, 31)).timestamp()))
    assert queries.kept("report", start, until) == {
        "fault": queries.Kept(1, 1, 1, 1), "operation": queries.Kept(1, 0, 1, 0),
    }  # fmt: skip
    assert remind(noon(date(2027, 1, 11))) == 2
    same(file)


def test_a_worker_that_was_away_tells_of_an_overdue_thing_once_and_not_that_it_is_near(app, engine, at, staff):
    with transaction():
        file = make_group(staff["head"])
        due_actions.plan(
            staff["head"], NINE, file, kind="maintenance", title="机房巡检", spans=due_rules.months(2026, [11, 12])
        )
    assert remind(noon(date(2026, 12, 2))) == 1  # manager and head are one person
    assert (told("corporate_due"), len(told("corporate_late"))) == ([], 1)


def test_a_notice_leads_to_the_page_and_a_round_of_the_worker_asks_one_index(app, engine, at, staff, signed_in):
    with transaction():
        file = make_group(staff["head"])
        plan = due_actions.plan
        plan(staff["head"], NINE, file, kind="maintenance", title="机房巡检", spans=due_rules.months(2026, [11]))
    assert remind(NINE) == 1
    page = signed_in(staff["head"]).get("/notices").get_data(as_text=True)
    assert f'href="/corporate/{file.customer_id}"' in page
    assert "机房巡检 2026-11" in page
    if engine == "sqlite":
        steps = [row[3] for row in read(f"EXPLAIN QUERY PLAN {NEAR}", {"now": 1, "most": 1})]
        assert any("ix_corporate_due_notice" in step for step in steps)
        assert not any(step.startswith("SCAN") for step in steps)


def test_what_a_colleague_who_left_was_responsible_for_is_told_to_whoever_leads(app, engine, at, staff):
    with transaction():
        file, gone = make_group(staff["head"]), staff["handler"].id
        for title, months, owner in (("机房巡检", [11], gone), ("倒换演练", [12], 0)):
            due_actions.plan(staff["head"], NINE, file, kind="maintenance", title=title, owner_id=owner,
                             spans=due_rules.months(2026, months))  # fmt: skip
        people.person(gone).active = False
    assert remind(NINE) == 1
    assert told("corporate_due") == [(staff["head"].id, file.stream)]
    with pytest.raises(Invalid, match="choose_colleague"), transaction():
        actions.change(
            staff["head"], NINE, file, trade="装备制造", address="", manager_id=gone, contract_no="",
            contract_from="", contract_until="",
        )  # fmt: skip


def test_maintenance_is_a_grid_of_items_and_months(app, engine, at, staff):
    head = staff["head"]
    with transaction():
        file = make_group(head)
        for title, months in (("机房巡检", [9, 10, 11, 12]), ("备用路由倒换", [12])):
            due_actions.plan(head, NINE, file, kind="maintenance", title=title, spans=due_rules.months(2026, months))
        due_actions.finish(head, noon(date(2026, 9, 28)), file, 1, words="正常")
    (year,) = years(file.dues, NINE)
    assert [title for title, _ in year.rows] == ["机房巡检", "备用路由倒换"]
    assert (year.done, year.planned, year.late) == (1, 5, 1)
    assert [verdict(due, NINE)[0] if due else "" for due in year.rows[0][1][8:]] == ["on_time", "late", "soon", "open"]


def test_the_page_shows_open_cases_and_masks_numbers_for_who_does_not_need_them(app, engine, at, staff, signed_in):
    with transaction():
        file = make_group(staff["head"])
        actions.name_contact(staff["head"], NINE, file, **a_contact())
        case = judged_case(
            staff["agent"], staff["supervisor"], unit="tech", contact="0571-82607919", customer_name=""
        )  # fmt: skip
    shown = view(staff["handler"], file, NINE, known=True)
    assert ([c.no for c in shown.cases], shown.theirs[0].mobile) == ([case.no], "13812340031")
    clear = signed_in(staff["handler"]).get(f"/corporate/{file.customer_id}").get_data(as_text=True)
    assert "tel:13812340031" in clear
    for role in ("quality", "auditor"):
        masked = signed_in(staff[role]).get(f"/corporate/{file.customer_id}").get_data(as_text=True)
        assert "13812340031" not in masked
        assert "沈国强" not in masked
        assert "shen@example.com" not in masked
        assert "138****0031" in masked
    assert signed_in(staff["agent"]).get(f"/corporate/{file.customer_id}").status_code == 404


def test_the_department_of_a_named_colleague_opens_the_file_and_others_do_not(app, engine, at, staff, signed_in):
    with transaction():
        file = make_group(staff["supervisor"], unit_id=staff["agent"].unit_id)
    with pytest.raises(Missing):
        queries.file(staff["handler"], file.customer_id)
    assert signed_in(staff["handler"]).get("/corporate").get_data(as_text=True).count("data-row") == 0
    with transaction():
        typed = a_contact(side="ours", mobile="13900001111")
        actions.name_contact(staff["supervisor"], NINE, file, person_id=staff["handler"].id, **typed)
    assert queries.file(staff["handler"], file.customer_id)[1]
    assert signed_in(staff["handler"]).get("/corporate").get_data(as_text=True).count("data-row") == 1


def test_forms_keep_what_was_typed_and_a_second_post_changes_nothing(app, engine, at, staff, signed_in):
    with transaction():
        file = make_group(staff["head"])
    client, url = signed_in(staff["head"]), f"/corporate/{file.customer_id}/do"
    seen = str(file.version)
    bad = client.post(f"{url}/service", data=a_service(circuit_no="") | {"seen": seen})
    assert bad.status_code == 422
    assert "总部机房" in bad.get_data(as_text=True)
    good = a_service() | {"seen": seen}
    assert client.post(f"{url}/service", data=good).status_code == 303
    assert client.post(f"{url}/service", data=good).status_code == 409
    db.session.rollback()
    assert len(file.services) == 1
    for name in ("facts", "contact?n=ours", "document", "maintenance", "report", "optimise", "service_change?n=1"):
        assert client.get(f"{url}/{name}").status_code == 200, name
    for name in ("service_change?n=7", "done?n=1", "nothing", "contact_gone?n=x"):
        assert client.get(f"{url}/{name}").status_code == 404, name


def test_a_document_is_inert_and_its_content_is_kept_and_the_opening_noted(app, engine, at, staff, signed_in):
    with transaction():
        file = make_group(staff["head"])
    client, url = signed_in(staff["head"]), f"/corporate/{file.customer_id}"

    def data(content: bytes) -> dict[str, object]:
        return {"seen": str(file.version), "topic": "test", "title": "验收测试", "file": (io.BytesIO(content), "a.pdf")}

    refused = client.post(f"{url}/do/document", data=data(b"<html>"))
    assert refused.status_code == 422
    assert "验收测试" in refused.get_data(as_text=True)
    assert client.post(f"{url}/do/document", data=data(PDF)).status_code == 303
    db.session.rollback()
    row = db.session.scalars(select(Document)).one()
    assert queries.contents([row.sha256, "0" * 64]) == {row.sha256}
    assert files.sound(row.sha256)
    answer = client.get(f"{url}/documents/{row.n}")
    assert answer.data == PDF
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get(f"{url}/documents/99").status_code == 404
    log = signed_in(staff["auditor"]).get("/archive/access").get_data(as_text=True)
    assert "验收测试" in log


def test_the_sheet_prints_and_is_noted(app, engine, at, staff, signed_in):
    with transaction():
        file = make_group(staff["head"])
        make_project(staff["head"], file)
    page = signed_in(staff["head"]).get(f"/corporate/{file.customer_id}/sheet").get_data(as_text=True)
    assert "signatures" in page
    assert "临港分厂专线扩容" in page
    assert f"{file.code} group customer" in signed_in(staff["auditor"]).get("/archive/access").get_data(as_text=True)


def test_the_page_shows_the_customers_running_orders_and_leads_from_a_service_to_its_order(
    app, engine, at, staff, signed_in
):
    with transaction():
        file = make_group(staff["head"])
        units = crew()
        order = raised(units["enterprise"], "provisioning", customer_id=file.customer_id)
        actions.set_service(staff["head"], NINE, file, **a_service(order_no=order.no))
    shown = view(units["enterprise"], file, NINE, known=True)
    assert [(o.no, bool(o.state), o.due_at == order.due_at) for o in shown.orders] == [(order.no, True, True)]
    page = signed_in(staff["supervisor"]).get(f"/corporate/{file.customer_id}").get_data(as_text=True)
    assert page.count(f'href="/orders/{order.no}"') == 2
    other = signed_in(staff["head"]).get(f"/corporate/{file.customer_id}").text  # keeps the file, not the order
    assert (order.no in other, f'href="/orders/{order.no}"' in other, "其他部门的工单" in other) == (True, False, True)


def test_who_keeps_the_file_sees_the_customers_too_and_others_do_not(app, engine, at, staff):
    kept, other = staff["handler"], staff["business"]  # of the technical department, which keeps it, and of another
    with transaction():
        group = make_group(staff["head"])
    assert directory.file(kept, group.id)[0].name == group_name(group)
    assert [one.id for one in directory.search(kept, group.code)] == [group.id]
    assert directory.search(other, group.code) == []
    with pytest.raises(Missing):
        directory.file(other, group.id)


def group_name(group: GroupFile) -> str:
    return str(read("SELECT name FROM customer WHERE id = :id", {"id": group.id})[0][0])
