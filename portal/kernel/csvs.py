"""Tables out as CSV: a byte-order mark for Chinese, and no cell that a spreadsheet would reckon with (F-61)."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from flask import Response

# what a spreadsheet takes for the beginning of a formula (full-width signs are taken alike by some), and the sign that
# keeps a text from being one
SIGNS = frozenset("=+-@\t\r\n\0＝＋－＠'")


def guarded(text: str) -> str:
    """A text as a cell: behind an apostrophe where it would be a formula, or begins with an apostrophe of its own."""
    found = text.replace("\0", "")
    return "'" + found if text[:1] in SIGNS or found.lstrip()[:1] in SIGNS else found


def unguarded(cell: str) -> str:
    """The text that a cell stands for."""
    return cell.removeprefix("'")


def plain(value: Any) -> Any:
    """A value as a cell: a text that stays a text in a spreadsheet, all else as it is."""
    return guarded(value) if isinstance(value, str) else value


def text(rows: Iterable[Sequence[Any]]) -> str:
    """The rows as a file; nothing for None."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows:
        writer.writerow(["" if value is None else plain(value) for value in row])
    return "\ufeff" + out.getvalue()


def sent(rows: Iterable[Sequence[Any]], name: str) -> Response:
    """The rows as a download; `name` without its ending."""
    answer = Response(text(rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename=\"table.csv\"; filename*=UTF-8''{quote(name)}.csv"
    return answer
