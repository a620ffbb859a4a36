"""What the dispatch rules say of one request (IN13), and who of a department has the least to do."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from sqlalchemy import func, select

from portal.cases.models import Case
from portal.directory import queries as customers
from portal.identity import absences, skills
from portal.identity.models import Membership, Person, Unit
from portal.intake import dispatch_rules
from portal.intake.models import DispatchRule
from portal.journal import stream
from portal.kernel.db import db, read
from portal.kernel.errors import Missing
from portal.kernel.gather import once
from portal.roster import queries as roster

WORKS = ("handler", "agent")
UNOWNED = timedelta(minutes=10)  # IN13 [H]
STREAM = "config:dispatch"
LINES = 30  # of the changes shown
SEEN = "unowned"  # the fact of the installation: the newest case that was looked at


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


def rule(rule_id: int) -> DispatchRule:
    """One rule. Raises Missing."""
    found = db.session.get(DispatchRule, rule_id)
    if found is None:
        raise Missing("not_found")
    return found


def facts_of(rule: DispatchRule) -> dict[str, Any]:
    """What a rule says, as the journal keeps it."""
    return {
        "rule": rule.id, "name": rule.name, "position": rule.position, "conditions": rule.conditions,
        "unit_id": rule.unit_id, "person_id": rule.person_id, "least_loaded": rule.least_loaded,
        "on_shift": rule.on_shift, "skill": rule.skill,
    }  # fmt: skip


def mark(rule: DispatchRule) -> str:
    """What tells a rule from the same rule changed meanwhile; its place in the order does not count."""
    facts = {name: value for name, value in facts_of(rule).items() if name != "position"}
    return f"{crc32(json.dumps(facts, sort_keys=True).encode()):08x}"


def changes() -> list[stream.Line]:
    """The last changes of the rules, the newest first."""
    return stream.read(STREAM, newest_first=True, limit=LINES)


def choose(facts: Mapping[str, str], now: datetime, customer_id: int = 0) -> Choice | None:
    """What the rules say of a request with these facts: channel, type, category, level, customer_class, words."""
    if not once("dispatch rules", lambda: read("SELECT id FROM dispatch_rule LIMIT 1", {})):
        return None
    rules = kept()
    if customer_id and any(rule.conditions.get("customer_class") for rule in rules):
        facts = {**facts, "customer_class": customers.customer(customer_id).category}
    found = dispatch_rules.first(rules, facts)
    if found is None:
        return None
    rule, because = found
    unit = db.session.get_one(Unit, rule.unit_id)
    person, duty = _person(rule, now)
    name, number = (person.name, person.id) if person else ("", None)
    return Choice(rule.name, unit.id, unit.name, number, name, because + duty)


def _person(rule: DispatchRule, now: datetime) -> tuple[Person | None, tuple[str, ...]]:
    """Who of the department gets it, and what the roster had to do with it."""
    if rule.on_shift:
        return on_shift(rule.unit_id, now, rule.skill)
    if rule.person_id:
        named = db.session.get_one(Person, rule.person_id)
        return (named if named.active else least_loaded(rule.unit_id)), ()
    return _skilled(rule.unit_id, rule.skill) if rule.least_loaded else (None, ())


def _skilled(unit_id: int, skill: str, among: Collection[int] | None = None) -> tuple[Person | None, tuple[str, ...]]:
    """Of those with the skill the one with the fewest open cases; while none has it, of all of them."""
    able = least_loaded(unit_id, among, skill) if skill else None
    if able:
        return able, (f"skill:{skill}",)
    person = least_loaded(unit_id, among)
    return person, (f"unskilled:{skill}",) if skill and person else ()


def on_shift(unit_id: int, now: datetime, skill: str = "") -> tuple[Person | None, tuple[str, ...]]:
    """Of those on shift in a department the one with the fewest open cases; while nobody is, its head or deputy."""
    person, why = _skilled(unit_id, skill, {shift.person_id for shift in roster.on_duty(now, [unit_id])})
    if person:
        return person, (*why, "duty:on")
    own = select(Membership.person_id).where(Membership.unit_id == unit_id, Membership.role == "head")
    head = db.session.scalar(select(Person).where(Person.id.in_(own), Person.active).order_by(Person.id).limit(1))
    deputy = absences.deputies(now).get(head.id) if head else None
    return (db.session.get_one(Person, deputy.person_id) if deputy else head), ("duty:lead" if head else "duty:none",)


def least_loaded(unit_id: int, among: Collection[int] | None = None, skill: str = "") -> Person | None:
    """Of those who work in a department (these people, with a skill) the one with the fewest open cases; or None."""
    held = select(Case.owner_id, func.count().label("n")).where(Case.open).group_by(Case.owner_id).subquery()
    query = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .outerjoin(held, held.c.owner_id == Person.id)
        .where(Membership.unit_id == unit_id, Membership.role.in_(WORKS), Person.active)
        .order_by(func.coalesce(held.c.n, 0), Person.id)
    )
    if among is not None:
        query = query.where(Person.id.in_(among))
    if skill:
        query = query.where(skills.having(skill))
    return db.session.scalar(query.limit(1))


def waits(now: datetime) -> bool:
    """Whether pass_on has anything to look at: a case that has come to be ten minutes old since the last look."""
    last = read("SELECT value FROM installation WHERE name = :name", {"name": SEEN})
    values = {"last": int(last[0][0]) if last else 0, "until": int((now - UNOWNED).timestamp())}
    return bool(read("SELECT id FROM cases WHERE id > :last AND recorded_at <= :until LIMIT 1", values))
