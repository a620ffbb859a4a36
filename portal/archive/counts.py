"""Counting hits exactly and by facet: bitmaps of the values of closed rows, kept in memory, against bitmaps of hits."""

import threading
from dataclasses import dataclass, field

from pyroaring import BitMap
from sqlalchemy import func, select

from portal.archive.models import Archived
from portal.archive.queries import COLUMNS, MANY, Search, fits, hits, impossible, match_of, quarters_of
from portal.archive.stores import store
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.i18n import local

FACETS = (*COLUMNS, "month")
LOOKED_AT = 2_000  # up to so many candidates each text is read, so that the count is exact
OVERLAP = 1_000  # PostgreSQL may commit ids out of order: so many are read again


@dataclass
class Facets:
    """The rows of one quarter by facet and value, as far as read."""

    last: int = 0
    rows: dict[str, dict[str, BitMap]] = field(default_factory=lambda: {name: {} for name in FACETS})


@dataclass(frozen=True)
class Counts:
    """How many, and how many of each value; not exact = at most so many."""

    total: int
    exact: bool
    values: dict[str, dict[str, int]]


_kept: dict[tuple[object, str], Facets] = {}
_lock = threading.Lock()


def counts(search: Search) -> Counts:
    """All hits of a search, counted."""
    values: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    found = {} if impossible(search) else _found(search)
    certain, few = search.certain, sum(map(len, found.values())) <= LOOKED_AT
    if few and not certain:
        found = {quarter: _true(search, ids) for quarter, ids in found.items()}
    for quarter, ids in found.items():
        for name, known in facets(quarter).rows.items() if ids else ():
            for value, rows in known.items():
                number = ids.intersection_cardinality(rows)
                if number:
                    values[name][value] = values[name].get(value, 0) + number
    return Counts(sum(map(len, found.values())), certain or few, values)


def _found(search: Search) -> dict[str, BitMap]:
    match = match_of(search)
    return {quarter: store().hits(quarter, match) for quarter in quarters_of(search)}


def _true(search: Search, ids: BitMap) -> BitMap:
    """The ids whose rows and texts really fit."""
    wanted, true = list(ids), BitMap()
    for start in range(0, len(wanted), MANY):
        true.update(hit.row.id for hit in hits(wanted[start : start + MANY]) if fits(search, hit.row, hit.text))
    return true


def facets(quarter: str) -> Facets:
    """The bitmaps of a quarter, brought up to the newest row; rows never change, so they are read once."""
    key = (feed.feed.epoch, str(db.engine.url)), quarter
    with _lock:
        known = _kept.setdefault(key, Facets())
        newest = db.session.scalar(select(func.max(Archived.id)).where(Archived.quarter == quarter)) or 0
        if newest <= known.last:
            return known
        columns = [getattr(Archived, name) for name in COLUMNS.values()]
        query = select(Archived.id, Archived.archived_at, *columns).where(
            Archived.quarter == quarter, Archived.id > known.last - OVERLAP
        )
        for row, at, *values in db.session.execute(query.order_by(Archived.id)):
            for name, value in zip(FACETS, (*values, f"{local(at):%Y-%m}"), strict=True):
                known.rows[name].setdefault(str(value), BitMap()).add(row)
            known.last = max(known.last, row)
        return known


def forget() -> None:
    """Empties the memory (tests, after disposal)."""
    _kept.clear()
