"""Where the numbers of a list lead: the page of each case, order, incident or customer that its reader may open."""

from collections.abc import Iterable

from sqlalchemy import select

from portal.cases.models import Case
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.incidents.models import Incident
from portal.kernel.db import db
from portal.workflows.models import WorkOrder


def leads(actor: Actor, nos: Iterable[str]) -> dict[str, str]:
    """The address of each number that leads somewhere for this reader; imported cases keep numbers of any shape."""
    wanted, session = {no for no in nos if no}, db.session
    found = {
        no: f"/customers/{int(no[2:])}"
        for no in wanted
        if no.startswith("KH") and no[2:].isdecimal() and may(actor, "customer.view")
    }
    rest = wanted - found.keys()
    if not rest:
        return found
    for case in session.scalars(select(Case).where(Case.no.in_(rest), Case.disposed == "")):
        if may(actor, "case.view" if case.open else "archive.view", case):
            found[case.no] = f"/{'cases' if case.open else 'archive'}/{case.no}"
    for order in session.scalars(select(WorkOrder).where(WorkOrder.no.in_(rest), WorkOrder.disposed == "")):
        if may(actor, "order.view", order):
            found[order.no] = f"/orders/{order.no}"
    if may(actor, "incident.view"):
        found |= {no: f"/incidents/{no}" for no in session.scalars(select(Incident.no).where(Incident.no.in_(rest)))}
    return found
