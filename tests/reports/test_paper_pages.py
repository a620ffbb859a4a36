"""RE1, RE2, F-55: the pages of reports by calendar, and their PDF."""

import itertools
import re
import subprocess
from datetime import timedelta

import pytest

from portal.identity.queries import unit_by_code
from portal.kernel import paper as sheet
from portal.kernel.db import db, transaction, write
from portal.kernel.errors import Refused
from portal.kernel.i18n import speaking, term
from portal.reports import paper_actions
from portal.reports.drafting import Drafting
from tests.builders import closed_case, judged_case
from tests.reports.papers import DECEMBER, JANUARY, drafted, opened, written
from tests.reports.tagged import Pdf, words
from tests.services import need

FOREIGN = '<img src="file:///etc/passwd"><script>alert(1)</script> http://169.254.169.254/ 䶮'


@pytest.fixture
def quarter(app, at, staff):
    """A quarter with cases, one of which holds what must never be followed."""
    with transaction():
        closed_case(staff["agent"], staff["supervisor"], staff["handler"], level="P2", rating=1)
        judged_case(
            staff["agent"], staff["supervisor"], level="P2", channel="email", description=f"宽带全部中断 {FOREIGN}"
        )  # fmt: skip
    at(JANUARY)
    return drafted("quarterly", "2026Q4", now=JANUARY)


def tool(body: bytes, tmp_path, *command: str) -> str:
    """What a tool of poppler says of a PDF."""
    need("poppler")
    file = tmp_path / "paper.pdf"
    file.write_bytes(body)
    tail = ["-"] if command[0] == "pdftotext" else []
    return subprocess.run([*command, str(file), *tail], capture_output=True, text=True, check=True).stdout


def finish(staff, paper) -> None:
    """Written, handed in and signed by two."""
    written(paper, staff["analyst"], JANUARY, **{"5": f"夜间偏慢。{FOREIGN}", "7": "建议增加夜班。"})
    names = [staff["supervisor"], staff["management"]]
    with transaction():
        paper_actions.hand_in(staff["analyst"], JANUARY, paper, [one.id for one in names])
    for one in names:
        with transaction():
            paper_actions.approve(one, JANUARY + timedelta(hours=1), paper)


def test_a_list_shows_what_each_may_see(app, at, staff, signed_in):
    at(DECEMBER)
    unit, whole = opened("unit", "2026-11", unit_by_code("tech").id), opened("levels", "2026-11")
    for role in ("agent", "handler", "security"):
        assert signed_in(staff[role]).get("/reports/papers").status_code == 403
        assert signed_in(staff[role]).get(f"/reports/papers/{whole.id}").status_code == 403
    head, other = signed_in(staff["head"]), signed_in(staff["service_head"])
    assert f"/reports/papers/{unit.id}" in head.get("/reports/papers").text
    assert f"/reports/papers/{unit.id}" not in other.get("/reports/papers").text
    assert other.get(f"/reports/papers/{unit.id}").status_code == 403
    assert head.get("/reports/papers?kind=drop").status_code == 422
    assert head.get("/reports/papers/999").status_code == 404


def test_text_is_saved_while_one_types_and_nothing_is_written_over(app, quarter, staff, signed_in):
    first, second = signed_in(staff["analyst"]), signed_in(staff["quality"])
    where = f"/reports/papers/{quarter.id}"
    assert "草稿已保存" in first.post(f"{where}/draft/7", data={"text": "人手不"}).text
    assert "人手不" in first.get(f"{where}/sections/7").text
    assert "人手不" not in second.get(f"{where}/sections/7").text  # a draft is its author's alone
    assert second.post(f"{where}/sections/7", data={"text": "夜班不足。", "seen": "0"}).status_code == 303
    refused = first.post(f"{where}/sections/7", data={"text": "人手不足。", "seen": "0"})
    assert refused.status_code == 409
    assert "夜班不足。" in refused.text
    assert "人手不足。" in refused.text
    assert 'value="1"' in refused.text  # sent again it has seen the other's
    assert first.post(f"{where}/sections/7", data={"text": "人手与夜班不足。", "seen": "1"}).status_code == 303
    assert "人手不</textarea>" not in first.get(f"{where}/sections/7").text
    named = first.post(f"{where}/sections/6", data={"text": "王芳的宽带中断", "seen": "0"})
    assert named.status_code == 422
    assert "王芳的宽带中断</textarea>" in named.text
    assert signed_in(staff["head"]).post(f"{where}/sections/7", data={"text": "x"}).status_code == 403


def test_from_draft_to_signature_in_the_browser(app, quarter, staff, signed_in):
    where = f"/reports/papers/{quarter.id}"
    analyst = signed_in(staff["analyst"])
    analyst.post(f"{where}/sections/7", data={"text": "建议增加夜班。", "seen": "0"})
    lacking = analyst.post(f"{where}/hand_in", data={"signers": [str(staff["supervisor"].id)]})
    assert lacking.status_code == 422
    assert (
        f'id="signer-{staff["supervisor"].id}" name="signers" value="{staff["supervisor"].id}" checked' in lacking.text
    )
    both = [str(staff[name].id) for name in ("supervisor", "management")]
    assert analyst.post(f"{where}/hand_in", data={"signers": both}).status_code == 303
    assert analyst.post(f"{where}/approve").status_code == 403
    assert signed_in(staff["supervisor"]).post(f"{where}/approve").status_code == 303
    assert signed_in(staff["management"]).post(f"{where}/approve").status_code == 303
    page = analyst.get(where).text
    assert quarter.digest in page
    assert "SHA-256" in page
    begun = analyst.post(f"{where}/correct", data={"why": "更正第五节"})
    assert begun.status_code == 303
    assert "更正第五节" in analyst.get(begun.location).text
    assert analyst.post(f"{where}/nothing").status_code == 404


def test_a_balance_that_does_not_add_up_is_said_in_the_draft_and_published_by_nobody(app, quarter, staff, signed_in):
    where, analyst = f"/reports/papers/{quarter.id}", signed_in(staff["analyst"])
    assert 'id="unbalanced"' not in analyst.get(where).text
    with transaction():
        write("UPDATE cases SET closed_at = closed_at - 8640000 WHERE closed_at IS NOT NULL", {})
    assert analyst.post(f"{where}/anew").status_code == 303
    worker = Drafting()
    while worker.step(JANUARY + timedelta(minutes=1)):
        pass
    db.session.expire_all()
    said = "期初 0 + 受理 2 + 重开 0 − 结案 0 − 并案 0 − 作废 0 = 2，但期末未结为 1，相差 +1"
    assert said in analyst.get(where).text
    written(quarter, staff["analyst"], JANUARY, **{"7": "建议增加夜班。"})
    both = [str(staff[name].id) for name in ("supervisor", "management")]
    assert analyst.post(f"{where}/hand_in", data={"signers": both}).status_code == 303
    assert signed_in(staff["supervisor"]).post(f"{where}/approve").status_code == 303
    refused = signed_in(staff["management"]).post(f"{where}/approve")
    assert (refused.status_code, said in refused.text) == (409, True)
    db.session.expire_all()
    assert (quarter.state, quarter.frozen) == ("review", "")


@pytest.mark.slow
def test_a_published_report_prints_the_same_bytes_whatever_comes_after(app, quarter, staff, signed_in, at, tmp_path):
    finish(staff, quarter)
    browser = signed_in(staff["analyst"])
    first = browser.get(f"/reports/papers/{quarter.id}.pdf?lang=zh").data
    with transaction():
        closed_case(staff["agent"], staff["supervisor"], staff["handler"], now=JANUARY - timedelta(days=20))
    at(JANUARY, days=9)
    browser = signed_in(staff["analyst"])
    assert browser.get(f"/reports/papers/{quarter.id}.pdf?lang=zh").data == first
    text = tool(first, tmp_path, "pdftotext", "-layout")
    with speaking("zh_Hans_CN"):
        for number in range(1, 9):
            assert text.count(term(f"report.section.{number}")) >= 2  # the contents and the section
    assert quarter.digest[:32] in text
    assert staff["management"].name in text
    assert "file:///etc/passwd" in text  # as words, never fetched
    assert "䶮" in text  # a rare sign has its own family
    assert "root:" not in text
    assert "王芳" not in text
    assert "表 1" in text
    assert "图 1" in text
    facts = tool(first, tmp_path, "pdfinfo")
    assert "Tagged:          yes" in facts
    assert 'pdfuaid:part="1"' in tool(first, tmp_path, "pdfinfo", "-meta")
    english = browser.get(f"/reports/papers/{quarter.id}.pdf?lang=en").data
    assert "Typical cases" in tool(english, tmp_path, "pdftotext")
    for body, language in ((first, "zh-Hans"), (english, "en")):
        is_told_to_everybody(Pdf(body), language)
    assert browser.get(f"/reports/papers/{quarter.id}.pdf?lang=fr").status_code == 422


def is_told_to_everybody(pdf: Pdf, language: str) -> None:
    """What PDF/UA-1 asks of a report: language, title, one tree of tags, headings, drawings, tables, links."""
    assert words(pdf.catalog["/Lang"]) == language
    assert pdf.catalog["/MarkInfo"]["/Marked"] is True
    assert pdf.catalog["/ViewerPreferences"]["/DisplayDocTitle"] is True
    assert "/Outlines" in pdf.catalog
    (root,) = pdf.tree()
    tags = list(root.all())
    assert root.name == "/Document"
    heads = [int(tag.name[2]) for tag in tags if re.fullmatch(r"/H\d", tag.name)]
    assert heads[0] == 1
    assert heads.count(1) == 1
    assert heads.count(2) >= 9
    assert all(after <= before + 1 for before, after in itertools.pairwise(heads))
    drawn = [words(tag.facts.get("/Alt")) for tag in tags if tag.name == "/Figure"]
    assert len(drawn) == 3
    assert all(len(said) > 5 for said in drawn)
    tables = [tag for tag in tags if tag.name == "/Table"]
    assert len(tables) >= 10
    for table in tables:
        cells = [tag for tag in table.all() if tag.name in ("/TH", "/TD")]
        headings = {tag.facts["/ID"] for tag in cells if tag.name == "/TH"}
        scopes = {pdf.attributes(tag).get("/Scope") for tag in cells if tag.name == "/TH"}
        assert headings
        assert scopes <= {"/Column", "/Row"}
        assert all(set(pdf.attributes(tag)["/Headers"]) <= headings for tag in cells if tag.name == "/TD")
    assert {"/Column", "/Row"} <= {pdf.attributes(tag).get("/Scope") for tag in tags if tag.name == "/TH"}
    assert {child.name for tag in tags if tag.name == "/L" for child in tag.inner} == {"/LI"}
    pages = [one for one in pdf.objects.values() if isinstance(one, dict) and one.get("/Type") == "/Page"]
    notes = [pdf.get(one) for page in pages for one in pdf.get(page.get("/Annots", []))]
    assert notes
    assert all("/Contents" in one and "/StructParent" in one for one in notes)
    assert {page["/Tabs"] for page in pages} == {"/S"}


def test_without_pango_only_the_pdf_is_lacking(app, quarter, staff, signed_in, monkeypatch):
    def missing(*_args, **_more):
        raise Refused("pdf_unavailable", command=sheet.INSTALL)

    monkeypatch.setattr(sheet, "laid_out", missing)
    browser = signed_in(staff["analyst"])
    refused = browser.get(f"/reports/papers/{quarter.id}.pdf")
    assert refused.status_code == 409
    assert "libpango" in refused.text
    assert browser.get(f"/reports/papers/{quarter.id}").status_code == 200
    assert browser.get("/reports/papers").status_code == 200
