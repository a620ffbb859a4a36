"""Reads one sheet of an XLSX workbook in a process of its own, within bounds of memory and time.

A workbook is hostile until read: two cells at opposite corners ask the reader for half a terabyte. So it is read by
a child that may die. In: the workbook on standard input, the sheet's name (or nothing: the first) as argument. Out:
one JSON line with the names of the sheets, then one with [row number as the spreadsheet shows it, cells as text] each.
A refusal is its code as the last word on standard error. Imports nothing of the portal: it starts in 60 ms.
"""

import io
import json
import resource
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from typing import NoReturn

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MOST_MEMORY = 1536 * 1024 * 1024  # bytes of address space
MOST_SECONDS = 60  # of processor time
MOST_UNPACKED = 400 * 1024 * 1024  # bytes the table of contents says; an honest ledger of 100,000 rows has 30 MB
MOST_ENTRIES = 5_000
MOST_CELLS = 4_000_000  # 100,000 rows of 40 columns
MOST_DIGITS = 10**15  # a spreadsheet keeps no more; beyond, the number is written as it shows it
OLE = b"\xd0\xcf\x11\xe0"


def main() -> None:
    """Reads, writes, or refuses."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    raw, wanted = sys.stdin.buffer.read(), sys.argv[1] if len(sys.argv) > 1 else ""
    _looked_through(raw)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        names = [
            s.name for s in book.sheets_metadata
            if s.typ == SheetTypeEnum.WorkSheet and s.visible == SheetVisibleEnum.Visible
        ]  # fmt: skip
        if not names or (wanted and wanted not in names):
            _refuse("import_sheet_missing")
        sheet = book.get_sheet_by_name(wanted or names[0])
    except CalamineError:
        _refuse("import_sheet_broken")
    if sheet.end and (sheet.end[0] + 1) * (sheet.end[1] + 1) > MOST_CELLS:
        _refuse("import_sheet_huge")
    _write(names, sheet)


def _refuse(code: str) -> NoReturn:
    sys.exit(code)


def _looked_through(raw: bytes) -> None:
    """Refuses by the table of contents alone: no workbook, a password, macros, a bomb."""
    if raw.startswith(OLE):
        _refuse("import_sheet_locked" if "EncryptedPackage".encode("utf-16-le") in raw else "import_sheet_old")
    try:
        entries = zipfile.ZipFile(io.BytesIO(raw)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        _refuse("import_sheet_broken")
    names = {entry.filename.lower() for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        _refuse("import_sheet_locked")
    if any("vbaproject" in name or "macrosheets/" in name for name in names):
        _refuse("import_sheet_macros")
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        _refuse("import_sheet_huge")
    if "xl/workbook.xml" not in names:
        _refuse("import_not_csv")


def _write(names: list[str], sheet: CalamineSheet) -> None:
    out, begun = sys.stdout, False
    out.write(json.dumps(names) + "\n")
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [text(value) for value in row]
        begun = begun or any(cells)
        if begun:  # empty rows above the names of the columns are no rows
            out.write(json.dumps([number, cells]) + "\n")


def text(value: object) -> str:
    """A cell as a CSV file would have it: 13800138000, 2026-11-20 09:12:00, TRUE; a formula is its value."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < MOST_DIGITS else f"{value:.15G}"
    if isinstance(value, datetime):  # kept as a fraction of a day: the nearest second is meant
        return (value + timedelta(microseconds=500_000)).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


if __name__ == "__main__":
    main()
