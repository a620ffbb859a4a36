"""DK7, AR4: sheets for paper are masked by role, and who printed what is written down."""

import pytest
from sqlalchemy import select

from portal.archive.models import ArchiveAccess
from portal.kernel.db import db, transaction
from tests.builders import closed_case, judged_case

pytestmark = pytest.mark.alike


def printed() -> list[tuple[int, str, str]]:
    db.session.rollback()
    rows = db.session.scalars(select(ArchiveAccess).where(ArchiveAccess.what == "print").order_by(ArchiveAccess.id))
    return [(row.person_id, row.no, row.query) for row in rows]


def test_a_case_sheet_is_masked_by_role_and_written_down(app, engine, at, staff, signed_in):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], unit="tech")
        over = closed_case(staff["agent"], staff["supervisor"], staff["handler"], contact="13800133001")
    agent, quality = signed_in(staff["agent"]), signed_in(staff["quality"])
    sheet = agent.get(f"/cases/{case.no}/sheet").get_data(as_text=True)
    assert "13800130013" in sheet
    assert 'class="signatures"' in sheet
    masked = quality.get(f"/cases/{case.no}/sheet").get_data(as_text=True)
    assert "13800130013" not in masked
    assert "王芳" not in masked
    agent.get(f"/cases/{over.no}/sheet")
    assert printed() == [
        (staff["agent"].id, case.no, ""), (staff["quality"].id, case.no, ""), (staff["agent"].id, over.no, "")
    ]  # fmt: skip
    assert signed_in(staff["business"]).get(f"/cases/{case.no}/sheet").status_code == 404
    page = signed_in(staff["auditor"]).get("/archive/access").get_data(as_text=True)
    assert case.no in page


def test_a_queue_list_is_written_down_as_well(app, engine, at, staff, signed_in):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], unit="tech")
    page = signed_in(staff["handler"]).get("/queues/tech/sheet").get_data(as_text=True)
    assert case.no in page
    assert "王芳" in page
    assert "王芳" not in signed_in(staff["quality"]).get("/queues/tech/sheet").get_data(as_text=True)
    assert [query for _who, _no, query in printed()] == ["queue tech", "queue tech"]
    assert signed_in(staff["analyst"]).get("/queues/tech/sheet").status_code == 403
