"""WF2, WF3: an old ledger is brought in once, with a preview, refused rows and what was assumed marked."""

from io import BytesIO

from sqlalchemy import select

from portal.identity import queries as people
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.workflows import timeliness
from portal.workflows.apply import apply
from portal.workflows.events import from_facts
from portal.workflows.models import WorkOrder
from tests.intake.test_sheets import workbook
from tests.workflows import builders

CSV = """客户,电路类型,started,ended,due,result,旧编号,外部单号,备注
海天公司,OTN 专线,2026-01-05,2026-01-20,2026-01-22,完成,L-001,EXT-77,=1+1
山河公司,mstp,2026/2/3,,,,L-002,,
,mstp,2026-02-03,2026-02-10,,,L-003,,
江南公司,铜线,2026-02-03,2026-02-10,,,L-004,,
湖北公司,mstp,2026-02-30,2026-03-10,,,L-005,,
山河公司,mstp,2026/2/3,,,,L-002,,
"""
MAPPED = "&c6=old_no&c7=outside_no&c8="


def test_an_old_ledger_comes_in_once(app, engine, at, staff, signed_in):
    with transaction():
        builders.crew()
    browser = signed_in(staff["admin"])
    unit = people.unit_id("enterprise")
    sent = {"flow": "provisioning", "unit": unit, "file": (BytesIO(CSV.encode("gb18030")), "台帐.csv")}
    answer = browser.post("/orders/import", data=sent)
    assert answer.status_code == 303
    place = answer.headers["Location"] + MAPPED
    page = browser.get(place).get_data(as_text=True)
    assert "6" in page
    assert db.session.scalar(select(WorkOrder)) is None  # a preview writes nothing
    refused = browser.get(place.replace("?", "/refused.csv?")).get_data(as_text=True)
    assert [line.split(",")[0] for line in refused.splitlines()[1:]] == ["4", "5", "6"]
    for _ in range(2):
        assert browser.post(place).status_code == 303
    db.session.rollback()
    orders = db.session.scalars(select(WorkOrder).order_by(WorkOrder.id)).all()
    assert [(o.customer_name, o.state, o.result, o.facts["old_no"]) for o in orders] == [
        ("海天公司", "ended", "completed", "L-001"), ("山河公司", "ended", "completed", "L-002"),
        ("山河公司", "ended", "completed", "L-002"),
    ]  # fmt: skip
    assert orders[0].facts["circuit_type"] == "otn"
    assert orders[0].facts["imported"]["assumed"] == ["title"]
    assert orders[1].facts["imported"]["assumed"] == ["due", "ended", "result", "title"]
    assert orders[0].no.startswith("WO2601-")


def test_an_imported_order_is_one_event_is_found_and_does_not_bend_figures(app, engine, at, staff, signed_in):
    test_an_old_ledger_comes_in_once(app, engine, at, staff, signed_in)
    order = db.session.scalars(select(WorkOrder).order_by(WorkOrder.id)).all()[0]
    lines = stream.read(order.stream)
    assert [line.kind for line in lines] == ["Imported"]
    again = WorkOrder()
    apply(again, from_facts("Imported", lines[0].facts), lines[0].at, lines[0].by_id)
    for column in WorkOrder.__table__.columns:
        if column.name not in ("id", "version", "head_at", "warn_at", "next_at"):
            assert getattr(again, column.name) == getattr(order, column.name), column.name
    browser = signed_in(staff["supervisor"])
    page = browser.get("/orders/ledger?flow=provisioning&q=ext-77").get_data(as_text=True)
    assert order.no in page
    assert browser.get(f"/orders/{order.no}").status_code == 200
    counted = list(timeliness.orders(timeliness.Period(0, 2_000_000_000, 2_000_000_000)))
    assert [(item.no, item.met) for item in counted] == [(order.no, True)]  # the others' due days were assumed
    assert timeliness.cycle(timeliness.Period(0, 2_000_000_000, 2_000_000_000)).orders == 0


def test_a_workbook_brings_in_what_the_same_text_does(app, at, staff, signed_in):
    with transaction():
        builders.crew()
    browser, unit = signed_in(staff["admin"]), people.unit_id("enterprise")
    raw = workbook(台帐=[line.split(",") for line in CSV.replace("=1+1", "备注").splitlines()])
    sent = {"flow": "provisioning", "unit": unit, "file": (BytesIO(raw), "台帐.xlsx")}
    place = browser.post("/orders/import", data=sent).headers["Location"] + MAPPED
    assert browser.post(place).status_code == 303
    orders = db.session.scalars(select(WorkOrder).order_by(WorkOrder.id)).all()
    assert [o.facts["old_no"] for o in orders] == ["L-001", "L-002", "L-002"]


def test_what_is_no_ledger_is_said_at_once(app, at, staff, signed_in):
    with transaction():
        builders.crew()
    browser = signed_in(staff["admin"])
    answer = browser.post("/orders/import", data={"flow": "provisioning", "unit": 1})
    assert answer.status_code == 422
    empty = {"flow": "provisioning", "unit": 1, "file": (BytesIO(b""), "a.csv")}
    assert browser.post("/orders/import", data=empty).status_code == 422
    assert browser.get(f"/orders/import/{'0' * 64}?flow=provisioning&unit=1").status_code == 422
    assert signed_in(staff["agent"]).get("/orders/import").status_code == 403
