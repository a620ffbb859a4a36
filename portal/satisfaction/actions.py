"""Taking down what customers think of it."""

from datetime import datetime

from portal.cases import rules
from portal.cases.models import Case
from portal.cases.record import record
from portal.identity.actor import Actor
from portal.identity.policy import allow


def rate(actor: Actor, now: datetime, case: Case, *, overall: int | None, means: str, comment: str = "") -> None:
    """The customer's rating 1-5, or that none was given (SA1); one a cycle."""
    allow(actor, "case.rate", case)
    record(case, rules.rate(case, overall=overall, means=means, comment=comment), by=actor, at=now)
