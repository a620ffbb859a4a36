"""Lists of orders: a unit's open steps, most pressing first; the orders a unit raised or serves; those that ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from portal.identity.actor import Actor
from portal.identity.policy import scope
from portal.kernel.db import read
from portal.kernel.feed import feed, version
from portal.kernel.i18n import locale
from portal.workflows.record import ALL, unit_topic

PAGE = 100
SHOWS = ("steps", "mine", "raised", "ended")
STATES = ("late", "soon", "paused", "returned", "outside")
STEP = (
    "SELECT s.id, o.no, o.title, o.customer_name, o.flow, o.flow_version, s.code, s.kind, s.round, s.unit_id, s.person,"
    " s.party, s.started_at, s.due_at, s.warn_at, o.due_at, s.chased, s.sheet, o.paused_at, o.result, o.ended_at,"
    " o.late FROM order_step s JOIN work_order o ON o.id = s.order_id WHERE s.state = 'open'"
)
ORDER = (
    "SELECT o.id, o.no, o.title, o.customer_name, o.flow, o.flow_version, COALESCE(s.code, ''), COALESCE(s.kind, ''),"
    " COALESCE(s.round, 1), COALESCE(s.unit_id, o.raising_unit_id), COALESCE(s.person, ''), COALESCE(s.party, ''),"
    " o.started_at, COALESCE(s.due_at, o.due_at), s.warn_at, o.due_at, COALESCE(s.chased, 0), '', o.paused_at,"
    " o.result, o.ended_at, o.late FROM work_order o LEFT JOIN order_step s ON s.order_id = o.id AND s.state = 'open'"
    " AND s.kind <> 'sheet' AND s.due_at = (SELECT MIN(due_at) FROM order_step x WHERE x.order_id = o.id"
    " AND x.state = 'open' AND x.kind <> 'sheet') WHERE "
)
WHEN: Mapping[str, str] = {
    "late": " AND s.due_at < :now AND o.paused_at IS NULL",
    "soon": " AND s.due_at >= :now AND s.warn_at <= :now AND o.paused_at IS NULL",
    "paused": " AND o.paused_at IS NOT NULL",
    "returned": " AND s.round > 1",
    "outside": " AND s.party <> ''",
}


class Row(NamedTuple):
    """One open step, or one order with the step that presses most; instants in epoch seconds."""

    id: int
    no: str
    title: str
    customer: str
    flow: str
    flow_version: int
    code: str
    kind: str
    round: int
    unit_id: int
    person: str
    party: str
    started: int
    due: int
    warn: int | None
    whole_due: int
    chased: int
    sheet: str
    paused: int | None
    result: str
    ended: int | None
    late: int


@dataclass(frozen=True)
class Asked:
    """Which list: units None = all, filters empty = none."""

    show: str
    units: frozenset[int] | None
    person_id: int
    flow: str = ""
    unit_id: int = 0
    state: str = ""

    @property
    def within(self) -> frozenset[int] | None:
        """The units whose rows are wanted; None for all."""
        if not self.unit_id:
            return self.units
        return frozenset((self.unit_id,)) if self.units is None or self.unit_id in self.units else frozenset()

    @property
    def tag(self) -> str:
        """What a screen of this list has seen: moves when an order of these units does."""
        within = self.within
        topics = [ALL] if within is None else [unit_topic(unit) for unit in sorted(within)]
        return f"{feed.epoch}.{'.'.join(str(version(topic)) for topic in topics)}.{locale()}"


def asked(actor: Actor, given: Mapping[str, str]) -> Asked:
    """The list that an address asks for; what it does not know is left out."""
    unit = given.get("unit", "")
    show, state = given.get("show", ""), given.get("state", "")
    return Asked(
        show if show in SHOWS else SHOWS[0], scope(actor, "order.view"), actor.id, given.get("flow", "")[:40],
        int(unit) if unit.isdecimal() and len(unit) < 10 else 0, state if state in STATES else "",
    )  # fmt: skip


def _inside(column: str, units: frozenset[int] | None) -> str:
    return "1 = 1" if units is None else f"{column} IN ({','.join(map(str, sorted(units))) or '-1'})"


def rows(wanted: Asked, now: int) -> list[Row]:
    """The list, most pressing first (ended ones: newest first), at most PAGE rows."""
    values: dict[str, Any] = {"most": PAGE}
    units = wanted.within
    if wanted.show in ("steps", "mine"):
        sql = f"{STEP} AND {_inside('s.unit_id', units)} AND o.state <> 'ended'{WHEN.get(wanted.state, '')}"
        sql += " AND s.person_id = :me" if wanted.show == "mine" else ""
        order = "s.due_at, s.id"
        values |= {"now": now} if wanted.state in ("late", "soon") else {}
        values |= {"me": wanted.person_id} if wanted.show == "mine" else {}
    else:
        sql = f"{ORDER}({_inside('o.raising_unit_id', units)} OR {_inside('o.customer_unit_id', units)})"
        sql += " AND o.state = 'ended' AND o.disposed = ''" if wanted.show == "ended" else " AND o.state <> 'ended'"
        order = "o.ended_at DESC, o.id DESC" if wanted.show == "ended" else "o.due_at, o.id"
    if wanted.flow:
        sql, values = f"{sql} AND o.flow = :flow", values | {"flow": wanted.flow}
    found, seen = [], set()
    for one in read(f"{sql} ORDER BY {order} LIMIT :most", values):
        if one[0] not in seen:
            found.append(Row._make(one))
            seen.add(one[0])
    return found


COUNT = (
    "SELECT COUNT(*), COALESCE(SUM(CASE WHEN due_at < :now THEN 1 ELSE 0 END), 0) FROM"
    " (SELECT s.due_at FROM order_step s WHERE s.state = 'open' AND {} LIMIT 500) waits"
)


def waiting(actor: Actor, now: int) -> tuple[int, int]:
    """How many steps wait in the actor's own units, and how many of them are late, for the navigation."""
    units = scope(actor, "order.work") or frozenset(actor.unit_ids)
    found = read(COUNT.format(_inside("s.unit_id", units)), {"now": now})[0]
    return found[0], found[1]
