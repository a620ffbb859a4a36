"""Who may do what to a step: who works in the unit that holds it; dispatchers do their sheets (RO11)."""

from typing import Any, NamedTuple

from portal.identity.actor import Actor
from portal.identity.policy import allow, may


class Place(NamedTuple):
    """Where something lies, for the policy: the units it concerns."""

    unit_ids: frozenset[int]


def at(*unit_ids: int) -> Place:
    """The place of these units."""
    return Place(frozenset(unit_ids))


def _verb(verb: str, step: Any) -> str:
    return "order.dispatch" if step.role == "dispatcher" and verb in ("order.work", "order.decide") else verb


def may_step(actor: Actor, verb: str, step: Any) -> bool:
    """Whether the actor may do this to the step."""
    return may(actor, _verb(verb, step), at(step.unit_id))


def allow_step(actor: Actor, verb: str, order: Any, n: int) -> Any:
    """Raises Forbidden unless the actor may do this to the step; returns it, or None for a number nothing has."""
    step = order.step(n)
    allow(actor, _verb(verb, step) if step else verb, at(step.unit_id) if step else order)
    return step
