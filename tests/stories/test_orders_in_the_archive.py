"""WF3: an ended order is a record that never changes, found by the language of the search; looks are noted."""

import zlib
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal.archive import order_index, order_records, soundness
from portal.archive.models import ArchiveAccess, OrderRecord, SoundnessCheck
from portal.identity import queries as people
from portal.identity.actions import set_fact
from portal.jobs.order_check import check_some
from portal.journal import stream
from portal.kernel import files
from portal.kernel.db import db, transaction, writing
from portal.kernel.i18n import local
from portal.workflows import queries
from tests.builders import NINE
from tests.conftest import HTMX
from tests.workflows import builders

pytestmark = pytest.mark.alike


@pytest.fixture
def ended(app, at, staff):
    """The number of a provisioning order that was led to its end, and of one that runs."""
    with transaction():
        builders.crew()
        no = builders.raised(staff["supervisor"], "provisioning").no
        running = builders.raised(staff["supervisor"], "provisioning").no
    builders.led(staff["supervisor"], no, builders.first)
    return no, running


def test_an_ended_order_is_found_by_the_language_of_the_search(engine, ended, staff, signed_in):
    no, running = ended
    browser, units = signed_in(staff["supervisor"]), queries.unit_ids()
    assert "/archive/orders?" in browser.get(f"/archive?q={no}-02").text

    def finds(said: str) -> bool:
        page = browser.get("/archive/orders", query_string={"q": said}, headers=HTMX).text
        assert running not in page
        return no in page

    day = f"{builders.found(no).ended_at:%Y-%m}"
    found = (f"{no}-02", "海天", "海天 -没有这话", f"no:{no}", f"no:{no}-02", "customer:海天", f"{day}..",
             "provisioning", "业务开通", f"dept:{units['enterprise']}", f"-dept:{units['business']}")  # fmt: skip
    assert [said for said in found if not finds(said)] == []
    not_found = (
        "没有这话",
        "海天 -海天",
        "..2001",
        "title:WO",
        "level:P1 海天",
        "provision",
        f"dept:{units['business']}",
    )
    assert [said for said in not_found if finds(said)] == []
    page = browser.get(f"/archive/orders?q={no}").text
    assert (no in page, "只能" in page) == (True, False)
    assert "只能找到客户工单" in browser.get("/archive/orders?q=level:P1").text
    assert browser.get("/archive/orders?q=level:什么").status_code == 422
    dispatcher = signed_in(
        people.actor_by_login("o_dispatcher")
    )  # RO11: those who finish dispatch sheets find them again
    assert no in dispatcher.get(f"/archive/orders?q={no}-03").text
    assert dispatcher.get(f"/archive/orders/{no}").status_code == 200
    assert "/archive/orders" in dispatcher.get("/orders/ledger").text
    assert no not in signed_in(staff["business"]).get(f"/archive/orders?q={no}", headers=HTMX).text
    assert signed_in(staff["security"]).get("/archive/orders?q=x", headers=HTMX).status_code == 403


def test_its_record_opens_as_it_ended_and_never_changes(engine, ended, staff, signed_in):
    no, running = ended
    browser, order = signed_in(staff["supervisor"]), builders.found(no)
    page = browser.get(f"/archive/orders/{no}?q=x").text
    for said in (f"{no}-02", "档案文件与业务工单办结时封存的一致", "海天", f"/orders/{no}/sheets.pdf"):
        assert said in page
    assert browser.get(f"/archive/orders/{running}").headers["Location"].endswith(f"/orders/{running}")
    assert signed_in(staff["business"]).get(f"/archive/orders/{no}").status_code == 404
    row = db.session.get_one(OrderRecord, order.id)
    assert row.sha256 == order_records.sealed(no) != ""
    assert stream.faults([f"record:{no}"]) == []
    assert row.retain_until.year == row.archived_at.year + 2
    db.session.rollback()
    looks = [(look.what, look.no) for look in db.session.scalars(select(ArchiveAccess).order_by(ArchiveAccess.id))]
    assert ("open", no) in looks
    for statement in ("UPDATE order_record SET sha256 = ''", "DELETE FROM order_record"):
        with pytest.raises(DBAPIError), transaction() as session:
            session.execute(text(statement))
    db.session.rollback()
    assert check_some(NINE, 0, 10)[0].differences == []
    file = order.files[0]
    assert (file.name in page, f"/orders/{no}/files/{file.id}" in page, file.sha256 in page) == (True, True, True)
    files.place(file.sha256).unlink()
    found = check_some(NINE, 0, 10)[0].differences
    assert {(one.no, one.kind, one.kept) for one in found} == {(no, "file", "missing")}


def test_who_does_not_read_customers_reads_the_record_masked(ended, staff, signed_in):
    no, _ = ended
    for role in ("quality", "auditor"):
        for path in (f"/archive/orders?q={no}", f"/archive/orders/{no}"):
            page = signed_in(staff[role]).get(path).text
            assert (no in page, "海天公司" in page) == (True, False)


def test_a_record_changed_by_hand_is_named_and_one_that_lacks_is_made(app, ended, staff, signed_in):
    no, _ = ended
    order_id, body = builders.found(no).id, zlib.compress(b'{"entries": []}')
    with writing(), db.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER order_record_no_update"))
        connection.execute(text("UPDATE order_record SET body = :body"), {"body": body})
    db.session.rollback()
    found = check_some(NINE, 0, 10)[0].differences
    assert [(one.no, one.field, one.kept) for one in found] == [(no, "record", "altered")]
    with writing(), db.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER order_record_no_delete"))
        connection.execute(text("DELETE FROM order_record WHERE order_id = :id"), {"id": order_id})
    db.session.rollback()
    assert [one.kept for one in check_some(NINE, 0, 10)[0].differences] == ["missing"]
    assert [order_records.bring_up(NINE) for _ in range(2)] == [1, 0]


def test_the_index_is_filled_anew_for_other_tokens(engine, ended, staff, signed_in):
    no, _ = ended
    assert [order_index.bring_up() for _ in range(2)] == [True, False]  # the store of the tests was not made ready
    row = db.session.get_one(OrderRecord, builders.found(no).id)
    with transaction():
        order_index.remove(row.order_id, row.text)
        set_fact(order_index.FACT, "0")
    browser = signed_in(staff["supervisor"])
    assert no not in browser.get("/archive/orders?q=海天").text
    assert order_index.bring_up() is True
    assert no in browser.get("/archive/orders?q=海天").text


def test_the_daily_check_of_the_four_properties_looks_at_orders_too(app, ended, staff, signed_in):
    """The day after all that ended, later a sample: what is missing, altered or unreadable is named with its number."""
    no, _running = ended

    def checked(night) -> SoundnessCheck:
        for _ in range(3):
            soundness.step(night)
        return db.session.get_one(SoundnessCheck, local(night).date().isoformat())

    night = NINE + timedelta(hours=19)  # 04:00 of the next day
    day = checked(night)
    assert (day.total, day.orders, day.waiting, day.failed) == (1, 1, [], {})
    order = builders.found(no)
    files.place(order.files[0].sha256).unlink()
    with writing(), db.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER order_record_no_update"))
        connection.execute(text("UPDATE order_record SET sha256 = 'x'"))
        connection.execute(text("UPDATE work_order SET title = '' WHERE no = :no"), {"no": no})
    db.session.expire_all()
    day = checked(night + timedelta(days=1))
    lacks = [["authentic", "document"], ["complete", "title"], ["usable", "file_missing"]]
    assert (day.total, day.faults) == (1, [[no, *one] for one in lacks])
    assert day.failed == {"authentic": 1, "complete": 1, "usable": 1}
    for role, opens in (("auditor", True), ("security", False)):
        page = signed_in(staff[role]).get("/archive/soundness").text
        assert (no in page, f"/archive/orders/{no}" in page, "其中业务工单 1 份" in page) == (True, opens, True)
