"""What staff do around the end: milestones, who writes the review, departments back to normal, going on after all."""

from datetime import datetime, timedelta

from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.incidents import closing_events as e
from portal.incidents import milestones, plans, queries, rules
from portal.incidents.models import Incident
from portal.incidents.record import record, tell_of
from portal.kernel.errors import Forbidden, Invalid, Refused


def set_milestone(actor: Actor, now: datetime, incident: Incident, *, code: str, moment: datetime, basis: str) -> None:
    """Says when a milestone really was; what the portal had noted first is kept beside it."""
    allow(actor, "incident.act", incident)
    rules.running(incident)
    record(incident, milestones.at(incident, now, code, moment, basis), by=actor, at=now, occurred_at=moment)


def name_review_owner(actor: Actor, now: datetime, incident: Incident, *, person_id: int) -> None:
    """Names who writes the review after the end, and tells that person."""
    allow(actor, "incident.act", incident)
    if incident.outcome == "dismissed":
        rules.not_ended(incident)
    if incident.reviewed_at:
        raise Refused("review_finished")
    person = people.person(person_id)
    if incident.review_owner_id == person.id:
        raise Invalid("writes_already", field="person", name=person.name)
    record(incident, e.ReviewOwnerNamed(person.id, person.name, incident.review_owner), by=actor, at=now)
    tell_of([i for i in [person.id] if i != actor.id], "incident_review", incident, now)


def ask_departments(actor: Actor, now: datetime, incident: Incident) -> None:
    """Follows the declared end: every department is asked whether it is back to normal (EM7)."""
    allow(actor, "incident.command", incident)
    units = tuple({"id": u.id, "name": u.name} for u in people.departments())
    if units:
        record(incident, e.DepartmentsAsked(units), by=actor, at=now)


def confirm_back(actor: Actor, now: datetime, incident: Incident, *, unit_id: int, note: str = "") -> None:
    """A department has heard of the end and works as usual; its head says so, or the supervisor."""
    allow(actor, "incident.back", incident)
    if incident.outcome != "ended":
        raise Refused("not_ended", no=incident.no)
    row = next((b for b in incident.back if b.unit_id == unit_id), None)
    if row is None:
        raise Invalid("not_on_scale", field="unit")
    if not queries.may_answer(actor, unit_id):
        raise Forbidden("not_your_department", name=row.unit)
    if row.answered_at is None:
        record(incident, e.DepartmentBack(unit_id, row.unit, note.strip()), by=actor, at=now)


def reopen(actor: Actor, now: datetime, incident: Incident, *, reason: str) -> None:
    """It was not over: goes on with a reason; conditions, departments and the later milestones begin anew."""
    allow(actor, "incident.command", incident)
    if incident.state != "ended":
        raise Refused("not_ended", no=incident.no)
    grade = plans.of(incident.plan_version).grades.get(incident.grade)
    due = now + timedelta(minutes=grade.facts["report_minutes"]) if grade else None
    event = e.WentOn(rules.require(reason, "reason"), int(due.timestamp()) if due else None)
    record(incident, event, by=actor, at=now)
    holders = [row.person_id for row in incident.held.values()]
    told = holders + people.holders("supervisor") + people.holders("head")
    tell_of([i for i in told if i != actor.id], "incident_reopened", incident, now)
