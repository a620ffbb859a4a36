"""What the events around the end change of an incident; a part of apply.py, and called from there alone."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from portal.incidents import closing_events as e
from portal.incidents.milestones import AFTER_END
from portal.incidents.models import Incident, IncidentBack, IncidentMilestone


def mark(incident: Incident, code: str, at: datetime) -> None:
    """A milestone is reached; only the first time counts."""
    if all(m.code != code for m in incident.milestones):
        incident.milestones.append(IncidentMilestone(code=code, at=at, first_at=at, basis=""))


def when(seconds: int | None) -> datetime | None:
    """The aware instant of epoch seconds; nothing stays nothing."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _milestone(incident: Incident, event: e.MilestoneSet, at: datetime, by: int) -> None:
    moment = datetime.fromtimestamp(event.moment, UTC)
    mark(incident, event.code, moment)
    row = next(m for m in incident.milestones if m.code == event.code)
    row.at, row.basis = moment, event.basis
    if event.code == "occurred":
        incident.occurred_at = moment


def _review_owner(incident: Incident, event: e.ReviewOwnerNamed, at: datetime, by: int) -> None:
    incident.review_owner_id, incident.review_owner = event.person_id, event.person


def _asked(incident: Incident, event: e.DepartmentsAsked, at: datetime, by: int) -> None:
    for unit in event.units:
        incident.back.append(IncidentBack(unit_id=unit["id"], unit=unit["name"], asked_at=at, note=""))


def _back(incident: Incident, event: e.DepartmentBack, at: datetime, by: int) -> None:
    row = next(b for b in incident.back if b.unit_id == event.unit_id)
    row.answered_at, row.person_id, row.note = at, by, event.note


def _reopened(incident: Incident, event: e.WentOn, at: datetime, by: int) -> None:
    incident.state = "active" if incident.declared_at else "reported"
    incident.outcome = incident.statement = ""
    incident.ended_at = incident.end_proposed_at = incident.review_due_at = None
    incident.review = incident.reviewed_at = incident.review_told_next = None
    incident.next_report_at = incident.report_told_next = when(event.next_report)
    incident.criteria = [c | {"state": "open", "at": None, "by": None, "how": ""} for c in incident.criteria]
    incident.milestones = [m for m in incident.milestones if m.code not in AFTER_END]
    incident.back = []


APPLY: dict[type[Any], Callable[[Incident, Any, datetime, int], None]] = {
    e.MilestoneSet: _milestone, e.ReviewOwnerNamed: _review_owner, e.DepartmentsAsked: _asked,
    e.DepartmentBack: _back, e.WentOn: _reopened,
}  # fmt: skip
