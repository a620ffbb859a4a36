"""Restricting a case to named readers, and ending it."""

from collections.abc import Iterable
from datetime import datetime

from portal.cases import guard
from portal.cases.models import Case
from portal.cases.record import record
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow


def restrict(actor: Actor, now: datetime, case: Case, *, readers: Iterable[int], ground: str, reason: str) -> None:
    """From now on these people alone read the case; doing it again names others. Raises Invalid."""
    allow(actor, "case.restrict", case)
    known = people.names()
    named = [(one, known[one]) for one in readers if one in known]
    event = guard.restrict(case, readers=named, ground=ground, reason=reason, by=actor.id)
    record(case, event, by=actor, at=now)


def lift(actor: Actor, now: datetime, case: Case, *, reason: str) -> None:
    """Ends the restriction."""
    allow(actor, "case.restrict", case)
    record(case, guard.lift(case, reason=reason), by=actor, at=now)
