"""The hot reading of queues: only the columns a row shows, as plain tuples, and counts with a bound."""

from collections import namedtuple
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from portal.clocks import book
from portal.desk.views import CLAIMABLE, LACKING, STOPPED, View, conditions
from portal.kernel.db import read
from portal.kernel.engines import holds, passing_over
from portal.kernel.feed import feed
from portal.shell import COUNTED

TOLD = 10_000  # two counts in one sum: the state, a text, is read once a row; it costs as much as all the rest
COLUMNS = (
    "id", "no", "version", "title", "customer_name", "channel", "state", "level", "proposed_level", "unit_id",
    "intake_unit_id", "owner_id", "owner_name", "chases", "reopened", "paused", "press", "clock_kind",
    "clock_start", "clock_due", "clock_warn", "received_at", "entry_at", "incident_id", "confirmed_at", "rated",
)  # fmt: skip
FRESH = "CASE WHEN inward_at > coalesce(contact_at, 0) THEN 1 ELSE 0 END"
GAPS = f"CASE WHEN {LACKING} THEN 1 ELSE 0 END"
GUESSED = (
    "CASE WHEN clock_start >= :sure_from AND clock_due < :sure_until THEN 0"
    " WHEN EXISTS (SELECT 1 FROM clock WHERE clock.case_id = cases.id AND clock.kind = cases.clock_kind"
    " AND clock.outcome = 'running' AND clock.provisional) THEN 1 ELSE 0 END"
)  # the pressing clock used a year whose holidays are not loaded; looked up only outside the years all calendars know
Row = namedtuple("Row", (*COLUMNS, "fresh", "gaps", "guessed"))  # type: ignore[misc]
Counts = namedtuple("Counts", ("all", "late", "soon", "unclaimed", "waiting", "told", "mine"))


def _statement(select: str, terms: tuple[str, ...], tail: str) -> str:
    return f"SELECT {select} FROM cases WHERE {' AND '.join(terms)} ORDER BY press, id {tail}"


def page(view: View, now: int, limit: int) -> list[Any]:
    """The rows of a page, nearest clock first."""
    terms, values = conditions(view, now)
    found = _statement(f"{', '.join(COLUMNS)}, {FRESH}, {GAPS}, {GUESSED}", (holds("open"), *terms), "LIMIT :limit")
    since, until = book.sure()
    asked = values | {"limit": limit, "sure_from": since, "sure_until": until}
    return [Row._make(row) for row in read(found, asked)]


def counts(view: View, now: int) -> Counts:
    """How many cases stand in each segment of the whole queue, each counted up to COUNTED."""
    terms, values = conditions(view, now, filtered=False)
    where = " AND ".join((holds("open"), *terms))
    found = read(_counting(where), values | {"now": now, "me": view.actor.id})[0]
    told, waiting = divmod(int(found[-1] or 0), TOLD)
    return Counts._make((*found[:4], waiting, told, found[4]))


@lru_cache(maxsize=100)
def _counting(where: str) -> str:
    def many(condition: str) -> str:
        return f"count(*) FILTER (WHERE {condition})"

    wanted = (
        "count(*)", many("press < :now"), many(f"press >= :now AND press < {STOPPED} AND clock_warn <= :now"),
        many("owner_id IS NULL"), many("owner_id = :me"),
        f"sum(CASE state WHEN 'waiting' THEN 1 WHEN 'told' THEN {TOLD} ELSE 0 END)",
    )  # fmt: skip
    columns = "press, clock_warn, owner_id, state"
    inner = f"SELECT {columns} FROM cases WHERE {where} ORDER BY press, id LIMIT {COUNTED}"
    return f"SELECT {', '.join(wanted)} FROM ({inner}) AS nearest"


def first_unclaimed(view: View, now: int) -> str | None:
    """The number of the selection's nearest case nobody holds, its row locked. Call inside transaction()."""
    terms, values = conditions(view, now)
    states = ", ".join(f"'{state}'" for state in CLAIMABLE)
    wanted = (holds("open"), *terms, "owner_id IS NULL", f"state IN ({states})")
    found = read(_statement("no", wanted, "LIMIT 1" + passing_over()), values)
    return found[0][0] if found else None


def changed(since: dict[str, int], until: dict[str, int]) -> set[int] | None:
    """The cases behind the topics' moves from one version to another; None when their record has a gap."""
    found: set[int] = set()
    for topic, version in until.items():
        before = since.get(topic, 0)
        if version == before:
            continue
        moves = read("SELECT v, ref FROM change WHERE topic = :t AND v > :v", {"t": topic, "v": before})
        recorded = {v for v, _ref in moves}  # one version may have moved for several cases
        if any(v not in recorded for v in range(before + 1, version + 1)):
            return None
        found.update(ref for _v, ref in moves)
    return found


MINE = (
    "SELECT press FROM cases WHERE {open} AND owner_id = :me UNION ALL SELECT press FROM cases WHERE {open}"
    " AND agent_id = :me AND state IN ('result_in_hand', 'told') AND (owner_id IS NULL OR owner_id <> :me)"
)  # each half reads one index; the page's own condition, an OR of both, reads neither well


def standing(view: View, now: int) -> tuple[int, int]:
    """How many cases stand on a page, up to COUNTED, and how many of them are late: what the navigation shows."""
    terms, values = conditions(view, now, filtered=False)
    inner = f"SELECT press FROM cases WHERE {' AND '.join((holds('open'), *terms))}"
    if view.code == "mine":
        inner = MINE.format(open=holds("open"))
    wanted = f"SELECT count(*), count(*) FILTER (WHERE press < :now) FROM ({inner} LIMIT {COUNTED}) AS counted"
    number, late = read(wanted, {"me": view.actor.id} | values | {"now": now})[0]
    return number, late


def topics(units: Iterable[Any]) -> list[str]:
    """The feed's topics of these departments."""
    return [f"unit:{unit.id}" for unit in units]


def versions(names: Iterable[str]) -> list[int]:
    """The topics' versions as the feed holds them; ask feed.version once before, which wakes it."""
    held = feed.versions
    return [held.get(name, 0) for name in names]
