"""What a case behind a figure was about: for those who may open it, without people for those who see no contacts."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.cases.models import Case
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.kernel.db import db
from portal.reports.anonymise import anonymise
from portal.reports.queries import Line


def of(actor: Actor, lines: Sequence[Line]) -> dict[str, str]:
    """Subjects by number of the cases this person may open; numbers and names hidden where contacts are not theirs."""
    if not may(actor, "case.view") or not lines:
        return {}
    found: dict[str, str] = {}
    for case in db.session.scalars(select(Case).where(Case.no.in_({line.no for line in lines}))):
        if not may(actor, "case.view", case):
            continue
        hidden = [case.customer_name, case.contact, case.caller, case.order_no]
        found[case.no] = case.title if may(actor, "customer.contact", case) else anonymise(case.title, hidden)
    return found
