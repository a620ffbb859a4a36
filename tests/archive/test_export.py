"""AR2, F-61: hits as a file: all of them, safe against formulas, counted, with a checksum, masked by the same rule."""

import csv
import hashlib
import io
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from portal.archive import batch, facets
from portal.archive.models import ArchiveAccess, SavedSearch
from portal.kernel import csvs, plain_tables, tokens
from portal.kernel.db import db, transaction
from portal.kernel.sheets import Column
from tests.archive.texts import some_paper
from tests.builders import NINE, closed_case, make_case

pytestmark = pytest.mark.alike

EVIL = ("=1+1", "+1", "-1", "@x", "\tx", "\r\nx", "＝1", "＋1", "－1", "＠x", " =1", "'x", 'a";b', "a,b\nc", "正常")


@pytest.fixture
def papers(app, engine, at, staff):
    """Generated records, the newest first, more than are read at a time."""
    with transaction():
        case = make_case(staff["agent"])
    made = [some_paper(n, case.id, seed=11, at=NINE - timedelta(hours=3 * n)) for n in range(510)]
    with transaction():
        batch.load(made)
    facets.forget()
    return made


def looks(what):
    query = select(ArchiveAccess.query).where(ArchiveAccess.what == what)
    return list(db.session.scalars(query.order_by(ArchiveAccess.id)))


def test_all_hits_leave_in_order_with_their_number_and_checksum_on_record(papers, staff, signed_in):
    browser = signed_in(staff["supervisor"])
    expected = [paper.no for paper in papers if tokens.occurs(paper.text, ("客户",))]
    plain = browser.get("/archive/export.csv?q=客户")
    rows = list(csv.reader(io.StringIO(plain.data.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == expected
    assert rows[1][4] == next(paper.contact for paper in papers if paper.no == expected[0])
    digest = hashlib.sha256(plain.data).hexdigest()
    assert (plain.headers["X-Rows"], plain.headers["X-SHA256"]) == (str(len(expected)), digest)
    book = browser.get("/archive/export.xlsx?q=客户&by=relevance")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.data)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in sheet[1:-1]] == expected
    assert str(len(expected)) in sheet[-1][0]
    db.session.rollback()
    assert [said.split(" ")[:3] for said in looks("export")] == [
        [str(len(expected)), "csv", digest],
        [str(len(expected)), "xlsx", hashlib.sha256(book.data).hexdigest()],
    ]
    page = browser.get("/archive/saved").get_data(as_text=True)
    assert digest in page


def test_exports_obey_rights_and_masks(papers, staff, signed_in):
    with transaction():
        closed_case(staff["agent"], staff["supervisor"], staff["handler"])
    masked = signed_in(staff["quality"]).get("/archive/export.csv?q=光猫老化").data.decode()
    assert "138****0013" in masked
    assert "13800130013" not in masked
    assert "王芳" not in masked
    clear = signed_in(staff["head"]).get("/archive/export.csv?q=光猫老化").data.decode()
    assert "13800130013" in clear
    for role in ("agent", "handler", "security", "admin", "analyst"):
        assert signed_in(staff[role]).get("/archive/export.csv?q=光猫").status_code == 403, role
    other = signed_in(staff["service_head"]).get("/archive/export.csv?q=光猫")
    rows = list(csv.reader(io.StringIO(other.data.decode("utf-8-sig"))))[1:]
    assert len(rows) == sum(tokens.occurs(p.text, ("光猫",)) for p in papers) + 1  # intake is theirs
    assert signed_in(staff["supervisor"]).get("/archive/export.csv?q=leval:P1").status_code == 422
    assert signed_in(staff["supervisor"]).get("/archive/export.exe").status_code == 404


def test_a_sheet_that_cannot_hold_all_rows_is_refused_whole(papers, staff, signed_in, monkeypatch):
    monkeypatch.setattr("portal.kernel.sheets.MOST_ROWS", 3)
    browser = signed_in(staff["supervisor"])
    assert browser.get("/archive/export.xlsx?q=客户").status_code == 422
    assert browser.get("/archive/export.csv?q=客户").status_code == 200
    db.session.rollback()
    assert len(looks("export")) == 1


def test_cells_are_never_formulas_and_come_back_as_they_were():
    with plain_tables.table([Column("a"), Column("b")], [[text, 7] for text in EVIL]) as file:
        rows = list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"), newline="")))
    assert [csvs.unguarded(row[0]) for row in rows[1:]] == list(EVIL)
    assert not any(row[0].lstrip()[:1] in csvs.SIGNS - {"'"} for row in rows[1:])
    assert rows[1][1] == "7"


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=20))
def test_any_text_comes_back(text):
    assert csvs.unguarded(csvs.guarded(text)) == text.replace("\0", "")


def test_a_record_on_paper_says_what_the_page_says(app, at, staff, signed_in):
    with transaction():
        no = closed_case(staff["agent"], staff["supervisor"], staff["handler"]).no
    answer = signed_in(staff["agent"]).get(f"/archive/{no}/record.pdf")
    assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")
    assert signed_in(staff["business"]).get(f"/archive/{no}/record.pdf").status_code == 404
    db.session.rollback()
    assert looks("print") == ["record"]


def test_searches_are_kept_by_name_and_hits_go_on_record(papers, staff, signed_in, at):
    browser = signed_in(staff["agent"])
    form = {"q": "客户 level:P1", "name": " 一级 客户 "}
    assert browser.post("/archive/saved", data=form).status_code == 303
    assert browser.post("/archive/saved", data=form).status_code == 303
    assert browser.post("/archive/saved", data=form | {"q": "退款"}).status_code == 422
    assert browser.post("/archive/saved", data=form | {"q": "leval:P1", "name": "x"}).status_code == 422
    assert browser.post("/archive/saved", data=form | {"name": " "}).status_code == 422
    for _ in range(2):
        browser.post("/archive/saved/hits", data=form)
    at(minutes=5)
    browser.post("/archive/saved/hits", data=form)
    db.session.rollback()
    row = db.session.scalars(select(SavedSearch)).one()
    assert (row.name, row.query, row.person_id) == ("一级 客户", "客户 level:P1", staff["agent"].id)
    number = sum(p.level == "P1" and tokens.occurs(p.text, ("客户",)) for p in papers)
    assert looks("hits") == [f"{number} 客户 level:P1"] * 2
    page = browser.get("/archive/saved").get_data(as_text=True)
    assert "一级 客户" in page
    stranger = signed_in(staff["supervisor"])
    assert "一级 客户" not in stranger.get("/archive/saved").get_data(as_text=True)
    assert stranger.post(f"/archive/saved/{row.id}/drop").status_code == 404
    assert browser.post(f"/archive/saved/{row.id}/drop").status_code == 303
    assert "一级 客户" not in browser.get("/archive/saved").get_data(as_text=True)


def test_a_kept_search_is_shown_in_the_language_of_its_reader(papers, staff, signed_in):
    browser = signed_in(staff["agent"])
    english, chinese = {"Accept-Language": "en"}, {"Accept-Language": "zh-CN"}
    browser.post("/archive/saved", data={"q": "宽带 satisfied:none", "name": "宽带"}, headers=english)
    db.session.rollback()
    assert db.session.scalars(select(SavedSearch)).one().query == '宽带 satisfied:"not rated"'
    assert "satisfied:&#34;not rated&#34;" in browser.get("/archive/saved", headers=english).text
    page = browser.get("/archive/saved", headers=chinese).text
    assert ":未评价" in page
    assert "not rated" not in page
