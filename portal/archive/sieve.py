"""Rare words with filters: SQLite's index looks at many common tokens beside each rare one; rows are asked instead."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from portal.archive.rules import A_SECOND, EVERYTHING
from portal.archive.stores import MANY, Match, store
from portal.kernel.db import read
from portal.kernel.lists import spread

Asked = Sequence[tuple[str, Sequence[object]]]  # columns of the record, and the values each may have
PROBE = 24  # places looked at to know how far apart they lie
APART = 300 * A_SECOND  # one in five minutes of archiving; nearer ones are found by the index soon enough
FITTING = (
    "SELECT place FROM archived WHERE quarter = :quarter AND place IN ({places}) AND current AND {conditions}"
    " ORDER BY place DESC"
)


def places(match: Match, asked: Asked, quarter: str, before: int, need: int) -> Iterator[list[int]]:
    """Places of a quarter that may be hits, the newest first, some at a time.

    `asked`: what `match.any` says in tokens; where it is empty, the index alone is asked.
    """
    words, step, found = replace(match, any=()), PROBE, list[int]()
    alone = bool(asked) and match.all != (EVERYTHING,) and store().certain
    if alone:
        found = store().search(quarter, words, before, PROBE)
        alone = len(found) < PROBE or found[0] - found[-1] > PROBE * APART
    if not alone:
        words, step = match, need
        found = store().search(quarter, match, before, need)
    while True:
        if alone:
            fitting = _fitting(asked, quarter, found)
            yield from (fitting[n : n + need] for n in range(0, len(fitting), need))
        else:
            yield found
        if len(found) < step:
            return
        before, step = found[-1], min(MANY, step * 4)
        found = store().search(quarter, words, before, step)


def _fitting(asked: Asked, quarter: str, found: list[int]) -> list[int]:
    """Those of these places whose records have one of the values in each column."""
    if not found:
        return []
    values: dict[str, object] = {"quarter": quarter}
    conditions = []
    for column, wanted in asked:
        marks, given = spread(column, wanted)
        conditions.append(f"{column} IN ({marks})")
        values |= given
    listed = ", ".join(map(str, map(int, found)))
    return [row[0] for row in read(FITTING.format(places=listed, conditions=" AND ".join(conditions)), values)]
