"""XLSX out: text stays text whatever it begins with, nothing is cut silently, memory does not grow with the rows."""

import zipfile
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from portal.kernel import sheets
from portal.kernel.i18n import local
from portal.kernel.sheets import Column

WICKED = ('=HYPERLINK("http://x","y")', "+1+1", "-2", "@SUM(A1)", "=1+1", "https://a.example", "0012", "\tx", "a\x00b")


def read(file) -> list[list[object]]:
    with file:
        return CalamineWorkbook.from_filelike(BytesIO(file.read())).get_sheet_by_index(0).to_python()


def test_text_that_looks_like_a_formula_stays_text(app):
    rows = [[text, n] for n, text in enumerate(WICKED)]
    file = sheets.table("名单：[1]/*?", [Column("文本", 30), Column("n")], rows, foot="共 %d 行")
    with file:
        content = file.read()
    with zipfile.ZipFile(BytesIO(content)) as packed:
        assert b"<f>" not in packed.read("xl/worksheets/sheet1.xml")
        assert not any("sheet1.xml.rels" in name for name in packed.namelist())
    found = read(BytesIO(content))
    assert [row[0] for row in found[1:-1]] == [*WICKED[:-1], "ab"]
    assert found[0] == ["文本", "n"]
    assert found[-1][0] == f"共 {len(WICKED)} 行"


def test_days_instants_and_nothing(app):
    at = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
    found = read(sheets.table("t", [Column("a")] * 4, [[date(2026, 2, 28), at, None, True]]))
    here = local(at).replace(tzinfo=None)
    assert found[1] == [date(2026, 2, 28), here, "", "True"]


def test_a_text_too_long_is_cut_where_one_sees_it_and_too_many_rows_are_refused(app, monkeypatch):
    assert read(sheets.table("t", [Column("a")], [["长" * 40_000]]))[1][0].endswith("…")
    monkeypatch.setattr(sheets, "MOST_ROWS", 2)
    with pytest.raises(ValueError, match="more rows"):
        sheets.table("t", [Column("a")], ([n] for n in range(3)))


def test_an_empty_table_has_its_head_and_says_so(app):
    assert read(sheets.table("t", [Column("a"), Column("b")], [], foot="%d rows")) == [["a", "b"], ["0 rows", ""]]


def test_it_is_sent_with_a_plain_name(app):
    answer = sheets.sent(sheets.table("t", [Column("a")], [["x"]]), "支撑项目 2026")
    assert answer.headers["Content-Disposition"].endswith("%202026.xlsx")
    assert b"".join(answer.response)[:2] == b"PK"  # and the file is closed behind it
