"""Taking down what customers think of it."""

from datetime import datetime

from portal.cases import actions as cases
from portal.cases import rules
from portal.cases.models import Case
from portal.cases.record import record
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel.errors import Invalid


def rate(actor: Actor, now: datetime, case: Case, *, overall: int | None, means: str, comment: str = "") -> None:
    """The customer's rating 1-5, or that none was given (SA1); one a cycle."""
    allow(actor, "case.rate", case)
    record(case, rules.rate(case, overall=overall, means=means, comment=comment), by=actor, at=now)


def confirm(
    actor: Actor,
    now: datetime,
    case: Case,
    *,
    verdict: str,
    means: str,
    words: str,
    overall: int | None = None,
    asked: bool = False,
) -> None:
    """What the customer said of the result, and the rating given in the same call (`asked`: whether for one).

    Whoever may record the one may record the other with it; both stand in the journal as entries of their own.
    """
    allow(actor, "case.confirm", case)
    cases.confirm(actor, now, case, verdict=verdict, means=means, words=words)
    if not asked:
        return
    if verdict == "not_satisfied":
        raise Invalid("rate_after_next", field="overall")
    record(case, rules.rate(case, overall=overall, means=means, comment=""), by=actor, at=now)
