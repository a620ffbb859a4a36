"""IN11: a workbook's cells become what the same table says as text; what is hostile is one clear line."""

import io
import subprocess
import zipfile
from datetime import date, datetime, time
from typing import Any

import pytest
import xlsxwriter
from click.testing import CliRunner
from sqlalchemy import select

from portal.cases.models import Case
from portal.intake import importer, tables
from portal.intake.import_command import import_cases
from portal.intake.import_rules import Options
from portal.kernel.db import db
from portal.kernel.errors import Invalid
from tests.builders import NINE

HOW = Options(columns={"内容": "description", "电话": "contact", "时间": "received_at"}, channel="app")
HEAD = ["内容", "电话", "时间"]
AT = datetime(2026, 11, 20, 9, 12, 37)  # noqa: DTZ001 - a spreadsheet knows no zone
FIRST = ["宽带从昨晚开始频繁掉线", 13800138000, AT]


def workbook(**sheets: list[list[Any]]) -> bytes:
    """A workbook with these sheets; texts that begin with = are formulas whose value is 7."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        shown = {
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            date: book.add_format({"num_format": "yyyy-mm-dd"}), time: book.add_format({"num_format": "hh:mm"}),
        }  # fmt: skip
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, str) and value.startswith("="):
                        sheet.write_formula(number, column, value, None, 7)
                    else:
                        sheet.write(number, column, value, shown.get(type(value)))
    return out.getvalue()


def repacked(raw: bytes, **changes: bytes) -> bytes:
    """The same zip with further or other members."""
    out, old = io.BytesIO(), zipfile.ZipFile(io.BytesIO(raw))
    members = {name: old.read(name) for name in old.namelist()} | changes
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return out.getvalue()


def test_cells_are_the_texts_that_a_csv_file_would_have():
    row = [13800138000, 12.5, AT, date(2026, 11, 20), time(9, 12), True, "=3+4", "007"]
    raw = workbook(一月=[[], ["a"] * len(row), row, [], [6222021234567890123]])
    found = list(tables.opened(raw, HOW).records())
    assert found[1].cells == (
        "13800138000",
        "12.5",
        "2026-11-20 09:12:37",
        "2026-11-20",
        "09:12:00",
        "TRUE",
        "7",
        "007",
    )
    assert [r.line for r in found] == [2, 3, 4, 5]  # as the spreadsheet shows them
    assert found[3].cells[0] == "6.22202123456789E+18"  # the spreadsheet itself keeps no more digits


def test_a_workbook_and_the_same_table_as_text_bring_the_same_in_once(app, at, staff, tmp_path):
    (tmp_path / "旧.xlsx").write_bytes(workbook(说明=[["看下一张"]], 数据=[HEAD, FIRST, [], ["", 1, "昨天"]]))
    text = "内容,电话,时间\n宽带从昨晚开始频繁掉线,13800138000,2026-11-20 09:12:37\n"
    (tmp_path / "旧.csv").write_text(text, encoding="utf-8")
    how = Options(**{**vars(HOW), "source": "旧系统", "sheet": "数据"})
    done = importer.run(tmp_path / "旧.xlsx", how, staff["supervisor"], NINE, dry_run=False)
    assert (done.added, [(r.line, r.code) for r in done.refused]) == (1, [(3, "row_empty"), (4, "row_no_description")])
    case = db.session.scalars(select(Case)).one()
    assert (case.contact, case.received_at) == ("13800138000", datetime.fromisoformat("2026-11-20T09:12:37+08:00"))
    again = importer.run(tmp_path / "旧.csv", how, staff["supervisor"], NINE, dry_run=False)
    assert (again.added, again.already) == (0, 1)


def test_the_command_takes_a_sheet(app, at, staff, tmp_path):
    path = tmp_path / "旧.xlsx"
    path.write_bytes(workbook(说明=[["看下一张"]], 数据=[HEAD, FIRST]))
    words = [str(path), "--map", "内容=description", "--channel", "app"]
    assert "内容" in CliRunner().invoke(import_cases, words).output  # the first sheet has no such column
    tried = CliRunner().invoke(import_cases, [*words, "--sheet", "数据"])
    assert (tried.exit_code, "数据" in tried.output) == (0, True)
    assert "三月" in CliRunner().invoke(import_cases, [*words, "--sheet", "三月"]).output


PLAIN = workbook(数据=[HEAD, FIRST])
PART = "xl/worksheets/sheet1.xml"


def corners(far: str) -> bytes:
    """A workbook of two cells, the second one far away."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = f'<row><c r="A1"><v>1</v></c></row><row r="{far.lstrip("CDFX")}"><c r="{far}"><v>1</v></c></row>'
    part = f'<worksheet xmlns="{space}"><sheetData>{cells}</sheetData></worksheet>'
    return repacked(PLAIN, **{PART: part.encode()})


def bomb() -> bytes:
    """A workbook whose table of contents says that a member unpacks to a gigabyte."""
    out = io.BytesIO(PLAIN)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/media/zeros.bin", b"0")
        packed.getinfo("xl/media/zeros.bin").file_size = 1024**3
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"PK\x03\x04rest", "import_sheet_broken"),
        (PLAIN[:-200], "import_sheet_broken"),
        (repacked(PLAIN, **{PART: b"<worksheet><sheetData><row"}), "import_sheet_broken"),
        (repacked(PLAIN, **{"xl/vbaProject.bin": b"Sub Auto_Open()"}), "import_sheet_macros"),
        (bomb(), "import_sheet_huge"),
        (corners("D1000001"), "import_sheet_huge"),
        (corners("XFD1048576"), "import_sheet_beyond"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "import_sheet_locked"),
        (b"\xd0\xcf\x11\xe0" + "Workbook".encode("utf-16-le"), "import_sheet_old"),
        (repacked(b"PK\x05\x06" + bytes(18), **{"word/document.xml": b"<x/>"}), "import_not_csv"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_says_so_in_one_line(raw, code):
    with pytest.raises(Invalid) as refused:
        tables.opened(raw, HOW)
    assert refused.value.code == code


def test_a_reader_that_hangs_is_stopped(monkeypatch):
    def late(*args: Any, **kwargs: Any) -> None:
        raise subprocess.TimeoutExpired("reader", 120)

    monkeypatch.setattr(subprocess, "run", late)
    with pytest.raises(Invalid) as refused:
        tables.opened(PLAIN, HOW)
    assert refused.value.code == "import_sheet_huge"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DOCTYPE = f'<!DOCTYPE sst [<!ENTITY l0 "笑"><!ENTITY file SYSTEM "file:///etc/passwd">{LAUGHS}]>'


@pytest.mark.parametrize("entity", ["&l9;", "&file;"])
def test_a_workbook_with_entities_is_refused(entity):
    raw = workbook(一月=[HEAD, FIRST])
    texts = zipfile.ZipFile(io.BytesIO(raw)).read("xl/sharedStrings.xml").decode()
    head, rest = texts.split("<sst", 1)
    hostile = head + DOCTYPE + "<sst" + rest.replace("宽带从昨晚开始频繁掉线", entity)
    assert entity in hostile
    bad = repacked(raw, **{"xl/sharedStrings.xml": hostile.encode()})
    with pytest.raises(Invalid) as refused:
        list(tables.opened(bad, HOW).records())
    assert refused.value.code == "import_sheet_broken"
