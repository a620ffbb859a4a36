"""The one door through which an order changes: its rows, its journal, the screens that show it."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from portal.identity.actor import Actor
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db
from portal.workflows.apply import apply
from portal.workflows.models import WorkOrder

ALL = "orders"
_followers: list[Callable[[WorkOrder, datetime], None]] = []


def follow_end(call: Callable[[WorkOrder, datetime], None]) -> None:
    """Lets a room upstairs act in the same transaction when an order ends (wired by the factory)."""
    if call not in _followers:
        _followers.append(call)


def unit_topic(unit_id: int) -> str:
    """The topic of the orders that concern a unit."""
    return f"orders:{unit_id}"


def record(order: WorkOrder, *events: Any, by: Actor, at: datetime) -> None:
    """Applies the events to the order, appends them to the journal, moves the screens' versions."""
    record_all(order, events, by=by, at=at)


def record_all(order: WorkOrder, events: Iterable[Any], *, by: Actor, at: datetime) -> None:
    """The same for events of which each is worked out from what the one before has changed; one writing of the rows."""
    said, before = [], order.state
    for event in events:
        apply(order, event, at, by.id)
        said.append(event)
    order.version = (order.version or 0) + len(said)
    if order.id is None:
        db.session.add(order)
    db.session.flush()
    for event in said:
        stream.append(order.stream, type(event).__name__, asdict(event), by_id=by.id, at=at)
    if order.state == "ended" and before != "ended":
        for call in _followers:
            call(order, at)
    feed.touch(order.stream, order.id)
    feed.touch(ALL, order.id)
    for unit_id in sorted(order.unit_ids):
        feed.touch(unit_topic(unit_id), order.id)
