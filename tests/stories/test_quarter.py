"""RE2, RE4: what was worked in a quarter stands in its report, on screen and on paper, and leads back to the cases."""

from datetime import timedelta

from portal.kernel.db import transaction
from tests.builders import NINE, closed_case, make_case
from tests.services import need


def test_a_quarter_is_counted_and_printed(app, engine, at, staff, signed_in):
    need("poppler")
    with transaction():
        closed = closed_case(staff["agent"], staff["supervisor"], staff["handler"], level="P2", rating=5)
        late = make_case(staff["agent"], NINE + timedelta(minutes=30), received=NINE)
    at(days=3)
    quality = signed_in(staff["quality"])
    front = quality.get("/reports").get_data(as_text=True)
    assert "/reports/cases?figure=received" in front
    behind = quality.get("/reports/cases?figure=late_entry&part=miss&quarter=2026Q4").get_data(as_text=True)
    assert late.no in behind
    assert closed.no not in behind
    paper = quality.get("/reports/quarterly/2026Q4.pdf?lang=zh")
    assert (paper.status_code, paper.mimetype) == (200, "application/pdf")
    assert 'filename="report-2026Q4-zh.pdf"' in paper.headers["Content-Disposition"]
    assert quality.get("/reports/quarterly/2026Q4.pdf?lang=fr").status_code == 422
    assert quality.get("/reports/quarterly/2026Q4.pdf?lang=en").data[:4] == b"%PDF"
