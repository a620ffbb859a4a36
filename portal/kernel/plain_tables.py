"""Tables out as CSV: rows are written as they come, and no program that opens it reckons with what is in them."""

import csv
import io
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import IO

from portal.kernel.csvs import guarded
from portal.kernel.i18n import local
from portal.kernel.sheets import IN_MEMORY, Cell, Column

MIME = "text/csv"


def written(value: Cell) -> str:
    """A value as its cell: instants on the installation's wall clock."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{local(value):%Y-%m-%d %H:%M}"
    return guarded(value) if isinstance(value, str) else value.isoformat() if isinstance(value, date) else str(value)


def table(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> IO[bytes]:
    """The table as an open file, at its beginning: UTF-8 with a byte-order mark, every cell in quotation marks.

    Memory does not grow with the rows.
    """
    file: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (the answer closes it)
    try:
        text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow([guarded(column.head) for column in columns])
        writer.writerows([written(value) for value in row] for row in rows)
        text.detach()
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file
