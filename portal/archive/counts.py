"""Counting hits exactly and by facet: bitmaps of the hits against those of each value (`archive/facets.py`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from pyroaring import BitMap

from portal.archive import kept_hits, usual
from portal.archive.facets import FACETS, Facets, facets
from portal.archive.queries import hits
from portal.archive.search import Search, chosen_of, fits, impossible, match_of, quarters_of, without
from portal.archive.sieve import Sieve
from portal.archive.stores import MANY

LOOKED_AT = 2_000  # up to so many candidates each text is read, so that the count is exact


@dataclass(frozen=True)
class Counts:
    """How many, and how many of each value; not exact = at most so many."""

    total: int
    exact: bool
    values: dict[str, dict[str, int]]


def counts(search: Search) -> Counts:
    """All hits of a search, counted."""
    usual.learn()
    values: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    found, known = ({}, {}) if impossible(search) else _found(search)
    certain, few = search.certain, sum(map(len, found.values())) <= LOOKED_AT
    if few and not certain:
        found = _true(search, found)
    for quarter, places in found.items():
        here = places.intersection_cardinality(known[quarter].places)
        for name in FACETS if here else ():
            for value, number in _each(known[quarter], name, places, here):
                values[name][value] = values[name].get(value, 0) + number
    return Counts(sum(map(len, found.values())), certain or few, values)


def _each(known: Facets, name: str, places: BitMap, here: int) -> Iterator[tuple[str, int]]:
    """Values that occur and how often. Each of the `here` places has one: the commonest has what the others leave."""
    sizes = known.sizes[name]
    commonest = max(sizes, key=sizes.__getitem__)
    for value, rows in known.rows[name].items():
        if value != commonest and (number := places.intersection_cardinality(rows)):
            here -= number
            yield value, number
    if here:
        yield commonest, here


def _found(search: Search) -> tuple[dict[str, BitMap], dict[str, Facets]]:
    """The hits by quarter, and the bitmaps, read after them. Hits of words alone are kept where they can be; bitmaps
    then tell which have the values.
    """
    quarters, match, chosen = quarters_of(search), match_of(search), chosen_of(search)
    signs = kept_hits.signs(quarters) if search.terms else {}
    found = kept_hits.hits(quarters, without(match, chosen) if signs else match, signs)
    known = facets(quarters)
    if signs and chosen:
        found = {quarter: Sieve(chosen, known[quarter]).through(places) for quarter, places in found.items()}
    return found, known


def _true(search: Search, found: dict[str, BitMap]) -> dict[str, BitMap]:
    """The places whose rows and texts really fit."""
    wanted = ((quarter, place) for quarter, places in found.items() for place in places)
    true: dict[str, BitMap] = {}
    while some := list(islice(wanted, MANY)):
        for hit in hits(some):
            if fits(search, hit.row, hit.text):
                true.setdefault(hit.row.quarter, BitMap()).add(hit.row.place)
    return true
