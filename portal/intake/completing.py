"""Filling in what a machine's request lacked: it is entered once all four elements are there (IN3, 待补全)."""

from datetime import datetime

from portal.cases import actions as cases
from portal.cases.guard import whole
from portal.cases.models import Case
from portal.identity.actor import Actor
from portal.identity.policy import allow, may
from portal.intake import vague_words
from portal.intake.rules import missing
from portal.kernel.errors import Invalid, Refused

FIELDS = {"problem": "description", "time": "happened", "demand": "demand"}


def complete(
    actor: Actor, now: datetime, case: Case, *, description: str, demand: str, happened: str, overruled: str = ""
) -> None:
    """Fills in the elements. Raises Invalid at the field that is still empty or vague, Refused without a customer.

    `overruled`: why a supervisor takes a vague description as it is; from anybody else it counts for nothing (IN3).
    """
    allow(actor, "case.complete", case)
    why = overruled.strip() if may(actor, "case.judge", case) else ""
    known = whole(case)
    lacking = missing(
        customer=known.contact or known.customer_name, problem=description, time=happened, demand=demand,
        overruled=bool(why), words=vague_words.in_force(),
    )  # fmt: skip
    if case.open and case.incomplete and lacking:
        if lacking[0] == "customer":
            raise Refused("customer_unknown", no=case.no)
        raise Invalid(f"lacks_{lacking[0]}", field=FIELDS[lacking[0]])
    cases.complete(actor, now, case, description=description, demand=demand, happened=happened, overruled=why)
