"""Which step of which flow waits longest now, and took longest in the last ninety days (WF3)."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from portal import shell
from portal.clocks import book
from portal.identity.actor import Actor
from portal.identity.policy import scope
from portal.kernel import feed
from portal.kernel.db import read
from portal.kernel.instants import epoch
from portal.workflows import ledger

DAYS = 90
KEPT = 900  # seconds that the reading stays good
OPEN = (
    "SELECT o.flow, s.code, s.calendar, o.calendars, s.started_at, :now, s.unit_id FROM order_step s"
    " JOIN work_order o ON o.id = s.order_id WHERE s.state = 'open' AND s.kind <> 'sheet' AND o.paused_at IS NULL"
)
DONE = (
    "SELECT o.flow, s.code, s.calendar, o.calendars, s.started_at, s.done_at, s.unit_id FROM order_step s"
    " JOIN work_order o ON o.id = s.order_id WHERE s.done_at >= :since AND s.state IN ('done', 'reset', 'returned')"
    " AND s.kind NOT IN ('sheet', 'end') AND NOT (s.kind = 'decision' AND s.done_at = s.started_at)"
)


class Row(NamedTuple):
    """One step of one flow: orders waiting there now and how long, and how long it took; working seconds."""

    flow: str
    code: str
    waiting: int
    waits_median: int | None
    waits_longest: int | None
    done: int
    median: int | None
    p90: int | None


def rank(values: list[int], share: float) -> int | None:
    """The nearest-rank quantile of sorted values; None without any (as durations in the quarterly report)."""
    return values[max(0, -(-int(share * 1000) * len(values) // 1000) - 1)] if values else None


def found(actor: Actor, now: datetime) -> list[Row]:
    """The steps by what waits longest there now, then by what took longest; read again after a quarter of an hour."""
    units = scope(actor, "order.view")
    stamp = (epoch(now) // KEPT, feed.version("clocks"))
    name = f"orders.bottlenecks {sorted(units) if units is not None else 'all'}"
    return shell.kept(name, stamp, lambda: _read(units, now))  # type: ignore[no-any-return]


def _read(units: frozenset[int] | None, now: datetime) -> list[Row]:
    seen = "" if units is None else f" AND s.unit_id IN ({ledger.numbers(units)})"
    waiting = _lengths(read(OPEN + seen, {"now": epoch(now)}))
    done = _lengths(read(DONE + seen, {"since": epoch(now - timedelta(days=DAYS))}))
    rows = []
    for key in sorted(waiting.keys() | done.keys()):
        here, there = sorted(waiting.get(key, [])), sorted(done.get(key, []))
        longest = here[-1] if here else None
        rows.append(Row(*key, len(here), rank(here, 0.5), longest, len(there), rank(there, 0.5), rank(there, 0.9)))
    return sorted(rows, key=lambda row: (-(row.waits_median or 0), -(row.p90 or 0)))


def _lengths(rows: Any) -> dict[tuple[str, str], list[int]]:
    """Working seconds of each stay, by flow and step."""
    lengths: dict[tuple[str, str], list[int]] = {}
    for flow, code, calendar, versions, since, until, _unit in rows:
        table = book.calendar(calendar, ledger.plain(versions)[calendar])
        lengths.setdefault((flow, code), []).append(max(0, table.between(since, until)))
    return lengths
