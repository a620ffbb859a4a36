"""QA2: how many orders and steps were on time, by flow and department, and how long provisioning took.

Formulas. A piece of work counts once, at the instant it was decided: on time at its end when that lay at or before its
due instant, else late at its due instant, also while it is still open. What was cancelled, or waits for its customer,
before it was due does not count. A step counts for the department that held it: its clock began when the work came to
it, so another one's delay is not its own; who gave a step away late is late for it; a collector is not late while
sheets are. Rate = on time / (on time + late). Cycle = working time from raising to the end, less waiting for the
customer, of provisioning orders that opened a service and ended in the period; median and 90 % by nearest rank.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from portal.clocks import book
from portal.kernel.db import read
from portal.workflows import ledger
from portal.workflows.bottlenecks import rank
from portal.workflows.used import ELSEWHERE, without

KINDS = ("verification", "provisioning", "fault")  # QA2 names these three
ORDERS = (
    "SELECT o.no, o.title, o.flow, o.due_at, o.ended_at, o.paused_at, o.result, o.customer_unit_id, o.facts"
    " FROM work_order o WHERE o.flow IN ({}) AND ((o.ended_at >= :start AND o.ended_at < :end)"
    " OR (o.due_at >= :start AND o.due_at < :end))"
)
STEPS = (
    "SELECT o.no, o.title, o.flow, s.id, s.n, s.parent, s.order_id, s.code, s.kind, s.state, s.unit_id, s.outside,"
    " s.started_at, s.due_at, s.done_at, s.spans, o.paused_at FROM order_step s JOIN work_order o ON o.id = s.order_id"
    " WHERE o.flow IN ({}) AND s.kind <> 'end' AND s.state <> 'withdrawn'"
    " AND (s.state = 'open' OR s.done_at >= :start) AND s.started_at < :end"
)
CYCLES = (
    "SELECT o.no, o.title, o.started_at, o.ended_at, o.pauses, o.calendar, o.calendars, o.facts FROM work_order o"
    " WHERE o.flow = 'provisioning' AND o.result = 'completed' AND o.ended_at >= :start AND o.ended_at < :end"
)


@dataclass(frozen=True)
class Period:
    """From `start` up to `end`, seen at `as_of`; epoch seconds. What happened after `as_of` is not known yet."""

    start: int
    end: int
    as_of: int

    @property
    def values(self) -> dict[str, int]:
        """For a statement."""
        return {"start": self.start, "end": self.until}

    @property
    def until(self) -> int:
        """Where counting stops."""
        return min(self.end, self.as_of)


class Item(NamedTuple):
    """One order, or one stay of a step in a department, that counts; `at` is the instant at which it does."""

    no: str
    title: str
    flow: str
    code: str
    unit_id: int
    due: int
    done: int | None
    met: bool
    at: int


@dataclass(frozen=True)
class Share:
    """How many were on time; `rate` in per cent, None where nothing counts."""

    key: Any
    met: int
    missed: int

    @property
    def rate(self) -> float | None:
        """On time / (on time + late)."""
        whole = self.met + self.missed
        return round(100 * self.met / whole, 1) if whole else None


def judged(due: int, done: int | None, stands: int, *, counts: bool = True) -> tuple[bool, int] | None:
    """Whether work was on time and when that was decided; None while it is not, or where it does not count.

    `stands` is up to when an open one's time has run. `counts` False: what was cancelled counts only once it was late.
    """
    if done is not None and done <= due:
        return (True, done) if counts else None
    return (False, due) if (stands if done is None else done) > due else None


def orders(period: Period, flows: Iterable[str] = KINDS) -> Iterator[Item]:
    """The orders of these flows that count in the period."""
    for no, title, flow, due, ended, paused, result, unit, facts in read(ORDERS.format(_in(flows)), period.values):
        if "due" in ledger.plain(facts).get("imported", {}).get("assumed", ()):
            continue
        done = ended if ended and ended <= period.until else None
        stands = min(period.until, paused) if paused else period.until
        found = judged(due, done, stands, counts=result != "cancelled")
        if found and period.start <= found[1] < period.end:
            yield Item(no, title, flow, "", unit, due, done, *found)


def _in(flows: Iterable[str]) -> str:
    return ",".join(f"'{flow}'" for flow in flows if flow.isidentifier()) or "''"


def steps(period: Period, flows: Iterable[str] = KINDS) -> Iterator[Item]:
    """The stays of steps and sheets in departments that count in the period."""
    rows = read(STEPS.format(_in(flows)), period.values)
    sheets: dict[tuple[int, int], list[int]] = {}
    for row in rows:
        if row[5] and (row[14] is None or row[14] > period.until):
            sheets.setdefault((row[6], row[5]), []).append(row[13])
    for row in rows:
        yield from _stays(row, period, sheets.get((row[6], row[4]), []))


def _stays(row: Any, period: Period, sheets: list[int]) -> Iterator[Item]:
    """A step's stays: departments that gave it away late, then the one that holds or did it."""
    no, title, flow, _id, _n, _parent, _order, code, kind, state, unit, outside, began, due, done, spans, paused = row
    for before, _since, until, their_due in ledger.listed(spans):
        if until > their_due and period.start <= their_due < period.until:
            yield Item(no, title, flow, code, before, their_due, until, False, their_due)
    if kind == "decision" and done == began:
        return  # a field of the order decided
    done = done if done is not None and done <= period.until else None
    stands = min(period.until, paused) if paused else period.until
    if done is None and any(their_due < stands for their_due in sheets):
        return
    found = judged(due, done, stands, counts=state != "cancelled")
    if found and period.start <= found[1] < period.end:
        yield Item(no, title, flow, code, ELSEWHERE if outside else unit, due, done, *found)


def shares(items: Iterable[Item], key: str) -> list[Share]:
    """On time and late by one column of the items, in the order in which keys come."""
    found: dict[Any, list[int]] = {}
    for item in items:
        found.setdefault(getattr(item, key), [0, 0])[not item.met] += 1
    return [Share(name, met, missed) for name, (met, missed) in found.items()]


class Cycle(NamedTuple):
    """How long provisioning took: orders, and working seconds."""

    orders: int
    median: int | None
    p90: int | None


def cycles(period: Period) -> list[tuple[str, str, int]]:
    """Number, title and working seconds of every order that opened a service and ended in the period."""
    found = []
    for no, title, began, ended, pauses, calendar, versions, facts in read(CYCLES, period.values):
        said = ledger.plain(facts)
        if said.get("action") == "close" or said.get("imported"):
            continue
        table = book.calendar(calendar, ledger.plain(versions)[calendar])
        pieces = without([(began, ended)], [(a, b) for a, b in ledger.listed(pauses)])
        found.append((no, title, sum(table.between(a, b) for a, b in pieces)))
    return found


def cycle(period: Period) -> Cycle:
    """Median and 90 % of the provisioning cycle."""
    lengths = sorted(spent for _no, _title, spent in cycles(period))
    return Cycle(len(lengths), rank(lengths, 0.5), rank(lengths, 0.9))
