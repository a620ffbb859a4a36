"""By what records are told apart: bitmaps of the places of each value, a quarter at a time, kept in memory."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from pyroaring import BitMap

from portal.archive import stores
from portal.archive.rules import satisfied
from portal.kernel.db import read
from portal.kernel.i18n import local

COLUMNS = ("level", "channel", "department_id", "request_type", "category", "outcome", "rating")
FACETS = ("level", "channel", "department", "type", "category", "outcome", "satisfied", "month")
NEWEST = "SELECT '{0}', max(id) FROM archived WHERE quarter = '{0}'"
ROWS = (
    f"SELECT id, place, archived_at, {', '.join(COLUMNS)} FROM archived WHERE quarter = :quarter AND id > :after"
    " ORDER BY id"
)
OVERLAP = 1_000  # PostgreSQL may commit ids out of order: so many are read again


@dataclass(frozen=True)
class Facets:
    """The rows of one quarter by facet and value, up to the row `last`; never changed, only followed by another."""

    last: int = 0
    places: BitMap = field(default_factory=BitMap)
    rows: dict[str, dict[str, BitMap]] = field(default_factory=lambda: {name: {} for name in FACETS})
    sizes: dict[str, dict[str, int]] = field(default_factory=dict)


_kept: dict[tuple[object, str], Facets] = {}
_lock = threading.Lock()


def kept(quarter: str) -> Facets | None:
    """What is known of a quarter without reading anything; rows that came since are not in it."""
    return _kept.get((stores.key(), quarter))


def facets(quarters: Iterable[str]) -> dict[str, Facets]:
    """The bitmaps of these quarters, brought up to their newest rows; rows never change, so they are read once."""
    store, asked = stores.key(), " UNION ALL ".join(map(NEWEST.format, quarters))
    with _lock:
        newest = dict(read(asked, {})) if asked else {}
        known = {quarter: _kept.get((store, quarter), Facets()) for quarter in newest}
        for quarter, last in newest.items():
            if (last or 0) > known[quarter].last:
                known[quarter] = _kept[store, quarter] = _read_on(known[quarter], quarter)
        return known


def _read_on(known: Facets, quarter: str) -> Facets:
    """The same with the rows that came since."""
    months: dict[int, str] = {}
    found: dict[tuple[str, str], list[int]] = {}
    last, places = known.last, list[int]()
    for row, place, at, *values in read(ROWS, {"quarter": quarter, "after": known.last - OVERLAP}):
        hour = at // 3600
        month = months.get(hour) or months.setdefault(hour, f"{local(at):%Y-%m}")
        values[-1] = satisfied(values[-1])
        for name, value in zip(FACETS, (*values, month), strict=True):
            found.setdefault((name, str(value)), []).append(place)
        places.append(place)
        last = max(last, row)
    rows = {name: dict(values) for name, values in known.rows.items()}
    for (name, value), more in found.items():
        rows[name][value] = rows[name].get(value, BitMap()) | BitMap(more)
    sizes = {name: {value: len(some) for value, some in values.items()} for name, values in rows.items()}
    return Facets(last, known.places | BitMap(places), rows, sizes)


def forget() -> None:
    """Empties the memory (tests, after disposal)."""
    _kept.clear()
