"""Endings that others agree to (SL11): asked, agreed, refused."""

from datetime import datetime

from portal.cases import ending, queries
from portal.cases.models import Case
from portal.cases.record import record
from portal.collaboration.telling import tell_of
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel.errors import Refused


def ask_end(actor: Actor, now: datetime, case: Case, *, outcome: str, reason: str) -> None:
    """Asks for an ending that the supervisor, or head and quality manager, have to agree to."""
    allow(actor, "case.close", case)
    record(case, ending.ask(case, outcome=outcome, reason=reason, attempts=queries.attempts(case)), by=actor, at=now)
    who = [person for role in ending.roles_needed(case, outcome) for person in _holders(role, case)]
    tell_of(who, "end_asked", case, now)


def agree_end(actor: Actor, now: datetime, case: Case, *, agreed: bool, words: str) -> None:
    """Agrees to the ending that was asked for, or refuses it; then the agent closes the case, or goes on."""
    allow(actor, "case.agree_end", case)
    outcome = (case.ending or {}).get("outcome", "")
    given = {one["role"] for one in (case.ending or {}).get("agreed", [])}
    role = next((r for r in ending.roles_needed(case, outcome) if r not in given and _speaks(actor, r, case)), "")
    if case.ending and not role:
        raise Refused("agree_by_others", no=case.no)
    record(case, ending.agree(case, role=role, by=actor.id, agreed=agreed, words=words), by=actor, at=now)
    tell_of([case.agent_id], "end_agreed" if agreed else "end_refused", case, now)


def _holders(role: str, case: Case) -> list[int]:
    if role != "head":
        return people.holders(role)
    return people.holders("head", {case.unit_id}) or people.holders("head", {case.intake_unit_id})


def _speaks(actor: Actor, role: str, case: Case) -> bool:
    return any(r == role and (role != "head" or unit is None or unit in case.unit_ids) for r, unit in actor.roles)
