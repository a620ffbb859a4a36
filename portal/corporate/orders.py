"""The orders that run for a group customer, as its page shows them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.kernel.db import db
from portal.workflows import versions
from portal.workflows.flow_view import length_words
from portal.workflows.models import WorkOrder
from portal.workflows.order_forms import called

SHOWN = 20


class Order(NamedTuple):
    """An order as the page shows it: number, what, the steps that are open (in words), until when, its address."""

    no: str
    title: str
    state: str
    due_at: datetime
    url: str


def orders_of(actor: Actor, customer_ids: Sequence[int]) -> list[Order]:
    """The running orders of these customers that the person may see, newest first."""
    running = (WorkOrder.customer_id.in_(customer_ids)) & (WorkOrder.state != "ended")
    rows = db.session.scalars(select(WorkOrder).where(running).order_by(WorkOrder.id.desc()).limit(SHOWN))
    return [
        Order(row.no, row.title, _steps(row), row.due_at, f"/orders/{row.no}")
        for row in rows
        if may(actor, "order.view", row)
    ]


def _steps(order: WorkOrder) -> str:
    """The open steps by name, in the reader's language."""
    names = versions.definition(order.flow, order.flow_version).by_code
    open_now = dict.fromkeys(step.code for step in order.steps if step.state == "open")
    return " · ".join(called(names[code].name) for code in open_now)


def limits_of(category: str, now: datetime) -> list[tuple[str, str]]:
    """Flows that are quicker for a class of customers, and how long each may take: both in words."""
    found = ((flow, flow.classes.get(category)) for flow in versions.all_newest(now))
    return [(called(flow.name), length_words(limit)) for flow, limit in found if limit]
