"""AR5, WF3: records of ended orders go after their time by the same two people, and nothing else lets them go."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal.archive import disposal_actions, hold_actions, order_records
from portal.archive.holds import held_order
from portal.archive.keeping_models import Disposal, DisposalOrder
from portal.archive.models import OrderRecord
from portal.jobs.order_check import check_some
from portal.kernel import files
from portal.kernel.db import db, transaction, write, writing
from portal.kernel.errors import Invalid, Refused
from portal.workflows import timeliness
from tests.builders import NINE, closed_case
from tests.stories.test_disposal import asked_for, done, said, verified
from tests.workflows import builders

pytestmark = pytest.mark.alike

LATER = NINE + timedelta(days=740)
WORDS = ("海天", "张工", "报告.pdf", "W-9", "芯光纤", "已核实")


@pytest.fixture
def ended(app, engine, at, staff):
    """The number of a provisioning order that ended more than two years ago."""
    with transaction():
        builders.crew()
        no = builders.raised(staff["supervisor"], "provisioning").no
    builders.led(staff["supervisor"], no, builders.first)
    at(LATER)
    return no


def proposed(staff):
    with transaction():
        return disposal_actions.propose(staff["security"], LATER, reason="保管期满").id


def approved(staff):
    batch = proposed(staff)
    with transaction():
        disposal_actions.approve(staff["management"], LATER, batch, words="同意")
    return batch


def state(batch):
    db.session.expire_all()
    return db.session.scalar(select(DisposalOrder.state).where(DisposalOrder.disposal_id == batch))


def figures():
    span = timeliness.Period(int(NINE.timestamp()), int(LATER.timestamp()), int(LATER.timestamp()))
    steps = [(one.no, one.code, one.unit_id, one.due, one.met) for one in timeliness.steps(span)]
    orders = [(one.no, one.due, one.done, one.met) for one in timeliness.orders(span)]
    return orders, steps, timeliness.cycle(span)


def test_what_an_order_said_is_gone_its_chain_holds_and_figures_come_out_the_same(ended, staff, signed_in, app):
    before, digest = figures(), builders.found(ended).files[0].sha256
    assert files.place(digest).exists()
    batch = approved(staff)
    done(LATER)
    assert (state(batch), figures()) == ("gone", before)
    run = verified()
    assert (run.found, run.erased > 20) == (0, True)
    browser = signed_in(staff["supervisor"])
    for path in (f"/orders/{ended}", f"/archive/orders/{ended}", f"/orders/{ended}/sheets.pdf"):
        gone = browser.get(path)
        assert (gone.status_code, f"XH{batch:05d}" in gone.text) == (404, True)
    for path in ("/archive/orders?q=", "/orders/ledger?flow=all&state=ended", "/orders?show=ended"):
        assert ended not in browser.get(path).text
    behind = browser.get("/orders/timeliness/behind?from=2026-10-01&to=2026-12-31").text
    assert (ended in behind, "已按期销毁" in behind, f"/orders/{ended}" in behind) == (True, True, False)
    assert not files.place(digest).exists()
    assert [order_records.bring_up(LATER), check_some(LATER, 0, 10)[0].differences] == [0, []]
    row = db.session.get(Disposal, batch)
    assert (row.state, len(row.manifest), said("DisposalDone")[0]["gone"]) == ("done", 64, 1)
    order = builders.found(ended)
    assert (order.result, order.disposed, order.title, order.facts.get("action")) == ("completed", row.code, "", "open")
    management = signed_in(staff["management"])
    assert ended in management.get(f"/archive/retention/disposals/{batch}").text
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        file = Path(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))
        left = b"".join(one.read_bytes() for one in file.parent.glob("portal.db*"))
        assert [w for w in WORDS if w.encode() in left or w.encode("unicode_escape") in left] == []


@pytest.mark.slow
def test_an_order_is_kept_by_its_class_and_by_every_kind_of_hold(ended, staff, signed_in):
    security = signed_in(staff["security"])
    page = security.get("/archive/retention").text
    assert (
        "集团客户业务工单" in page,
        security.post("/archive/retention/classes/orders", data={"months": "36"}).status_code,
    ) == (True, 303)
    with pytest.raises(Invalid, match="nothing_due"):
        proposed(staff)
    assert security.post("/archive/retention/classes/orders", data={"months": "24"}).status_code == 303
    number = {"scope": "order", "target": ended, "reason": "法院调取证据"}
    assert security.post("/archive/retention/holds", data=number | {"target": "WO0000-1"}).status_code == 422
    with transaction():
        closed_case(staff["agent"], staff["supervisor"], staff["handler"])
        write("UPDATE work_order SET customer_id = 1", {})
    places = (
        lambda: hold_actions.place(staff["security"], LATER, scope="customer", target="KH000001", reason="诉讼"),
        lambda: hold_actions.place(staff["security"], LATER, scope="order", target=ended, reason="诉讼"),
        lambda: hold_actions.place(
            staff["security"], LATER, scope="range", target="2026-11-01", until="2026-12-31", reason="检查"
        ),
        lambda: hold_actions.place_on_search(staff["security"], LATER, asked_for("海天"), reason="检查"),
    )
    for place in places:
        with transaction():
            hold = place().id
        assert held_order(1) == hold
        with transaction():
            hold_actions.lift(replace(staff["security"], id=999), LATER, hold, words="结案")
    batch = proposed(staff)
    with pytest.raises(Refused, match="own_proposal"), transaction():
        disposal_actions.approve(staff["security"], LATER, batch, words="")


def test_the_store_lets_go_of_an_orders_words_by_that_way_alone(ended, staff):
    with pytest.raises(DBAPIError, match="kept"), transaction() as session:
        session.execute(text("DELETE FROM journal_body"))
    batch = approved(staff)
    with transaction():
        hold_actions.place(staff["security"], LATER, scope="order", target=ended, reason="法院调取证据")
    with transaction() as session:
        session.execute(text("UPDATE disposal_order SET state = 'disposing'"))
        for statement in ("DELETE FROM order_record", "DELETE FROM journal_body"):
            with pytest.raises(DBAPIError, match=r"kept|append only"), session.begin_nested():
                session.execute(text(statement))
        session.execute(text("UPDATE disposal_order SET state = 'waiting'"))
    done(LATER)
    assert (state(batch), db.session.get(OrderRecord, builders.found(ended).id) is not None) == ("held", True)


@pytest.mark.slow
def test_words_of_an_order_that_went_another_way_are_found(ended, staff):
    of_order = f"SELECT id FROM journal WHERE stream = 'order:{ended}'"
    with writing(), db.engine.begin() as connection:
        on = " ON journal_body" if db.engine.dialect.name != "sqlite" else ""
        connection.execute(text(f"DROP TRIGGER journal_body_kept{on}"))
        connection.execute(text(f"DELETE FROM journal_body WHERE journal_id IN ({of_order})"))
    assert ("erased", f"order:{ended}") in {(fault.what, fault.stream) for fault in verified().faults}
