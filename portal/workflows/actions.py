"""What people do to orders: raise, complete, decide, send back, hand over, pause, cancel. Policy first, then a rule."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.cases.submissions import note_made
from portal.directory import queries as directory
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel.errors import Invalid, Refused
from portal.kernel.instants import epoch
from portal.workflows import course, limits, queries, rules, telling, versions
from portal.workflows import events as e
from portal.workflows.limits import Way
from portal.workflows.models import OrderStep, WorkOrder
from portal.workflows.record import record, record_all
from portal.workflows.rights import allow_step, at


@dataclass(frozen=True)
class Wish:
    """What somebody asks for on a flow; `given` are the flow's fields, `customer_id` a customer file.

    `customer_class` empty = as everybody; otherwise than the file says only with a `class_reason` (WF4).
    """

    flow: str
    title: str
    customer_name: str
    raising_unit_id: int
    customer_unit_id: int = 0
    customer_id: int | None = None
    customer_class: str = ""
    class_reason: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)


def raise_order(actor: Actor, now: datetime, wish: Wish, *, key: str = "") -> WorkOrder:
    """Raises an order on the newest version of a flow (WF5); `key` is the form's, kept against second posts."""
    allow(actor, "order.raise", at(wish.raising_unit_id))
    definition = versions.newest(wish.flow, now)
    calendars, units = queries.calendars_now(definition, now), queries.unit_ids()
    lacking = sorted({s.holder for s in definition.steps if s.holder and not s.holder.startswith("@")} - set(units))
    if lacking:
        raise Refused("flow_unit_missing", units=lacking)
    why = rules.class_reason(definition, wish.customer_class, _class_of_file(wish), wish.class_reason)
    facts = rules.checked(definition.fields, wish.given, frozenset())
    whole = limits.whole(definition, calendars, wish.customer_class, epoch(now))
    order = WorkOrder()
    event = e.Raised(
        no=queries.next_number(now), flow=definition.flow, flow_version=definition.version,
        title=rules.require(wish.title, "title")[:200],
        customer_name=rules.require(wish.customer_name, "customer")[:120],
        raising_unit_id=wish.raising_unit_id, customer_unit_id=wish.customer_unit_id or wish.raising_unit_id,
        raised_by=actor.name, customer_id=wish.customer_id, customer_class=wish.customer_class, facts=facts,
        class_reason=why,
        calendars={code: one.version for code, one in calendars.items()}, **whole._asdict(),
    )  # fmt: skip
    _go_on(actor, now, order, Way(definition, calendars, units), event, None)
    note_made(key, order.id, by=actor, at=now)
    return order


def _class_of_file(wish: Wish) -> str | None:
    """The class that the customer's file names; None where the order names no file."""
    return directory.customer(wish.customer_id).category if wish.customer_id else None


def _go_on(actor: Actor, now: datetime, order: WorkOrder, way: Way, event: Any, done: OrderStep | None) -> None:
    """Records what somebody did to a step, begins what follows, and tells whom it concerns."""
    known = len(order.steps)
    record_all(order, _chain(order, way, now, event, done), by=actor, at=now)
    if done is not None:
        telling.progress(actor, order, way, done, now)
    for step in order.steps[known:]:
        if step.kind == "end":
            telling.progress(actor, order, way, step, now)
        elif step.state == "open":
            telling.begun(actor, order, step, now)


def _chain(order: WorkOrder, way: Way, now: datetime, event: Any, done: OrderStep | None) -> Iterator[Any]:
    yield event
    yield from course.onward(order, way, epoch(now), done)


def complete(
    actor: Actor, now: datetime, order: WorkOrder, n: int, *, given: Mapping[str, Any], chosen: int = 0
) -> None:
    """A step is done with its evidence; all that follows begins in the same transaction."""
    allow(actor, "order.view", order)
    step, way = allow_step(actor, "order.work", order, n), queries.way_of(order)
    _go_on(actor, now, order, way, rules.complete(order, n, way, now, given=given, chosen=chosen), step)


def decide(
    actor: Actor, now: datetime, order: WorkOrder, n: int, *, outcome: str, words: str = "",
    given: Mapping[str, Any] | None = None, chosen: int = 0,
) -> None:  # fmt: skip
    """One of the ways out of a decision is taken."""
    allow(actor, "order.view", order)
    step, way = allow_step(actor, "order.decide", order, n), queries.way_of(order)
    event = rules.decide(order, n, way, now, outcome=outcome, words=words, given=given, chosen=chosen)
    _go_on(actor, now, order, way, event, step)


def send_back(actor: Actor, now: datetime, order: WorkOrder, n: int, *, to: str, reason: str, note: str = "") -> None:
    """The work goes back to an earlier step with a reason; whoever did it last does the new round."""
    allow(actor, "order.view", order)
    allow_step(actor, "order.return", order, n)
    way = queries.way_of(order)
    event = rules.send_back(order, n, way, now, to=to, reason=reason, note=note)
    record_all(order, _back(order, way, now, event), by=actor, at=now)
    step = order.steps[-1]
    who = [person for person in telling.holders_of(step) if person != actor.id]
    telling.say(who, "order_returned", order, now, key=f"{step.n}", due=epoch(step.due_at))


def _back(order: WorkOrder, way: Way, now: datetime, event: e.Returned) -> Iterator[Any]:
    yield event
    yield course.begin(order, way, event.to, epoch(now), None, back=True)


def hold(actor: Actor, now: datetime, order: WorkOrder, n: int) -> None:
    """A person of the unit takes a step."""
    allow(actor, "order.view", order)
    allow_step(actor, "order.work", order, n)
    record(order, rules.hold(order, n, actor.id, actor.name), by=actor, at=now)


def assign(actor: Actor, now: datetime, order: WorkOrder, n: int, *, person_id: int) -> None:
    """The unit's head gives a step to one of its people, who hears of it."""
    allow(actor, "order.view", order)
    step = allow_step(actor, "order.manage", order, n)
    known = {person.id: person.name for person in people.members(step.unit_id)} if step else {}
    if person_id not in known:
        raise Invalid("person_missing", field="person")
    record(order, rules.hold(order, n, person_id, known[person_id]), by=actor, at=now)
    telling.say({person_id} - {actor.id}, "order_begun", order, now)


def hand_over(actor: Actor, now: datetime, order: WorkOrder, n: int, *, unit_id: int, reason: str) -> None:
    """Another unit holds a step from now on, with a clock of its own."""
    allow(actor, "order.view", order)
    step = allow_step(actor, "order.manage", order, n)
    event = rules.hand_over(order, n, queries.way_of(order), now, unit_id=unit_id, reason=reason)
    record(order, event, by=actor, at=now)
    if step is not None:
        telling.say(telling.workers(unit_id, step.role), "order_begun", order, now, due=epoch(step.due_at))


def name_party(
    actor: Actor, now: datetime, order: WorkOrder, n: int, *, party: str, contact: str, outside_no: str = ""
) -> None:
    """Who outside the portal does a step (OR1)."""
    allow(actor, "order.view", order)
    allow_step(actor, "order.work", order, n)
    event = rules.name_party(order, n, party=party, contact=contact, outside_no=outside_no)
    record(order, event, by=actor, at=now)


def chase(actor: Actor, now: datetime, order: WorkOrder, n: int, *, words: str = "") -> None:
    """Asks the holder of a step to hurry; the holder hears of it, counted on the step."""
    allow(actor, "order.chase", order)
    event = rules.chase(order, n, words)
    record(order, event, by=actor, at=now)
    step = rules.open_step(order, n)
    telling.say(telling.holders_of(step), "order_chased", order, now, due=epoch(step.due_at), said=event.words)


def pause(actor: Actor, now: datetime, order: WorkOrder, *, words: str, until: datetime | None = None) -> None:
    """The order waits for its customer, who was asked (SL4)."""
    allow(actor, "order.pause", order)
    record(order, rules.pause(order, queries.way_of(order), now, words=words, until=until), by=actor, at=now)


def resume(actor: Actor, now: datetime, order: WorkOrder, *, words: str = "") -> None:
    """The customer has answered, or the pause's time is over: the clocks run again."""
    allow(actor, "order.pause", order)
    record(order, rules.resume(order, queries.way_of(order), now, words), by=actor, at=now)


def cancel(actor: Actor, now: datetime, order: WorkOrder, *, reason: str) -> None:
    """The raising unit does not want the order any more; everybody who holds a step hears of it."""
    allow(actor, "order.cancel", at(order.raising_unit_id))
    event = rules.cancel(order, reason)
    who = {person for step in order.steps if step.state == "open" for person in telling.holders_of(step)}
    record(order, event, by=actor, at=now)
    telling.say(who - {actor.id}, "order_cancelled", order, now)
