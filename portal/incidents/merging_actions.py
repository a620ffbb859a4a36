"""Two people reported or declared the same emergency: one incident takes the other in, with its cases (F-12)."""

from datetime import datetime

from sqlalchemy import select

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.incidents import force_majeure_actions, news_actions, rules
from portal.incidents.merging import twins
from portal.incidents.merging_events import MergedInto, TookIn
from portal.incidents.models import Incident
from portal.incidents.record import record, tell_of
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Refused


def merge(actor: Actor, now: datetime, incident: Incident, *, into_id: int, reason: str) -> None:
    """Ends this incident as the same as another, which takes its open linked cases over.

    Raises Invalid for one that is not proposed, Refused while customers read an announcement of this one: what they
    were told has to go on in one place.
    """
    allow(actor, "incident.command", incident)
    rules.not_ended(incident)
    if into_id not in {other.id for other in twins(incident)}:
        raise Invalid("not_on_scale", field="into")
    words, said = rules.require(reason, "reason"), incident.said
    if said is not None and not said.get("restored"):
        raise Refused("announcement_open")
    other = db.session.get_one(Incident, into_id, with_for_update=True, populate_existing=True)
    force_majeure_actions.let_run(actor, now, incident)
    moved = _move_cases(actor, now, incident, other, words)
    told = {row.person_id for row in incident.held.values()} | {other.commander_id or 0, incident.commander_id or 0}
    record(incident, MergedInto(other.id, other.no, words, moved), by=actor, at=now)
    record(other, TookIn(incident.id, incident.no, incident.title, moved), by=actor, at=now)
    if other.said is not None and moved:
        news_actions.spread(actor, now, other, other.said["n"])
    leaders = [i for i in [*told, *people.holders("watch")] if i not in (0, actor.id)]
    tell_of(leaders, "incident_merged", other, now, name=incident.no)


def _move_cases(actor: Actor, now: datetime, incident: Incident, other: Incident, reason: str) -> int:
    """The open linked cases of one incident belong to the other from now on; returns how many."""
    query = select(Case).where(Case.incident_id == incident.id, Case.open).order_by(Case.id).with_for_update()
    found = list(db.session.scalars(query.execution_options(populate_existing=True)))
    for case in found:
        cases.unlink(actor, now, case, incident_no=incident.no, reason=reason)
        cases.link(actor, now, case, incident_id=other.id, incident_no=other.no, title=other.title)
    return len(found)
