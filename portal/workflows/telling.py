"""Who hears of an order's steps: the unit whose turn it is, whom the definition names, who is chased."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from portal.identity.actor import Actor
from portal.kernel.db import read
from portal.kernel.engines import holds
from portal.kernel.instants import epoch
from portal.notices.tell import tell
from portal.workflows.definition import CUSTOMER, RAISER
from portal.workflows.limits import Way
from portal.workflows.models import OrderStep, WorkOrder

WORKERS = (("handler", "dispatcher"), ("agent",), ("head",))
THERE = (
    "SELECT m.role, m.person_id FROM membership m JOIN person p ON p.id = m.person_id"
    " WHERE {active} AND (m.unit_id = :unit OR m.unit_id IS NULL)"
)


def workers(unit_id: int, role: str = "") -> list[int]:
    """Who is asked to do a step: those of the role in the unit, else its handlers, agents or heads."""
    there = read(THERE.format(active=holds("p.active")), {"unit": unit_id})
    for names in ((role,), *WORKERS) if role else WORKERS:
        found = {person for name, person in there if name in names}
        if found:
            return sorted(found)
    return []


def holders_of(step: OrderStep) -> list[int]:
    """Whom a step is with: its person, else the unit's."""
    return [step.person_id] if step.person_id else workers(step.unit_id, step.role)


def say(
    who: Iterable[int], kind: str, order: WorkOrder, now: datetime, *, key: str = "", late: int = 0, **facts: Any
) -> int:
    """Tells people of an order, once for each key (its version, where none is given)."""
    told: dict[str, Any] = {"no": order.no, "title": order.title} | facts
    unique = f"{kind}:{order.id}:{key or order.version}"
    return tell(who, kind, subject=order.stream, key=unique, facts=told, now=now, late_seconds=late)


def begun(actor: Actor, order: WorkOrder, step: OrderStep, now: datetime) -> None:
    """The unit whose turn it is hears of its step."""
    who = [person for person in holders_of(step) if person != actor.id]
    say(who, "order_begun", order, now, key=f"{step.n}", due=epoch(step.due_at))


def progress(actor: Actor, order: WorkOrder, way: Way, step: OrderStep, now: datetime) -> None:
    """Whom the definition names hears that a step is done."""
    who: set[int] = set()
    for name in way.definition.step(step.code).tells:
        if name == RAISER:
            who.add(order.raised_by)
        elif name == CUSTOMER:
            who.update(workers(order.customer_unit_id))
        elif name in way.unit_ids:
            who.update(workers(way.unit_ids[name]))
    say(who - {actor.id}, "order_progress", order, now, key=f"{step.n}")
