"""Words with filters: bitmaps of a quarter, where they are kept, take the place of the filters' common tokens."""

from collections.abc import Iterator, Sequence

from pyroaring import BitMap

from portal.archive import facets
from portal.archive.indexes import Match
from portal.archive.stores import store

Chosen = Sequence[tuple[str, Sequence[str]]]  # facets, and the values each may have
FEW = 0.02  # a smaller share of a quarter is found sooner by the filters' own tokens
MOST = 5_000  # places asked of the index at once
NOWHERE = BitMap()


class Sieve:
    """Which places of a quarter have the chosen values; those filed since the bitmaps were read go through."""

    def __init__(self, chosen: Chosen, known: facets.Facets) -> None:
        self.known = known.places
        self.groups = [[known.rows[name].get(value, NOWHERE) for value in values] for name, values in chosen]

    def through(self, some: BitMap) -> BitMap:
        """Those of the places that go through."""
        found = some & self.known
        for group in self.groups:
            found = BitMap.union(*(found & rows for rows in group))
        return found | (some - self.known)


def share(chosen: Chosen, known: facets.Facets) -> float:
    """About how much of a quarter has the chosen values: those of one facet take nothing from another's."""
    part = 1.0
    for name, values in chosen:
        sizes = known.sizes[name]
        part *= sum(sizes.get(value, 0) for value in values) / max(1, sum(sizes.values()))
    return part


def places(match: Match, words: Match, chosen: Chosen, quarter: str, before: int, need: int) -> Iterator[int]:
    """Places of a quarter that may be hits, the newest first; about `need` of them will be asked for.

    `words`: the match but for the chosen values.
    """
    while (soon := store().newest(quarter, match, before, need)) is not None:
        yield from soon
        if len(soon) < need:
            return
        before = soon[-1]
    known = facets.kept(quarter) if chosen else None
    part = share(chosen, known) if known else 0.0
    sieve = Sieve(chosen, known) if known and part >= FEW else None
    wanted, step = (words, int(2 * need / part)) if sieve else (match, need)
    step = max(step, store().least)
    while True:
        found = store().search(quarter, wanted, before, step)
        if found:
            yield from reversed(sieve.through(BitMap(found))) if sieve else found
        if len(found) < step:
            return
        before, step = found[-1], min(MOST, step * 4)
