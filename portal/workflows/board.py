"""The board of running orders: where each stands, who has it, whose time was used, what falls due next (WF3)."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from portal.clocks import book
from portal.identity.actor import Actor
from portal.identity.policy import scope
from portal.kernel.db import read
from portal.kernel.feed import feed, version
from portal.kernel.i18n import locale
from portal.workflows import ledger
from portal.workflows.record import ALL, unit_topic
from portal.workflows.used import ELSEWHERE, Pieces, without

PAGE, COUNTED = 50, 500
ORDERS = (
    "SELECT o.id, o.no, o.flow, o.flow_version, o.title, o.customer_name, o.due_at, o.paused_at, o.raising_unit_id,"
    " o.customer_unit_id{} FROM work_order o WHERE o.state <> 'ended'"
)
STEPS = (
    "SELECT order_id, code, kind, round, unit_id, person, party, due_at{} FROM order_step WHERE order_id IN ({})"
    " AND state {} ORDER BY order_id, n"
)
# what only the time used asks for
MORE_OF_ORDERS = ", o.pause_until, o.pauses, o.calendars"
MORE_OF_STEPS = ", n, state, outside, parent, calendar, started_at, done_at, spans"
FEW = (  # up to so many: the second part is asked only where there are fewer
    "COALESCE((SELECT {2} FROM work_order o WHERE o.state <> 'ended' AND o.flow = '{0}'{1} LIMIT 1 OFFSET {2} - 1),"
    " (SELECT COUNT(*) FROM work_order o WHERE o.state <> 'ended' AND o.flow = '{0}'{1}))"
)
LATE = " AND o.due_at < :now"


@dataclass(frozen=True)
class Asked:
    """Which part of the board: a flow (empty: the first that has orders), and where the page begins."""

    flow: str
    units: frozenset[int] | None
    after: tuple[int, int] | None = None

    @property
    def tag(self) -> str:
        """What a screen of this board has seen: moves when one of its orders does."""
        topics = [ALL] if self.units is None else [unit_topic(unit) for unit in sorted(self.units)]
        return f"{feed.epoch}.{'.'.join(str(version(topic)) for topic in topics)}.{locale()}"


class Order(NamedTuple):
    """A running order as stored; instants in epoch seconds. The last three are read for the time used alone."""

    id: int
    no: str
    flow: str
    flow_version: int
    title: str
    customer: str
    due: int
    paused: int | None
    raising_unit_id: int
    customer_unit_id: int
    pause_until: int | None = None
    pauses: Any = None
    calendars: Any = None


class Step(NamedTuple):
    """One step or sheet of it as stored; from `n` on what is read for the time used alone."""

    order_id: int
    code: str
    kind: str
    round: int
    unit_id: int
    person: str
    party: str
    due: int
    n: int = 0
    state: str = "open"
    outside: Any = None
    parent: int = 0
    calendar: str = ""
    started: int = 0
    done: int | None = None
    spans: Any = None


class Line(NamedTuple):
    """One row of the board: the open steps, working seconds by unit, and the instant that comes first."""

    order: Order
    open: list[Step]
    spent: dict[int, int]
    next_due: int
    late: bool


def asked(actor: Actor, given: Mapping[str, str], flows: Container[str]) -> Asked:
    """The part of the board that an address asks for, of these flows."""
    flow, place = given.get("flow", ""), ledger.cursor(given.get("after", ""))
    return Asked(flow if flow in flows else "", scope(actor, "order.view"), place)


def _seen(units: frozenset[int] | None) -> str:
    return "" if units is None else f" AND {ledger.CONCERNS.format(ledger.numbers(units))}"


def counts(wanted: Asked, flows: Iterable[str], now: int) -> dict[str, tuple[int, int]]:
    """Running orders of each flow and how many of them are beyond their due instant, each counted up to COUNTED."""
    seen = _seen(wanted.units)
    parts = [
        f"SELECT '{flow}', {FEW.format(flow, seen, COUNTED)}, {FEW.format(flow, seen + LATE, COUNTED)}"
        for flow in flows
        if flow.isidentifier()
    ]
    rows = read(" UNION ALL ".join(parts), {"now": now}) if parts else []
    return {flow: (number, late) for flow, number, late in rows}


def page(wanted: Asked, now: int, *, times: bool = True) -> tuple[list[Line], str]:
    """The orders of a flow, the one due first on top, and where the next page begins.

    Without `times` nothing is said about the time used: reading and adding up all steps costs most of a page.
    """
    values: dict[str, Any] = {"most": PAGE + 1, "flow": wanted.flow}
    sql = f"{ORDERS.format(MORE_OF_ORDERS if times else '')} AND o.flow = :flow{_seen(wanted.units)}"
    if wanted.after:
        values["due"], values["id"] = wanted.after
        sql += " AND (o.due_at > :due OR (o.due_at = :due AND o.id > :id))"
    orders = [Order(*row) for row in read(f"{sql} ORDER BY o.due_at, o.id LIMIT :most", values)]
    after = f"{orders[PAGE - 1].due}-{orders[PAGE - 1].id}" if len(orders) > PAGE else ""
    return lines(orders[:PAGE], now, times=times), after


def lines(orders: list[Order], now: int, *, times: bool = True) -> list[Line]:
    """The rows of these orders."""
    steps: dict[int, list[Step]] = {}
    if orders:
        what, which = (MORE_OF_STEPS, "<> 'withdrawn'") if times else ("", "= 'open'")
        for row in read(STEPS.format(what, ",".join(str(one.id) for one in orders), which), {}):
            steps.setdefault(row[0], []).append(Step(*row))
    return [_line(one, steps.get(one.id, []), now, times) for one in orders]


def _line(order: Order, steps: list[Step], now: int, times: bool) -> Line:
    here = [s for s in steps if s.state == "open" and s.kind != "sheet"]
    first = min((s.due for s in steps if s.state == "open"), default=order.due)
    return Line(order, here, spent(order, steps, now) if times else {}, first, (order.paused or now) > first)


def spent(order: Order, steps: list[Step], now: int) -> dict[int, int]:
    """Working seconds that each unit held steps of the order: as `used.by_unit`, over plain rows."""
    found: dict[int, int] = {}
    waits = [(a, b) for a, b in ledger.listed(order.pauses)]
    if order.paused:
        waits.append((order.paused, min(now, order.pause_until or now)))
    books = {code: book.calendar(code, number) for code, number in ledger.plain(order.calendars).items()}
    for step in steps:
        calendar = books[step.calendar]
        out = [piece for s in steps if s.parent == step.n for _unit, *piece in _stays(s, now)]
        for unit, since, until in _stays(step, now):
            pieces: Pieces = [(since, until)] if since < until else []
            for gaps in (waits, out):
                pieces = without(pieces, gaps) if gaps and pieces else pieces  # type: ignore[arg-type]
            for a, b in pieces:
                found[unit] = found.get(unit, 0) + calendar.between(a, b)
    return {unit: used for unit, used in found.items() if used}


def _stays(step: Step, now: int) -> list[tuple[int, int, int]]:
    """(unit, since, until) of all that held the step."""
    found, began = [], step.started
    for unit, _since, until, _due in ledger.listed(step.spans):
        found.append((unit, began, until))
        began = until
    found.append((ELSEWHERE if step.outside else step.unit_id, began, step.done if step.done is not None else now))
    return found
