"""Stale cases (QU11): open ones without an entry for too long, the longest first, for those who lead departments."""

from datetime import date, timedelta
from typing import NamedTuple

from portal.clocks.calendar import Calendar
from portal.clocks.timetable import instant_of
from portal.desk.caches import kept
from portal.desk.rows import RESTING, STALE_AFTER, office
from portal.identity.actor import Actor
from portal.identity.policy import may, scope
from portal.kernel.db import db, read

MOST = 8
LAST = 15  # seconds for which a list holds
LEVEL = "coalesce(nullif(level, ''), proposed_level)"


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
    cuts = {f"P{n}": now - STALE_AFTER[f"P{n}"] for n in (1, 2, 4)} | {"P3": day_over_since(now)}
    names = {"P1": "one", "P2": "two", "P3": "three", "P4": "four"}
    whens = " ".join(f"WHEN '{level}' THEN :{name}" for level, name in names.items())
    where = [
        "open = 1" if db.engine.dialect.name == "sqlite" else "open",
        f"state NOT IN ({', '.join(repr(state) for state in RESTING)})",
        f"entry_at <= CASE {LEVEL} {whens} END",
    ]
    if units is not None:
        where.append(f"unit_id IN ({', '.join(map(str, sorted(units)))})")
    wanted = f"SELECT no, title, {LEVEL}, CASE WHEN level = '' THEN 0 ELSE 1 END, owner_name, entry_at FROM cases"
    rows = read(
        f"{wanted} WHERE {' AND '.join(where)} ORDER BY entry_at LIMIT {MOST + 1}",
        {names[level]: cut for level, cut in cuts.items()},
    )
    return [Stale(row[0], row[1], row[2], bool(row[3]), row[4], row[5]) for row in rows]


def day_over_since(now: int) -> int:
    """The last second before the last working day that is over: entries until then had a whole working day after."""
    calendar = office(now)
    day = calendar.local_date(now)
    while not _over(calendar, day, now):
        day -= timedelta(days=1)
    return instant_of(day, 0, calendar.tz) - 1


def _over(calendar: Calendar, day: date, now: int) -> bool:
    hours = calendar.intervals_on(day)
    return bool(hours) and instant_of(day, hours[-1][1], calendar.tz) <= now
