"""Stale cases (QU11): open ones without an entry for too long, the longest first, for those who lead departments."""

from typing import NamedTuple

from portal.desk.caches import kept
from portal.desk.staleness import LEVEL, condition
from portal.identity.actor import Actor
from portal.identity.policy import may, scope
from portal.kernel.db import read
from portal.kernel.engines import holds

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


def stale(actor: Actor, now: int) -> list[Stale]:
    """The most forgotten cases of the departments in which this person assigns work, one more than are shown."""
    if not may(actor, "case.assign"):
        return []
    units = scope(actor, "case.assign")
    found: list[Stale] = kept(("stale", units), now // LAST, lambda: _read(units, now))
    return found


def _read(units: frozenset[int] | None, now: int) -> list[Stale]:
    terms, values = condition(now)
    where = [holds("open"), *terms]
    if units is not None:
        where.append(f"unit_id IN ({', '.join(map(str, sorted(units)))})")
    wanted = f"SELECT no, title, {LEVEL}, CASE WHEN level = '' THEN 0 ELSE 1 END, owner_name, entry_at FROM cases"
    rows = read(f"{wanted} WHERE {' AND '.join(where)} ORDER BY entry_at LIMIT {MOST + 1}", values)
    return [Stale(row[0], row[1], row[2], bool(row[3]), row[4], row[5]) for row in rows]
