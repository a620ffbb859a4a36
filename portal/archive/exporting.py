"""Hits as a file: all of them, in the order of the list, as this person may read them; counted, with a checksum."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

from portal.archive.forms import Asked
from portal.archive.listing import BEYOND
from portal.archive.queries import every
from portal.archive.rules import masked_text
from portal.archive.search import Hit
from portal.archive.vocabulary import words
from portal.directory.rules import masked_name, masked_phone
from portal.identity.actor import Actor
from portal.identity.policy import allow, may
from portal.kernel import plain_tables, sheets
from portal.kernel.errors import Invalid
from portal.kernel.i18n import gettext as _
from portal.kernel.masking import hidden
from portal.kernel.sheets import Cell, Column

KINDS = {"xlsx": sheets.MIME, "csv": plain_tables.MIME}
CHUNK = 65_536


@dataclass(frozen=True)
class Made:
    """A file that was made: open at its beginning, its kind, how many records, SHA-256 of its bytes in hex."""

    file: IO[bytes]
    kind: str
    rows: int
    size: int
    sha256: str


class _Counted:
    """Counts the rows that pass."""

    def __init__(self, rows: Iterable[list[Cell]]) -> None:
        self.rows, self.number = rows, 0

    def __iter__(self) -> Iterator[list[Cell]]:
        for row in self.rows:
            self.number += 1
            yield row


def export(actor: Actor, wanted: Asked, kind: str) -> Made:
    """All hits of a search that this person may take out. Raises Forbidden, Invalid for what a sheet cannot hold."""
    allow(actor, "archive.export")
    rows = _Counted(rows_of(actor, every(wanted.search(actor, "archive.export"))))
    try:
        file = _table(kind, rows)
    except ValueError as error:
        raise Invalid("export_rows", most=f"{sheets.MOST_ROWS:,}") from error
    digest, size = hashlib.sha256(), 0
    while piece := file.read(CHUNK):
        digest.update(piece)
        size += len(piece)
    file.seek(0)
    return Made(file, kind, rows.number, size, digest.hexdigest())


def _table(kind: str, rows: Iterable[list[Cell]]) -> IO[bytes]:
    if kind == "csv":
        return plain_tables.table(heads(), rows)
    return sheets.table(_("Closed cases"), heads(), rows, foot=_("%d closed cases"))


def heads() -> list[Column]:
    """The columns."""
    return [
        Column(_("Case number"), 14), Column(_("Title"), 40), Column(_("Level"), 6), Column(_("Customer"), 20),
        Column(_("Contact"), 16), Column(_("Department"), 16), Column(_("Channel"), 10), Column(_("Type"), 12),
        Column(_("Category"), 12), Column(_("Outcome"), 14), Column(_("Rating"), 8), Column(_("Archived"), 17),
    ]  # fmt: skip


def rows_of(actor: Actor, found: Iterable[Hit]) -> Iterator[list[Cell]]:
    """Hits as rows under those columns, as this person may read them."""
    known = words()
    for hit in found:
        row = as_read(actor, hit)
        yield [
            *row[:2], hit.row.level, *row[2:], known.word("department", str(hit.row.department_id)),
            known.word("channel", hit.row.channel), known.word("type", hit.row.request_type),
            known.word("category", hit.row.category), known.word("outcome", hit.row.outcome), hit.row.rating,
            datetime.fromtimestamp(hit.row.archived_at, UTC),
        ]  # fmt: skip


def as_read(actor: Actor, hit: Hit) -> tuple[str, str, str, str]:
    """Number, title, customer and contact of a hit as this person may read them."""
    row = hit.row
    if may(actor, "customer.contact", row):
        return row.no, hidden(row.title, BEYOND), row.customer_name, row.contact
    title = masked_text(row.title, (row.customer_name,))
    return row.no, title, masked_name(row.customer_name), masked_phone(row.contact)
