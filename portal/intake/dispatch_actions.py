"""Dispatch (IN13): the rules are changed, and what nobody owns is passed on."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from portal.cases.back_entry import is_back_entry
from portal.identity import actions as installation
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.intake.dispatch_queries import SEEN, STREAM, UNOWNED, facts_of, kept, mark
from portal.intake.models import DispatchRule
from portal.journal import stream
from portal.kernel.db import db, read
from portal.kernel.errors import Invalid, Missing, Stale
from portal.notices.tell import tell

LATER = (
    "SELECT id, no, owner_id, open, source FROM cases WHERE id > :last AND recorded_at <= :until ORDER BY id LIMIT 5000"
)


def add(
    actor: Actor, now: datetime, *, name: str, conditions: dict[str, list[str]], unit_id: int, to: str,
    skill: str = "",
) -> DispatchRule:  # fmt: skip
    """A rule at the end of the order; `to` is queue, least, shift or the id of a person of the department.

    Of several people those with the skill are asked first; it says nothing of a queue and of a named person.
    """
    allow(actor, "dispatch.edit")
    wanted = _checked(name=name, conditions=conditions, unit_id=unit_id, to=to, skill=skill)
    last = db.session.scalar(select(func.max(DispatchRule.position))) or 0
    rule = DispatchRule(position=last + 1, **wanted)
    db.session.add(rule)
    db.session.flush()
    _note(actor, now, "DispatchRuleAdded", rule)
    return rule


def change(
    actor: Actor, now: datetime, rule_id: int, seen: str, *, name: str, conditions: dict[str, list[str]], unit_id: int,
    to: str, skill: str = "",
) -> None:  # fmt: skip
    """Changes a rule in its place; the journal keeps what it said before. Raises Missing, Stale when it is not `seen`.

    What it says already (a second post) changes nothing. Cases that were dispatched by it keep their reason.
    """
    allow(actor, "dispatch.edit")
    rule = _rule(rule_id)
    wanted = _checked(name=name, conditions=conditions, unit_id=unit_id, to=to, skill=skill)
    if all(getattr(rule, field) == value for field, value in wanted.items()):
        return
    if seen != mark(rule):
        raise Stale("rule_changed", name=rule.name)
    before = facts_of(rule)
    for field, value in wanted.items():
        setattr(rule, field, value)
    db.session.flush()
    _note(actor, now, "DispatchRuleChanged", rule, before=before)


def _checked(*, name: str, conditions: dict[str, list[str]], unit_id: int, to: str, skill: str) -> dict[str, Any]:
    """The columns of a rule that says this. Raises Invalid at the field that is wrong."""
    if not name.strip():
        raise Invalid("dispatch_name", field="name")
    if unit_id not in {unit.id for unit in people.departments()}:
        raise Invalid("dispatch_unit", field="unit")
    person = int(to) if to.isdigit() else None
    if person is not None and person not in {p.id for p in people.members(unit_id)}:
        raise Invalid("person_not_here", field="to")
    return {
        "name": name.strip()[:60], "conditions": conditions, "unit_id": unit_id, "person_id": person,
        "least_loaded": to == "least", "on_shift": to == "shift", "skill": skill if to in ("least", "shift") else "",
    }  # fmt: skip


def remove(actor: Actor, now: datetime, rule_id: int) -> None:
    """Takes a rule out; the cases it dispatched keep their reason. Raises Missing."""
    allow(actor, "dispatch.edit")
    rule = _rule(rule_id)
    _note(actor, now, "DispatchRuleRemoved", rule)
    db.session.delete(rule)
    db.session.flush()


def earlier(actor: Actor, now: datetime, rule_id: int) -> None:
    """Asks a rule one place earlier. Raises Missing."""
    allow(actor, "dispatch.edit")
    rule, rules = _rule(rule_id), kept()
    place = rules.index(rule)
    if place:
        rules[place - 1], rules[place] = rule, rules[place - 1]
    for n, one in enumerate(rules, start=1):
        one.position = n
    db.session.flush()
    _note(actor, now, "DispatchRuleMoved", rule)


def _rule(rule_id: int) -> DispatchRule:
    found = db.session.get(DispatchRule, rule_id, with_for_update=True)
    if found is None:
        raise Missing("not_found")
    return found


def _note(actor: Actor, now: datetime, kind: str, rule: DispatchRule, **more: Any) -> None:
    stream.append(STREAM, kind, facts_of(rule) | more, by_id=actor.id, at=now)


def pass_on(actor: Actor, now: datetime) -> int:
    """Tells the supervisors once of requests that came by machine and that nobody has owned for ten minutes.

    One notice for all that have come to it since the last look; returns how many. Call inside transaction().
    """
    allow(actor, "case.assign")
    last = int(people.fact(SEEN) or 0)
    rows = read(LATER, {"last": last, "until": int((now - UNOWNED).timestamp())})
    if not rows:
        return 0
    left = [
        no for _id, no, owner, is_open, source in rows
        if is_open and owner is None and source and not is_back_entry(source)
    ]  # fmt: skip
    installation.set_fact(SEEN, str(rows[-1][0]))
    if left:
        facts = {"no": left[0], "title": left[0] if len(left) == 1 else f"{left[0]} – {left[-1]}", "count": len(left)}
        tell(people.holders("supervisor"), "unowned", subject="dispatch", key=f"unowned:{rows[-1][0]}", facts=facts,
             now=now)  # fmt: skip
    return len(left)
