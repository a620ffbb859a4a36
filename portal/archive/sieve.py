"""Words with filters: bitmaps of a quarter, where they are kept, take the place of the filters' common tokens."""

from collections.abc import Iterator, Sequence

from pyroaring import BitMap

from portal.archive import facets
from portal.archive.indexes import Match
from portal.archive.stores import MANY, store

Chosen = Sequence[tuple[str, Sequence[str]]]  # facets, and the values each may have
FEW = 0.02  # a smaller share of a quarter is found sooner by the filters' own tokens


class Sieve:
    """Which places of a quarter have the chosen values; those filed since the bitmaps were read go through."""

    def __init__(self, chosen: Chosen, known: facets.Facets) -> None:
        self.known = known.places
        self.groups = [[known.rows[name].get(value, BitMap()) for value in values] for name, values in chosen]

    @property
    def share(self) -> float:
        """About how much of the quarter goes through: the values of one facet take nothing from another's."""
        share = 1.0
        for group in self.groups:
            share *= sum(map(len, group)) / max(1, len(self.known))
        return share

    def __call__(self, place: int) -> bool:
        return place not in self.known or all(any(place in rows for rows in group) for group in self.groups)


def places(match: Match, words: Match, chosen: Chosen, quarter: str, before: int, need: int) -> Iterator[list[int]]:
    """Places of a quarter that may be hits, the newest first, some at a time.

    `words`: the match but for the chosen values.
    """
    known = facets.kept(quarter) if chosen else None
    sieve = Sieve(chosen, known) if known else None
    share = sieve.share if sieve else 0.0
    if share < FEW:
        sieve = None
    wanted, step = (words, int(need / share) + 1) if sieve else (match, need)
    while True:
        found = store().search(quarter, wanted, before, step)
        fitting = list(filter(sieve, found)) if sieve else found
        yield from (fitting[n : n + need] for n in range(0, len(fitting), need))
        if len(found) < step:
            return
        before, step = found[-1], min(MANY, step * 4)
