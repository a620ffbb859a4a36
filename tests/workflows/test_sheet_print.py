"""WF3, DK7: numbered sheets print on A4, masked by role, each printing written down."""

import subprocess

from sqlalchemy import select

from portal.archive.models import ArchiveAccess
from portal.kernel.db import db, transaction
from portal.workflows import queries, sheet_print
from tests.services import need
from tests.workflows import builders


def text_of(body: bytes, tmp_path) -> str:
    file = tmp_path / "sheet.pdf"
    file.write_bytes(body)
    return subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True).stdout


def dispatched(staff) -> tuple[str, dict]:
    """A provisioning order whose dispatch sheet is done, and the people of its departments."""
    with transaction():
        crew = builders.crew()
        no = builders.raised(staff["supervisor"], "provisioning", given={"place_a": "湖滨路 1 号，王工 13800138000"}).no
    builders.led(staff["supervisor"], no, builders.first, until="material")
    return no, crew


def test_a_dispatch_sheet_prints_with_its_facts_and_its_number_outside(app, engine, at, staff, signed_in, tmp_path):
    need("poppler")
    no, crew = dispatched(staff)
    order = builders.found(no)
    number = next(s.sheet for s in order.steps if s.code == "dispatch")
    answer = signed_in(crew["dispatcher"]).get(f"/orders/{no}/sheets/{number}.pdf")
    assert answer.mimetype == "application/pdf"
    text = text_of(answer.data, tmp_path)
    for said in (number, "调单", "海天公司", "外部系统调单号", "13800138000", "审核人、日期"):
        assert said in text
    looks = db.session.scalars(select(ArchiveAccess).where(ArchiveAccess.what == "print")).all()
    assert [(look.person_id, look.no, look.query) for look in looks] == [(crew["dispatcher"].id, no, f"sheet {number}")]
    assert signed_in(crew["dispatcher"]).get(f"/orders/{no}/sheets/{no}-99.pdf").status_code == 404


def test_all_sheets_of_an_order_print_as_one_and_are_masked(app, at, staff, signed_in, tmp_path):
    need("poppler")
    no, crew = dispatched(staff)
    with transaction():
        fresh = builders.raised(staff["supervisor"], "provisioning").no
    masked = text_of(signed_in(staff["quality"]).get(f"/orders/{no}/sheets.pdf").data, tmp_path)
    assert "13800138000" not in masked
    assert "138****8000" in masked
    assert f"{no}-01" in masked
    assert f"{no}-02" in masked
    assert signed_in(staff["security"]).get(f"/orders/{no}/sheets.pdf").status_code == 403
    assert signed_in(staff["quality"]).get(f"/orders/{fresh}/sheets.pdf").status_code == 404
    assert crew


def test_the_code_on_a_sheet_leads_to_its_step(app, at, staff):
    no, _crew = dispatched(staff)
    with app.test_request_context():
        order = builders.found(no)
        step = next(s for s in order.steps if s.code == "dispatch")
        sheet = sheet_print.sheet(staff["supervisor"], order, step, queries.way_of(order))
    assert sheet.address.endswith(f"/orders/{no}#s{step.n}")
    assert sheet.code.startswith("<svg")
