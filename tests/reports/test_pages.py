"""RE2, RE4, SE3: the report's pages, who may see and write them, and the PDF."""

import re
import subprocess
from datetime import timedelta

import pytest

from portal.cases import actions as cases
from portal.collaboration import actions as together
from portal.jobs.sealing import Sealing
from portal.journal import anchors, seals
from portal.kernel.db import transaction
from portal.kernel.errors import Refused
from portal.reports import pdf, quarterly
from tests.builders import NINE, closed_case, judged_case
from tests.services import need

LATER = NINE + timedelta(days=2)
PHONE, NAME = "13800130013", "王芳"


@pytest.fixture
def worked(app, at, staff):
    """A quarter in which something happened: closed, chased, reopened and overdue cases."""
    with transaction():
        closed_case(staff["agent"], staff["supervisor"], staff["handler"], level="P2", rating=5)
        low = closed_case(staff["agent"], staff["supervisor"], staff["handler"], level="P3", rating=1)
        cases.reopen(staff["agent"], NINE + timedelta(hours=5), low, reason="又断了")
        late = judged_case(
            staff["agent"], staff["supervisor"], level="P2", channel="email",
            description=f"{NAME}住朝阳区建国路88号501室，电话{PHONE}，宽带全部中断",
        )  # fmt: skip
        together.chase(staff["agent"], NINE, late, by_customer=True, words="催促")
    at(days=2)
    return late


def text_of(body: bytes, tmp_path, tool: str = "pdftotext") -> str:
    file = tmp_path / "r.pdf"
    file.write_bytes(body)
    more = ["-layout", str(file), "-"] if tool == "pdftotext" else [str(file)]
    return subprocess.run([tool, *more], capture_output=True, text=True, check=True).stdout


def test_only_those_who_may_see_reports_see_them(app, worked, staff, signed_in):
    paths = ("/reports", "/reports/quarterly/2026Q4", "/reports/cases?figure=received", "/reports/quarterly/2026Q4.pdf")
    for role in ("agent", "handler", "security", "dispatcher"):
        assert {signed_in(staff[role]).get(path).status_code for path in paths} == {403}
    for role in ("supervisor", "head", "quality", "analyst", "management"):
        assert {signed_in(staff[role]).get(path).status_code for path in paths[:3]} == {200}


def test_the_page_says_what_the_figures_say(app, worked, staff, signed_in):
    page = signed_in(staff["analyst"]).get("/reports/quarterly/2026Q4").get_data(as_text=True)
    doc = quarterly.document("2026Q4", LATER)
    for number in range(1, 9):
        assert f'id="section-{number}"' in page
    for figure in doc.rates + doc.times:
        assert quarterly.shown(figure) in page
    assert PHONE not in page
    assert NAME not in page


def test_a_figure_leads_to_its_cases(app, worked, staff, signed_in):
    browser = signed_in(staff["supervisor"])
    page = browser.get("/reports/cases?figure=attainment&quarter=2026Q4&code=result&part=miss").get_data(as_text=True)
    assert worked.no in page
    assert browser.get("/reports/cases?figure=drop").status_code == 422
    assert browser.get("/reports/cases?figure=received&page=0").status_code == 422
    assert browser.get("/reports/quarterly/2026Q9").status_code == 422
    assert browser.get("/reports?quarter=2031Q1").status_code == 422


def test_a_quarter_leads_to_its_text_and_shows_it(app, worked, staff, signed_in):
    quality = signed_in(staff["quality"])
    assert "/reports/papers" in quality.get("/reports/quarterly/2026Q4").text
    begun = quality.post("/reports/papers", data={"kind": "quarterly", "period": "2026q4"})
    assert begun.status_code == 303
    assert quality.post("/reports/papers", data={"kind": "quarterly", "period": "2026Q4"}).location == begun.location
    assert quality.post(f"{begun.location}/sections/7", data={"text": "建议增加夜班。", "seen": "0"}).status_code == 303
    page = quality.get("/reports/quarterly/2026Q4").text
    assert "建议增加夜班" in page
    assert f'href="{begun.location}"' in page


def test_the_pdf_speaks_both_languages_in_one_family(app, worked, tmp_path):
    need("poppler")
    chinese, english = (pdf.quarterly_pdf("2026Q4", lang, LATER) for lang in ("zh", "en"))
    text = text_of(chinese, tmp_path)
    for heading in (
        "响应体系",
        "集团客户",
        "网络服务",
        "市场支撑",
        "本季度工作",
        "典型案例",
        "存在问题",
        "下季度工作计划",
    ):
        assert heading in text
    assert "截至 2026-11-26 09:00" in text
    assert "人工填写" in text
    assert PHONE not in text
    assert NAME not in text
    for figure in quarterly.document("2026Q4", LATER).rates:
        assert quarterly.shown(figure) in text
    fonts = text_of(chinese, tmp_path, "pdffonts").splitlines()[2:]
    assert fonts
    assert all("Noto-Sans-SC" in line for line in fonts)
    words = text_of(english, tmp_path)
    for heading in ("The response system", "Group customers", "Typical cases", "Plan for the next quarter"):
        assert heading in words
    assert "up to 2026-11-26 09:00" in words


def test_the_seal_of_the_record_stands_on_the_cover_and_in_the_footer(app, worked, tmp_path, staff, signed_in):
    need("poppler")
    Sealing().step(LATER - timedelta(hours=1))
    seal = anchors.short(seals.newest())
    Sealing().step(LATER + timedelta(hours=1))
    text = text_of(pdf.quarterly_pdf("2026Q4", "zh", LATER), tmp_path)
    assert text.count(f"档案封存号 {seal}") > 2
    assert seal in signed_in(staff["quality"]).get("/reports/quarterly/2026Q4").text


@pytest.mark.slow
def test_the_same_data_make_the_same_bytes(app, worked):
    one, two = (pdf.quarterly_pdf("2026Q4", "zh", LATER) for _ in range(2))
    assert one == two
    assert one.startswith(b"%PDF")


def test_a_report_fetches_nothing_but_its_fonts(app, at):
    for address in ("http://127.0.0.1/x.png", "file:///etc/passwd", "report:/fonts/../x.ttf"):
        with pytest.raises(Refused, match="pdf_foreign_address"):
            pdf.laid_out(f'<html><body><img src="{address}"></body></html>')


def test_a_language_that_does_not_exist_is_refused(app, at):
    with pytest.raises(Refused):
        pdf.quarterly_pdf("2026Q4", "fr", LATER)


def test_typical_cases_name_nobody(app, worked):
    doc = quarterly.document("2026Q4", LATER)
    assert [e.why for e in doc.examples] == ["overdue", "reopened"]
    said = "".join(e.matter + e.cause for e in doc.examples)
    for word in (PHONE, NAME, "建国路", "501", worked.no):
        assert word not in said
    assert "宽带" in said or "××" in said


@pytest.mark.parametrize(("language", "first", "comma"), [("zh", "PDF 中文", "，"), ("en", "PDF English", ", ")])
def test_shares_say_of_how_many_and_the_readers_language_is_the_first_pdf(
    app, worked, staff, signed_in, language, first, comma
):
    browser = signed_in(staff["analyst"])
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    page = browser.get("/reports/quarterly/2026Q4").text
    assert re.search(rf"held-names.*\d+ / \d+{comma}\d+\.\d %", page, re.S)
    assert re.search(r'class="btn btn-primary"[^>]*><svg.*?<span>(PDF [^<]+)</span>', page, re.S)[1] == first
