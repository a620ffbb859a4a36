"""Giving and ending roles of accounts that exist, and moving people to another department."""

from datetime import datetime

from portal.identity import queries, rules
from portal.identity.actor import ROLES, Actor
from portal.identity.models import Membership, Person
from portal.identity.policy import UNIT_BOUND, allow
from portal.identity.upkeep import keep_an_administrator, write_down
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Stale


def give_role(actor: Actor, now: datetime, person: Person, role: str, unit_id: int | None) -> None:
    """Gives a role in one unit, or (None) in all, with effect from the next request of that person.

    Raises Forbidden for one's own account, Invalid for a role that does not exist, is held already or lacks its unit.
    """
    allow(actor, "people.manage")
    rules.not_oneself(actor.id, person.id)
    if role not in ROLES:
        raise Invalid("no_such_role", field="role", role=role)
    if unit_id is None and role in UNIT_BOUND:
        raise Invalid("role_needs_unit", field="unit", role=f"term:role.{role}")
    write_down("RoleGiven", _facts(person, role, unit_id), actor, now, person.id)  # first: it holds the line of writers
    if queries.membership(person.id, role, unit_id):
        raise Invalid("role_held", field="role", role=f"term:role.{role}")
    db.session.add(Membership(person_id=person.id, role=role, unit_id=unit_id))
    db.session.flush()


def end_role(actor: Actor, now: datetime, person: Person, role: str, unit_id: int | None) -> bool:
    """Ends a role with effect from the next request; False, and nothing written, when it was not held.

    Raises Forbidden for one's own account, Invalid for the last administrator's right.
    """
    allow(actor, "people.manage")
    rules.not_oneself(actor.id, person.id)
    if queries.membership(person.id, role, unit_id) is None:
        return False
    write_down("RoleEnded", _facts(person, role, unit_id), actor, now, person.id)
    held = queries.membership(person.id, role, unit_id)
    if held is None:  # somebody else was quicker
        raise Stale("changed_meanwhile")
    db.session.delete(held)
    db.session.flush()
    if role == "admin":
        keep_an_administrator(actor)
    return True


def move(actor: Actor, now: datetime, person: Person, unit_id: int | None) -> bool:
    """Moves a person to another home department; False, and nothing written, when it is theirs already.

    Roles stay as they are. Raises Forbidden for one's own account.
    """
    allow(actor, "people.manage")
    rules.not_oneself(actor.id, person.id)
    if person.unit_id == unit_id:
        return False
    facts: dict[str, object] = {"person": person.id, "old": person.unit_id, "unit": unit_id}
    person.unit_id = unit_id
    write_down("PersonMoved", facts, actor, now, person.id)
    return True


def _facts(person: Person, role: str, unit_id: int | None) -> dict[str, object]:
    return {"person": person.id, "role": role, "unit": unit_id}
