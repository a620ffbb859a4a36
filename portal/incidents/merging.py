"""Which incidents may be the same: of one class, begun or reported close to each other, none of them over."""

from datetime import timedelta

from sqlalchemy import select

from portal.incidents.models import Incident
from portal.kernel.db import db

NEAR = timedelta(minutes=60)  # [H] so close to each other two beginnings or reports ask whether they are one


def twins(incident: Incident) -> list[Incident]:
    """Other incidents of the class that are not over and began, or were reported, near this one; the oldest first."""
    if incident.state == "ended":
        return []
    query = select(Incident).where(
        Incident.kind == incident.kind, Incident.exercise == incident.exercise, Incident.state != "ended",
        Incident.id != incident.id,
    )  # fmt: skip
    return [other for other in db.session.scalars(query.order_by(Incident.id)) if _near(incident, other)]


def _near(one: Incident, other: Incident) -> bool:
    began, told = abs(one.occurred_at - other.occurred_at), abs(one.reported_at - other.reported_at)
    return began <= NEAR or told <= NEAR
