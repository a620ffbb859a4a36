"""Tables out as XLSX: rows are written as they come, text stays text, and the last line says how many there were."""

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import IO, Any, NamedTuple
from urllib.parse import quote

import xlsxwriter
from flask import Response

from portal.kernel.i18n import local

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_000  # a sheet holds 1,048,576
LONGEST = 32_767  # characters of a cell
IN_MEMORY = 2_000_000  # bytes; larger files lie on disk while they are sent
CHUNK = 65_536
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
Cell = str | int | float | bool | date | datetime | None


class Column(NamedTuple):
    """A column: its head, and its width in characters."""

    head: str
    width: float = 14


def text_of(value: str) -> str:
    """A text as a cell can hold it: without signs that a file of this kind cannot keep, cut visibly when too long."""
    found = UNWRITABLE.sub("", value)
    return found if len(found) <= LONGEST else found[: LONGEST - 1] + "…"


def table(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, foot: str = "%d") -> IO[bytes]:
    """The table as an open file, at its beginning; memory does not grow with the rows.

    Texts are cells of the type text, so that one beginning with = + - or @ is never reckoned with, also after
    somebody has edited it. Instants are written on the installation's wall clock. `foot` with %d is the last line.
    Raises ValueError when a sheet cannot hold the rows: nothing is left out silently.
    """
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (the answer closes it)
    try:
        _fill(file, title, columns, rows, foot)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _fill(file: Any, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], foot: str) -> None:
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    }  # fmt: skip
    book = xlsxwriter.Workbook(file, options)
    try:
        _write(book, title, columns, rows, foot)
    finally:
        book.close()


def _write(book: Any, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], foot: str) -> None:
    page = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", title)[:31] or "1")
    write = _Writer(book, page)
    page.freeze_panes(1, 0)
    for n, column in enumerate(columns):
        page.set_column(n, n, column.width)
        page.write_string(0, n, text_of(column.head), write.head)
    count = 0
    for count, row in enumerate(rows, 1):
        if count > MOST_ROWS:
            raise ValueError("more rows than a sheet holds")
        for n, value in enumerate(row):
            write.cell(count, n, value)
    page.write_string(count + 1, 0, text_of(foot % count), write.text)


class _Writer:
    """Writes one value by its type."""

    def __init__(self, book: Any, page: Any) -> None:
        self.page = page
        self.head = book.add_format({"bold": True, "bottom": 1, "num_format": "@"})
        self.text = book.add_format({"num_format": "@"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})

    def cell(self, row: int, column: int, value: Cell) -> None:
        """A number as number, a day as day, everything else as text; nothing for None."""
        if value is None or value == "":
            return
        if isinstance(value, bool | str):
            self.page.write_string(row, column, text_of(str(value)), self.text)
        elif isinstance(value, int | float):
            self.page.write_number(row, column, value)
        elif isinstance(value, datetime):
            self.page.write_datetime(row, column, local(value).replace(tzinfo=None), self.instant)
        else:
            self.page.write_datetime(row, column, value, self.day)


def sent(file: IO[bytes], name: str) -> Response:
    """The open file as a download, in pieces; `name` without its ending."""
    answer = Response(pieces(file), mimetype=MIME, direct_passthrough=True)
    answer.headers["Content-Disposition"] = f"attachment; filename=\"table.xlsx\"; filename*=UTF-8''{quote(name)}.xlsx"
    return answer


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """An open file in pieces; closed at its end."""
    with file:
        while piece := file.read(CHUNK):
            yield piece
