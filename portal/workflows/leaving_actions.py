"""Open steps of somebody who leaves go to a colleague or back to the unit; those of a unit that ends to another one."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.leaving import UnitWork, Work
from portal.identity.models import Person
from portal.identity.policy import allow
from portal.kernel.db import db, read
from portal.kernel.instants import epoch
from portal.workflows import queries, rules, telling
from portal.workflows.models import OrderStep, WorkOrder
from portal.workflows.record import record


def _steps(condition: object) -> Iterator[tuple[WorkOrder, OrderStep]]:
    """Open steps and sheets that fit, each order locked once."""
    wanted = select(OrderStep.order_id).where(OrderStep.state == "open", condition).distinct()  # type: ignore[arg-type]
    for order_id in sorted(db.session.scalars(wanted)):
        order = queries.locked(order_id)
        fits = set(db.session.scalars(select(OrderStep.n).where(OrderStep.order_id == order_id, condition)))  # type: ignore[arg-type]
        for step in [one for one in order.steps if one.state == "open" and one.n in fits]:
            yield order, step


def hand_over_steps(actor: Actor, now: datetime, person: Person, to_id: int) -> int:
    """Gives the open steps of a person to another one, or to their unit where that one works elsewhere; how many."""
    allow(actor, "people.manage")
    chosen, count = people.person(to_id), 0
    for order, step in _steps(OrderStep.person_id == person.id):
        here = chosen.id in {one.id for one in people.members(step.unit_id)}
        event = rules.hold(order, step.n, chosen.id if here else 0, chosen.name if here else "")
        record(order, event, by=actor, at=now)
        telling.say(telling.holders_of(step), "order_begun", order, now, due=epoch(step.due_at))
        count += 1
    return count


def move_steps(actor: Actor, now: datetime, unit_id: int, to_id: int, reason: str) -> int:
    """Every open step and sheet of a unit that ends goes to another one, each with a clock of its own; how many."""
    allow(actor, "people.manage")
    count = 0
    for order, step in _steps(OrderStep.unit_id == unit_id):
        event = rules.hand_over(order, step.n, queries.way_of(order), now, unit_id=to_id, reason=reason)
        record(order, event, by=actor, at=now)
        telling.say(telling.workers(to_id, step.role), "order_begun", order, now, key=f"{step.n}.{order.version}",
                    due=epoch(step.due_at))  # fmt: skip
        count += 1
    return count


def _held(person_id: int) -> int:
    found = read("SELECT COUNT(*) FROM order_step WHERE state = 'open' AND person_id = :id", {"id": person_id})
    return int(found[0][0])


STEPS = Work("steps", _held, None, hand_over_steps)
UNIT_STEPS = UnitWork("steps", queries.open_steps_of, move_steps)
