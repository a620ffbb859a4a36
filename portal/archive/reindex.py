"""Filling the index of quarters anew whose tokens are of an older version than this program makes.

Rows and texts are kept; only what they are found by is worked out again, a quarter to a transaction. Whoever breaks it
off goes on with the next quarter afterwards.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update

from portal.archive.models import ArchiveQuarter
from portal.archive.rules import row_tokens
from portal.archive.stores import remake_quarter, store
from portal.kernel import tokens
from portal.kernel.db import db, read, transaction, write
from portal.kernel.engines import holds
from portal.kernel.owner import apart

CHUNK = 500


class Filed(NamedTuple):
    """What the tokens of a record are made of."""

    place: int
    title: str
    level: str
    channel: str
    department_id: int
    intake_unit_id: int
    outcome: str
    request_type: str
    category: str
    rating: int | None
    archived_at: Any
    text: str


ROWS = (
    f"SELECT {', '.join('a.' + name for name in Filed._fields[:-1])}, t.text FROM archived a"
    " JOIN archived_text t ON t.id = a.id WHERE a.quarter = :quarter AND a.place > :after"
    f" AND {{current}} AND a.readers IS NULL ORDER BY a.place LIMIT {CHUNK}"
)
SAID = "UPDATE archived_text SET tokeniser = :version WHERE id IN (SELECT id FROM archived WHERE quarter = :quarter)"


def old_quarters() -> list[str]:
    """The quarters that are searched by tokens of another version, newest first."""
    query = select(ArchiveQuarter.code).where(ArchiveQuarter.version != tokens.VERSION)
    return list(db.session.scalars(query.order_by(ArchiveQuarter.code.desc())))


def bring_up() -> int:
    """Fills their indexes anew; returns how many quarters. Opens its own transactions."""
    found = old_quarters()
    for quarter in found:
        with transaction():
            remake_quarter(quarter)
            for rows in _rows(quarter):
                store().add(quarter, [(row.place, store().spelled(row_tokens(row, row.text))) for row in rows])
            if not apart():
                store().finish(quarter)
            write(SAID, {"version": tokens.VERSION, "quarter": quarter})
            known = update(ArchiveQuarter).where(ArchiveQuarter.code == quarter)
            db.session.execute(known.values(version=tokens.VERSION))
    return len(found)


def _rows(quarter: str) -> Iterator[list[Filed]]:
    """The present records of a quarter in order, some at a time."""
    after = -1
    while found := read(ROWS.format(current=holds("a.current")), {"quarter": quarter, "after": after}):
        after = found[-1][0]
        rows = (Filed._make(row) for row in found)
        yield [row._replace(archived_at=datetime.fromtimestamp(row.archived_at, UTC)) for row in rows]
