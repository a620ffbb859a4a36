"""A new look at the grade: asked for when what is known speaks for a higher one, decided by the commander (EM1)."""

from datetime import datetime

from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.incidents import grading_rules, plans, queries, rules
from portal.incidents.grading_events import GradeKept, RegradeAsked
from portal.incidents.models import Incident
from portal.incidents.record import record, tell_of
from portal.kernel.errors import Invalid


def look_again(actor: Actor, now: datetime, incident: Incident) -> None:
    """Asks the commander for a new look when a threshold above the present grade is passed; once for each grade."""
    allow(actor, "incident.view", incident)
    if incident.state != "active":
        return
    plan = plans.of(incident.plan_version)
    linked, _open = queries.linked_counts(incident.id)
    found = grading_rules.propose(plan, grading_rules.answers_of(incident, linked))
    asked = (incident.grading or {}).get("asked")
    highest = max([incident.grade, *([asked["grade"]] if asked else [])], key=list(plan.grades).index)
    if not grading_rules.higher(plan, found.grade, highest):
        return
    record(incident, RegradeAsked(found.grade, incident.grade, found.because), by=actor, at=now)
    leaders = [incident.commander_id or 0, *people.holders("watch")]
    tell_of(leaders, "incident_regrade", incident, now, grade=found.grade)


def keep(actor: Actor, now: datetime, incident: Incident, *, reason: str) -> None:
    """The commander looked again and keeps the grade, with the reason. Raises Invalid where nobody has asked."""
    allow(actor, "incident.command", incident)
    rules.running(incident)
    asked = (incident.grading or {}).get("asked")
    if not asked or not asked["open"]:
        raise Invalid("same_grade", field="grade")
    record(incident, GradeKept(incident.grade, asked["grade"], rules.require(reason, "reason")), by=actor, at=now)
