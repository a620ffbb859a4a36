"""Counting hits exactly and by facet: bitmaps of the hits against those of each value (`archive/facets.py`)."""

from dataclasses import dataclass

from pyroaring import BitMap

from portal.archive.facets import FACETS, facets
from portal.archive.queries import Search, fits, hits, impossible, match_of, quarters_of
from portal.archive.stores import MANY, store

LOOKED_AT = 2_000  # up to so many candidates each text is read, so that the count is exact


@dataclass(frozen=True)
class Counts:
    """How many, and how many of each value; not exact = at most so many."""

    total: int
    exact: bool
    values: dict[str, dict[str, int]]


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
    quarters = quarters_of(search)
    return dict(zip(quarters, store().hits(quarters, match_of(search)), strict=True))


def _true(search: Search, quarter: str, places: BitMap) -> BitMap:
    """The places whose rows and texts really fit."""
    wanted, true = list(places), BitMap()
    for start in range(0, len(wanted), MANY):
        some = hits(quarter, wanted[start : start + MANY])
        true.update(hit.row.place for hit in some if fits(search, hit.row, hit.text))
    return true
