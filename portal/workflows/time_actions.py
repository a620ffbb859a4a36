"""What time brings to one order: its pause ends, reservations end, its people are told step by step (WF2, WF3, SL4).

It only tells; how a step stands is read from its instants.
"""

from datetime import datetime
from typing import Any

from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel.db import db
from portal.kernel.instants import epoch
from portal.workflows import queries, reservation_rules, rules, telling
from portal.workflows.models import OrderStep, Reservation, WorkOrder
from portal.workflows.record import record

KINDS = ("order_warn", "order_due", "order_head")  # at 75 %, at the due instant, a quarter of the time later


def follow_time(actor: Actor, now: datetime, order: WorkOrder) -> None:
    """What an instant brings to one order: its pause ends, reservations are warned of and end, steps are told."""
    allow(actor, "order.work", order)
    if order.pause_until and order.pause_until <= now:
        record(order, rules.resume(order, queries.way_of(order), now), by=actor, at=now)
    for row in order.reservations:
        _reservation(actor, now, order, row)
    for step in order.steps:
        if step.next_at and step.next_at <= now:
            _tell_step(now, order, step)
    if order.next_at and order.next_at <= now:
        _tell_order(now, order)
    db.session.flush()


def _reservation(actor: Actor, now: datetime, order: WorkOrder, row: Reservation) -> None:
    event = reservation_rules.expire(row, now)
    facts: dict[str, Any] = {"due": epoch(row.until_at), "what": row.what}
    who = [*telling.workers(row.unit_id), order.raised_by]
    key = f"{row.r}.{epoch(row.until_at)}"
    if event is not None:
        record(order, event, by=actor, at=now)
        telling.say(who, "order_reservation_expired", order, now, key=key, **facts)
    elif row.next_at and row.next_at <= now:
        telling.say(who, "order_reservation_warn", order, now, key=key, **facts)
        row.next_at = None


def _reached(row: Any, now: datetime) -> list[tuple[int, datetime]]:
    """The rungs that a step or an order has reached and nobody was told of: (rung, its instant), the latest first."""
    rungs = [(1, row.warn_at), (2, row.due_at), (3, row.head_at)]
    return [(rung, at) for rung, at in reversed(rungs) if at and at <= now and rung > row.told_step]


def _move_on(row: Any, now: datetime) -> list[tuple[int, datetime]]:
    """Notes how far people are told, and when the next rung is reached."""
    found = _reached(row, now)
    if found:
        row.told_step = found[0][0]
    ahead = [at for rung, at in ((1, row.warn_at), (2, row.due_at), (3, row.head_at)) if at and rung > row.told_step]
    row.next_at = min(ahead, default=None)
    return found


def _tell(now: datetime, order: WorkOrder, row: Any, name: str, who: dict[int, list[int]]) -> None:
    """Each person hears the strongest word that is new, once."""
    told: set[int] = set()
    for rung, at in _move_on(row, now):
        fresh = set(who[rung]) - told
        key = f"{name}.{epoch(row.due_at)}"
        late = epoch(now) - epoch(at)
        telling.say(fresh, KINDS[rung - 1], order, now, key=key, late=late, due=epoch(row.due_at))
        told |= fresh


def _tell_step(now: datetime, order: WorkOrder, step: OrderStep) -> None:
    holders = telling.holders_of(step)
    heads = people.holders("head", [step.unit_id])
    _tell(now, order, step, f"{step.n}", {1: holders, 2: holders, 3: [*holders, *heads]})


def _tell_order(now: datetime, order: WorkOrder) -> None:
    heads = people.holders("head", [order.customer_unit_id])
    _tell(now, order, order, "whole", {1: [order.raised_by], 2: [order.raised_by], 3: [order.raised_by, *heads]})
