"""The hot reading of queues: only the columns a row shows, as plain tuples, and counts with a bound."""

from collections import namedtuple
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, text

from portal.desk.views import CLAIMABLE, STOPPED, View, conditions
from portal.kernel.db import db
from portal.kernel.feed import feed

COUNTED = 1000  # counting stops here: the page shows "1000+"
COLUMNS = (
    "id", "no", "version", "title", "customer_name", "channel", "state", "level", "proposed_level", "unit_id",
    "intake_unit_id", "owner_id", "owner_name", "chases", "reopened", "paused", "press", "clock_kind",
    "clock_start", "clock_due", "clock_warn", "received_at", "entry_at", "incident_id",
)  # fmt: skip
FRESH = "CASE WHEN inward_at > coalesce(contact_at, 0) THEN 1 ELSE 0 END"
GAPS = "CASE WHEN CAST(incomplete AS TEXT) IN ('[]', 'null') THEN 0 ELSE 1 END"
Row = namedtuple("Row", (*COLUMNS, "fresh", "gaps"))  # type: ignore[misc]
Counts = namedtuple("Counts", ("all", "late", "soon", "unclaimed", "waiting", "told", "mine"))


@lru_cache(maxsize=500)
def _statement(select: str, terms: tuple[str, ...], tail: str) -> TextClause:
    return text(f"SELECT {select} FROM cases WHERE {' AND '.join(terms)} ORDER BY press, id {tail}")


def _open() -> str:
    """The condition of the partial indexes, spelled as each engine's index spells it."""
    return "open = 1" if db.engine.dialect.name == "sqlite" else "open"


def page(view: View, now: int, limit: int) -> list[Any]:
    """The rows of a page, nearest clock first."""
    terms, values = conditions(view, now)
    found = _statement(f"{', '.join(COLUMNS)}, {FRESH}, {GAPS}", (_open(), *terms), "LIMIT :limit")
    rows = db.session.connection().execute(found, values | {"limit": limit})
    return [Row._make(row) for row in rows]


def counts(view: View, now: int) -> Counts:
    """How many cases stand in each segment of the whole queue, each counted up to COUNTED."""
    terms, values = conditions(view, now, filtered=False)
    where = " AND ".join((_open(), *terms))
    found = db.session.connection().execute(_counting(where), values | {"now": now, "me": view.actor.id})
    return Counts._make(int(n or 0) for n in found.one())


@lru_cache(maxsize=100)
def _counting(where: str) -> TextClause:
    def many(condition: str) -> str:
        return f"sum(CASE WHEN {condition} THEN 1 ELSE 0 END)"

    wanted = (
        "count(*)", many("press < :now"), many(f"press >= :now AND press < {STOPPED} AND clock_warn <= :now"),
        many("owner_id IS NULL"), many("state = 'waiting'"), many("state = 'told'"), many("owner_id = :me"),
    )  # fmt: skip
    columns = "press, clock_warn, owner_id, state"
    inner = f"SELECT {columns} FROM cases WHERE {where} ORDER BY press, id LIMIT {COUNTED}"
    return text(f"SELECT {', '.join(wanted)} FROM ({inner}) AS nearest")


def first_unclaimed(view: View) -> str | None:
    """The number of the nearest case nobody holds, its row locked. Call inside transaction()."""
    terms, values = conditions(view, 0, filtered=False)
    states = ", ".join(f"'{state}'" for state in CLAIMABLE)
    lock = "" if db.engine.dialect.name == "sqlite" else " FOR UPDATE SKIP LOCKED"
    wanted = (_open(), *terms, "owner_id IS NULL", f"state IN ({states})")
    found: str | None = db.session.connection().execute(_statement("no", wanted, "LIMIT 1" + lock), values).scalar()
    return found


def changed(since: dict[str, int], until: dict[str, int]) -> set[int] | None:
    """The cases behind the topics' moves from one version to another; None when their record has a gap."""
    found: set[int] = set()
    for topic, version in until.items():
        before = since.get(topic, 0)
        if version == before:
            continue
        rows = db.session.connection().execute(
            text("SELECT v, ref FROM change WHERE topic = :t AND v > :v"), {"t": topic, "v": before}
        )
        moves = {row[0]: row[1] for row in rows}
        if any(v not in moves for v in range(before + 1, version + 1)):
            return None
        found.update(moves.values())
    return found


MINE = (
    "SELECT press FROM cases WHERE {open} AND owner_id = :me UNION ALL SELECT press FROM cases WHERE {open}"
    " AND agent_id = :me AND state IN ('result_in_hand', 'told') AND (owner_id IS NULL OR owner_id <> :me)"
)  # each half reads one index; the page's own condition, an OR of both, reads neither well


def standing(view: View, now: int) -> tuple[int, int]:
    """How many cases stand on a page, up to COUNTED, and how many of them are late: what the navigation shows."""
    terms, values = conditions(view, now, filtered=False)
    inner = f"SELECT press FROM cases WHERE {' AND '.join((_open(), *terms))}"
    if view.code == "mine":
        inner = MINE.format(open=_open())
    late = "sum(CASE WHEN press < :now THEN 1 ELSE 0 END)"
    wanted = _plain(f"SELECT count(*), {late} FROM ({inner} LIMIT {COUNTED}) AS counted")
    number, behind = db.session.connection().execute(wanted, {"me": view.actor.id} | values | {"now": now}).one()
    return int(number), int(behind or 0)


@lru_cache(maxsize=100)
def _plain(statement: str) -> TextClause:
    return text(statement)


def topics(units: Iterable[Any]) -> list[str]:
    """The feed's topics of these departments."""
    return [f"unit:{unit.id}" for unit in units]


def versions(names: Iterable[str]) -> list[int]:
    """The topics' versions as the feed holds them; ask feed.version once before, which wakes it."""
    held = feed.versions
    return [held.get(name, 0) for name in names]
