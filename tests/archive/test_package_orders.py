"""AR2, WF3: ended orders leave in a package too, proven by the same program, masked for the same people."""

import json
from datetime import timedelta

import pytest

from portal.archive import package_rules
from portal.archive.models import ExportPackage
from portal.jobs.sealing import Sealing
from portal.kernel.db import db, transaction
from tests.archive.test_package import asked, made, unpacked, verified
from tests.builders import NINE, closed_case
from tests.workflows import builders

pytestmark = pytest.mark.alike

AT = NINE + timedelta(days=9)


@pytest.fixture
def ended(app, engine, at, staff, monkeypatch):
    """The number of an order that ended beside a closed case, sealed; papers are drawn plainly but for one test."""
    monkeypatch.setattr("portal.archive.record_print.pdf_of", lambda found, *_: b"%PDF case")
    monkeypatch.setattr("portal.kernel.paper.laid_out", lambda page, _: b"%PDF " + page.encode())
    with transaction():
        builders.crew()
        no = builders.raised(staff["supervisor"], "provisioning").no
        closed_case(staff["agent"], staff["supervisor"], staff["handler"])
    builders.led(staff["supervisor"], no, builders.first)
    sealing = Sealing()
    for minutes in (0, 5, 10):
        sealing.step(AT + timedelta(minutes=minutes))
    at(AT + timedelta(hours=1))
    return no


def test_orders_leave_with_their_proofs_and_each_flipped_bit_is_named(ended, staff, signed_in, tmp_path):
    browser = signed_in(staff["supervisor"])
    page = browser.get("/archive/packages?q=").text
    assert [f'value="{code}"' in page for code in ("cases", "orders", "both")] == [True] * 3
    assert "holds=orders" in browser.get("/archive/orders").text
    assert asked(browser, holds="both").status_code == 303
    row = made(AT)
    assert (row.state, row.count, row.done, row.holds) == ("ready", 2, 2, "both")
    folder = unpacked(tmp_path / "out", browser.get(f"/archive/packages/{row.id}.zip").data)
    found = verified(folder)
    assert (found.returncode, found.stderr, "尚未封存 0" in found.stdout) == (0, "", True)
    assert "封存的档案文件: 1" in found.stdout
    record = json.loads((folder / f"data/orders/{ended}.json").read_text("utf-8"))
    assert (record["customer"], record["sound"], record["result"]) == ("海天公司", True, "completed")
    assert {step["sheet"] for step in record["steps"]} >= {f"{ended}-01", f"{ended}-02"}
    document = record["documents"][0]
    assert (folder / document["path"]).read_bytes() == b"%PDF-1.4 paper"
    assert document["path"].endswith(".pdf")
    assert f"{ended}-02" in (folder / f"data/orders/{ended}.pdf").read_text("utf-8")
    assert ended in (folder / "data/orders.csv").read_text("utf-8-sig")
    assert "办结" in (folder / "README.txt").read_text("utf-8")
    sealed = folder / f"data/sealed/{ended}.json"
    before = sealed.read_bytes()
    sealed.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
    wrong = verified(folder)
    assert (wrong.returncode, f"{sealed.name}: is not the document that was sealed" in wrong.stdout) == (1, True)
    sealed.write_bytes(before)
    journal = folder / f"data/journal/{ended}.jsonl"
    journal.write_bytes(journal.read_bytes().replace("海天".encode(), "海地".encode(), 1))
    assert f"{journal.name}: entry 1 says something else" in verified(folder).stdout


def test_orders_beyond_what_a_package_holds_are_called_more(ended, staff, signed_in, monkeypatch):
    browser = signed_in(staff["supervisor"])
    assert "已办结业务工单 1 件" in browser.get("/archive/packages?q=").text
    monkeypatch.setattr(package_rules, "MOST", 0)
    page = browser.get("/archive/packages?q=").text
    assert "已办结业务工单超过 0 件" in page
    refused = asked(browser, holds="orders")
    assert (refused.status_code, "超过 0 份档案" in refused.text) == (422, True)


@pytest.mark.slow
def test_who_does_not_read_customers_gets_hashes_and_no_document(ended, staff, signed_in, tmp_path):
    quality = signed_in(staff["quality"])
    asked(quality, holds="orders")
    row = made(AT)
    assert (row.state, row.count) == ("ready", 1)
    folder = unpacked(tmp_path / "out", quality.get(f"/archive/packages/{row.id}.zip").data)
    assert verified(folder).returncode == 0
    every = b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())
    assert [word for word in ("海天公司", "张工", "已核实的") if word.encode() in every] == []
    assert b"%PDF-1.4 paper" not in every
    assert not (folder / "data/sealed").exists()
    assert not (folder / "data/records").exists()
    assert "facts" not in (folder / f"data/journal/{ended}.jsonl").read_text("utf-8")


@pytest.mark.slow
def test_the_record_of_an_order_is_drawn_on_paper(app, at, staff):
    from portal.archive import order_packing, order_records
    from portal.archive.order_shown import shown

    with transaction():
        builders.crew()
        no = builders.raised(staff["supervisor"], "provisioning").no
    builders.led(staff["supervisor"], no, builders.first)
    builders.found(no)
    found = order_records.opened(staff["supervisor"], no)
    with app.test_request_context():
        paper = order_packing.pdf_of(found, shown(staff["supervisor"], found, NINE), staff["supervisor"], NINE)
    assert paper.startswith(b"%PDF")
    assert db.session.query(ExportPackage).count() == 0
