"""Filing many closed cases at once (imports, the bench); the rows are those that filing one by one makes."""

from collections.abc import Iterable
from itertools import islice

from portal.archive.filing import file
from portal.archive.rules import Paper, quarter_of
from portal.archive.stores import open_quarter, store

CHUNK = 1_000


def load(papers: Iterable[Paper], chunk: int = CHUNK) -> int:
    """Files papers, in any order, each case once; call inside transaction(). Returns how many were filed.

    A quarter that has no table yet gets its index after it has been filled, which PostgreSQL does far quicker.
    """
    return len(load_all(papers, chunk))


def load_all(papers: Iterable[Paper], chunk: int = CHUNK) -> list[int]:
    """The same; returns the rows' ids in the papers' order."""
    made: set[str] = set()
    waiting, ids = iter(papers), list[int]()
    while group := list(islice(waiting, chunk)):
        for quarter in dict.fromkeys(quarter_of(p.archived_at) for p in group):
            if open_quarter(quarter, finish=False):
                made.add(quarter)
        ids += file(group)
    for quarter in sorted(made):
        store().finish(quarter)
    return ids
