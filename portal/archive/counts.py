"""Counting hits exactly and by facet: bitmaps of the values of closed rows, kept in memory, against bitmaps of hits."""

import threading
from dataclasses import dataclass, field

from pyroaring import BitMap

from portal.archive.queries import Search, fits, hits, impossible, match_of, quarters_of
from portal.archive.rules import satisfied
from portal.archive.stores import MANY, store
from portal.kernel import feed
from portal.kernel.db import db, read
from portal.kernel.i18n import local

COLUMNS = ("level", "channel", "department_id", "request_type", "category", "outcome", "rating")
FACETS = ("level", "channel", "department", "type", "category", "outcome", "satisfied", "month")
NEWEST = "SELECT max(id) FROM archived WHERE quarter = :quarter"
ROWS = (
    f"SELECT id, place, archived_at, {', '.join(COLUMNS)} FROM archived WHERE quarter = :quarter AND id > :after"
    " ORDER BY id"
)
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
        found = {quarter: _true(search, quarter, places) for quarter, places in found.items()}
    for quarter, places in found.items():
        for name, known in facets(quarter).rows.items() if places else ():
            for value, rows in known.items():
                number = places.intersection_cardinality(rows)
                if number:
                    values[name][value] = values[name].get(value, 0) + number
    return Counts(sum(map(len, found.values())), certain or few, values)


def _found(search: Search) -> dict[str, BitMap]:
    match = match_of(search)
    return {quarter: store().hits(quarter, match) for quarter in quarters_of(search)}


def _true(search: Search, quarter: str, places: BitMap) -> BitMap:
    """The places whose rows and texts really fit."""
    wanted, true = list(places), BitMap()
    for start in range(0, len(wanted), MANY):
        some = hits(quarter, wanted[start : start + MANY])
        true.update(hit.row.place for hit in some if fits(search, hit.row, hit.text))
    return true


def facets(quarter: str) -> Facets:
    """The bitmaps of a quarter, brought up to the newest row; rows never change, so they are read once."""
    key = (feed.feed.epoch, str(db.engine.url)), quarter
    with _lock:
        known = _kept.setdefault(key, Facets())
        newest = read(NEWEST, {"quarter": quarter})[0][0] or 0
        if newest > known.last:
            _read_on(known, quarter)
        return known


def _read_on(known: Facets, quarter: str) -> None:
    """Adds the rows that came since."""
    months: dict[int, str] = {}
    found: dict[tuple[str, str], list[int]] = {}
    for row, place, at, *values in read(ROWS, {"quarter": quarter, "after": known.last - OVERLAP}):
        hour = at // 3600
        month = months.get(hour) or months.setdefault(hour, f"{local(at):%Y-%m}")
        values[-1] = satisfied(values[-1])
        for name, value in zip(FACETS, (*values, month), strict=True):
            found.setdefault((name, str(value)), []).append(place)
        known.last = max(known.last, row)
    for (name, value), places in found.items():
        known.rows[name].setdefault(value, BitMap()).update(places)


def forget() -> None:
    """Empties the memory (tests, after disposal)."""
    _kept.clear()
