"""What the dispatch rules say of one request (IN13), and who of a department has the least to do."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from portal.cases.models import Case
from portal.identity.models import Membership, Person, Unit
from portal.intake import dispatch_rules
from portal.intake.models import DispatchRule
from portal.kernel.db import db, read

WORKS = ("handler", "agent")


@dataclass(frozen=True)
class Choice:
    """Where a request goes and why."""

    rule: str
    unit_id: int
    unit: str
    person_id: int | None
    person: str
    because: tuple[str, ...]


def kept() -> list[DispatchRule]:
    """The rules in the order in which they are asked."""
    return list(db.session.scalars(select(DispatchRule).order_by(DispatchRule.position, DispatchRule.id)))


def choose(facts: Mapping[str, str]) -> Choice | None:
    """What the rules say of a request with these facts: channel, type, category, level, words."""
    if not read("SELECT id FROM dispatch_rule LIMIT 1", {}):  # an import asks this for every row
        return None
    found = dispatch_rules.first(kept(), facts)
    if found is None:
        return None
    rule, because = found
    unit = db.session.get_one(Unit, rule.unit_id)
    person = least_loaded(rule.unit_id) if rule.least_loaded else None
    if rule.person_id:
        named = db.session.get_one(Person, rule.person_id)
        person = named if named.active else least_loaded(rule.unit_id)
    return Choice(rule.name, unit.id, unit.name, person.id if person else None, person.name if person else "", because)


def least_loaded(unit_id: int) -> Person | None:
    """Of those who work in a department the one with the fewest open cases; None where nobody does."""
    held = select(Case.owner_id, func.count().label("n")).where(Case.open).group_by(Case.owner_id).subquery()
    query = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .outerjoin(held, held.c.owner_id == Person.id)
        .where(Membership.unit_id == unit_id, Membership.role.in_(WORKS), Person.active)
        .order_by(func.coalesce(held.c.n, 0), Person.id)
    )
    return db.session.scalar(query.limit(1))
