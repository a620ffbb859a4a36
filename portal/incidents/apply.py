"""The only code that assigns an incident's fields, roles and tasks. Replaying rebuilds them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import object_session

from portal.incidents import (
    calling_apply,
    closing_apply,
    drill_apply,
    grading_apply,
    merging_apply,
    news_apply,
    review_apply,
)
from portal.incidents import events as e
from portal.incidents.closing_apply import mark, when
from portal.incidents.models import Incident, IncidentRole, IncidentTask

DAY = timedelta(days=1)  # a review is called to mind so long before it is due
Applier = Callable[[Incident, Any, datetime, int], None]


def _reported(incident: Incident, event: e.Reported, at: datetime, by: int) -> None:
    for name in (
        "no", "title", "kind", "extent", "place", "scope", "cause", "reporter", "plan_version",
        "proposed_grade", "affected", "exercise",
    ):  # fmt: skip
        setattr(incident, name, getattr(event, name))
    incident.occurred_at, incident.reported_at = datetime.fromtimestamp(event.occurred, UTC), at
    incident.affected_at = at if event.affected is not None else None
    incident.reported_by, incident.state, incident.reports = by, "reported", 0
    incident.grading = {"core": event.core, "lasts": event.lasts, "attention": event.attention}
    incident.announcements, incident.criteria = [], []
    incident.grade = incident.commander = incident.outcome = incident.statement = incident.review_owner = ""
    mark(incident, "occurred", incident.occurred_at)
    mark(incident, "discovered", at)
    mark(incident, "reported", at)


def _declared(incident: Incident, event: e.Declared, at: datetime, by: int) -> None:
    incident.kind, incident.grade, incident.plan_version = event.kind, event.grade, event.plan_version
    incident.proposed_grade, incident.declared_at, incident.state = event.proposed_grade, at, "active"
    incident.criteria = [dict(c, state="open", at=None, by=None, how="") for c in event.criteria]
    _next_report(incident, event.next_report)
    mark(incident, "declared", at)
    mark(incident, "activated", at)


def _dismissed(incident: Incident, event: e.Dismissed, at: datetime, by: int) -> None:
    incident.state, incident.outcome, incident.ended_at = "ended", "dismissed", at
    incident.statement, incident.inject_next = event.reason, None


def _grade(incident: Incident, event: e.GradeChanged, at: datetime, by: int) -> None:
    incident.grade = event.grade
    grading_apply.settle(incident)
    if event.next_report is not None:
        _next_report(incident, event.next_report)


def _role(incident: Incident, event: e.RoleAssigned, at: datetime, by: int) -> None:
    open_row = incident.held.get(event.role)
    if open_row:
        open_row.until_at = at
        session = object_session(incident)
        if session:  # the store knows one commander at a time: the old row is closed before the new one comes
            session.flush()
    row = IncidentRole(role=event.role, person_id=event.person_id, person=event.person, from_at=at)
    if by == event.person_id:
        row.acknowledged_at = at
        mark(incident, "on_post", at)
    incident.roles.append(row)
    calling_apply.settle(incident, event.role, at)
    for task in incident.tasks:
        if task.n in event.tasks:
            task.owner_id, task.owner = event.person_id, event.person
    if event.role == "commander":
        incident.commander_id, incident.commander = event.person_id, event.person


def _acknowledged(incident: Incident, event: e.RoleAcknowledged, at: datetime, by: int) -> None:
    incident.held[event.role].acknowledged_at = at
    mark(incident, "on_post", at)
    calling_apply.on_post(incident, event.role, by, at)


def _task(incident: Incident, event: e.TaskAdded, at: datetime, by: int) -> None:
    task = IncidentTask(added_at=at, due_at=when(event.due), evidence="")
    for name in ("n", "title", "kind", "role", "owner_id", "owner", "code"):
        setattr(task, name, getattr(event, name))
    incident.tasks.append(task)


def _task_done(incident: Incident, event: e.TaskDone, at: datetime, by: int) -> None:
    task = next(t for t in incident.tasks if t.n == event.n)
    task.done_at, task.evidence = at, event.evidence


def _task_moved(incident: Incident, event: e.TaskMoved, at: datetime, by: int) -> None:
    task = next(t for t in incident.tasks if t.n == event.n)
    task.owner_id, task.owner = event.owner_id, event.owner


def _situation(incident: Incident, event: e.SituationReported, at: datetime, by: int) -> None:
    incident.reports, incident.last_report_at = event.number, at
    _next_report(incident, event.next_report)


def _put_off(incident: Incident, event: e.ReportPutOff, at: datetime, by: int) -> None:
    _next_report(incident, event.next_report)


def _next_report(incident: Incident, due: int | None) -> None:
    """The stored instant of the next report; when it comes the worker calls it to mind, however late."""
    incident.next_report_at = incident.report_told_next = when(due)


def _announcement(
    incident: Incident, event: e.AnnouncementDrafted | e.AnnouncementPublished, at: datetime, by: int
) -> None:
    published = int(at.timestamp()) if isinstance(event, e.AnnouncementPublished) else None
    if published:
        mark(incident, "announced", at)
    row = {"n": event.n, "text": event.text, "channels": event.channels, "recovery": event.recovery}
    row |= {"next_news": event.next_news, "published": published} | ({"restored": True} if event.restored else {})
    row |= {"text_en": event.text_en} if event.text_en else {}
    before = next((a for a in incident.announcements if a["n"] == event.n), {})
    row["drafted_by"] = before.get("drafted_by", by)
    incident.announcements = [a for a in incident.announcements if a["n"] != event.n] + [row]


def _affected(incident: Incident, event: e.AffectedEstimated, at: datetime, by: int) -> None:
    incident.affected, incident.affected_at = event.count, at


def _criterion(incident: Incident, event: e.CriterionMet | e.CriterionWaived, at: datetime, by: int) -> None:
    met = isinstance(event, e.CriterionMet)
    done = {"state": "met" if met else "waived", "at": int(at.timestamp()), "by": by}
    done["how"] = event.how if isinstance(event, e.CriterionMet) else event.reason
    incident.criteria = [c | done if c["code"] == event.code else c for c in incident.criteria]


def _end_proposed(incident: Incident, event: e.EndProposed, at: datetime, by: int) -> None:
    incident.end_proposed_at = at


def _ended(incident: Incident, event: e.Ended, at: datetime, by: int) -> None:
    incident.state, incident.outcome, incident.ended_at = "ended", "ended", at
    incident.statement, incident.next_report_at, incident.report_told_next = event.statement, None, None
    incident.review_due_at, incident.offered, incident.inject_next = when(event.review_due), None, None
    calling_apply.stop(incident)
    if incident.review_due_at:
        incident.review_told_next = incident.review_due_at - DAY
    mark(incident, "closed", at)


def _nothing(incident: Incident, event: Any, at: datetime, by: int) -> None:
    """Only the journal keeps it (linked cases keep the incident in their own rows)."""


APPLY: dict[type[Any], Applier] = {
    e.Reported: _reported, e.Declared: _declared, e.Dismissed: _dismissed, e.GradeChanged: _grade,
    e.RoleAssigned: _role, e.RoleAcknowledged: _acknowledged, e.TaskAdded: _task, e.TaskDone: _task_done,
    e.TaskMoved: _task_moved,
    e.Entered: _nothing, e.Corrected: _nothing, e.SituationReported: _situation, e.ReportPutOff: _put_off,
    e.AnnouncementDrafted: _announcement, e.AnnouncementPublished: _announcement,
    e.AffectedEstimated: _affected, e.CaseLinked: _nothing, e.CaseUnlinked: _nothing, e.ClocksStopped: _nothing,
    e.CriterionMet: _criterion, e.CriterionWaived: _criterion, e.EndProposed: _end_proposed, e.Ended: _ended,
    **closing_apply.APPLY, **review_apply.APPLY, **calling_apply.APPLY, **drill_apply.APPLY, **news_apply.APPLY,
    **grading_apply.APPLY, **merging_apply.APPLY,
}  # fmt: skip


def apply(incident: Incident, event: Any, at: datetime, by: int) -> None:
    """Lets one event change the incident."""
    APPLY[type(event)](incident, event, at, by)
