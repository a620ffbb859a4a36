"""Tables out as CSV: a byte-order mark for Chinese, and no cell that a spreadsheet would reckon with (F-61)."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from flask import Response

# a spreadsheet takes a text that begins so for a formula; the full-width signs are taken alike by some
SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def plain(value: Any) -> Any:
    """A text that stays a text in a spreadsheet: an apostrophe before a formula's sign. Numbers stay numbers."""
    if not isinstance(value, str):
        return value
    text = value.replace("\0", "")
    return "'" + text if value.startswith(SIGNS) else text


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
