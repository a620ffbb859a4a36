"""Stale cases (QU11): open ones without an entry for too long, the longest first, for those who lead departments."""

from typing import NamedTuple

from portal.desk.caches import kept
from portal.desk.staleness import LEVEL, condition
from portal.identity.actor import Actor
from portal.identity.policy import may, scope
from portal.kernel.db import read
from portal.kernel.engines import holds
from portal.shell import COUNTED

MOST = 8
LAST = 15  # seconds for which a list holds


class Stale(NamedTuple):
    """A case that nobody has written about for too long."""

    no: str
    title: str
    level: str
    judged: bool
    owner: str
    entry_at: int


def stale(actor: Actor, now: int) -> tuple[list[Stale], int]:
    """The most forgotten cases of the departments in which this person assigns work, and how many there are.

    Counted up to COUNTED.
    """
    if not may(actor, "case.assign"):
        return [], 0
    units = scope(actor, "case.assign")
    found: tuple[list[Stale], int] = kept(("stale", units), now // LAST, lambda: _read(units, now))
    return found


def _read(units: frozenset[int] | None, now: int) -> tuple[list[Stale], int]:
    terms, values = condition(now)
    where = [holds("open"), *terms]
    if units is not None:
        where.append(f"unit_id IN ({', '.join(map(str, sorted(units)))})")
    given, wanted = " AND ".join(where), f"no, title, {LEVEL}, CASE WHEN level = '' THEN 0 ELSE 1 END, owner_name"
    rows = read(f"SELECT {wanted}, entry_at FROM cases WHERE {given} ORDER BY entry_at LIMIT {MOST + 1}", values)
    number = len(rows)
    if number > MOST:
        counting = f"SELECT count(*) FROM (SELECT id FROM cases WHERE {given} LIMIT {COUNTED}) AS counted"
        number = read(counting, values)[0][0]
    return [Stale(row[0], row[1], row[2], bool(row[3]), row[4], row[5]) for row in rows[:MOST]], number
