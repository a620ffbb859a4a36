"""Handing a case back, to the next line, and deciding about extensions."""

from datetime import datetime

from portal.cases.models import Case
from portal.cases.record import record
from portal.collaboration import rules
from portal.collaboration.telling import tell_of, tell_ping_pong
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.models import Unit
from portal.identity.policy import allow
from portal.kernel.db import db
from portal.kernel.errors import Refused


def give_back(actor: Actor, now: datetime, case: Case, *, code: str, words: str) -> None:
    """Returns a transferred case; its people hear of it, and on the third hand-over the supervisors (QU2)."""
    allow(actor, "case.return", case)
    here = db.session.get_one(Unit, case.unit_id)
    there = db.session.get(Unit, case.handed_by) if case.handed_by else None
    name = there.name if there else ""
    record(case, rules.give_back(case, unit=name, from_unit=here.name, code=code, words=words), by=actor, at=now)
    tell_of(people.holders("head", {case.unit_id}), "returned", case, now)
    tell_ping_pong(case, now)


def escalate(actor: Actor, now: datetime, case: Case, *, reason: str) -> None:
    """Hands the case to the next line of its department, which accepts it by name (SL12)."""
    allow(actor, "case.escalate", case)
    record(case, rules.escalate(case, reason), by=actor, at=now)
    tell_of(people.holders("head", {case.unit_id}), "next_line", case, now)


def decide_extension(actor: Actor, now: datetime, case: Case, *, approved: bool, words: str = "") -> None:
    """Approves or refuses a new time; nobody decides about the one they asked for (SL7)."""
    allow(actor, "case.approve", case)
    asked = case.extension or {}
    if asked.get("by") == actor.id:
        raise Refused("not_your_own", no=case.no)
    record(case, rules.decide_extension(case, approved=approved, words=words), by=actor, at=now)
    if not approved:
        tell_of([asked.get("by") or 0, case.owner_id or 0], "extension_refused", case, now)
