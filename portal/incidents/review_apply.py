"""What the events of review and measures change of an incident; a part of apply.py, and called from there alone."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from portal.incidents import review_events as e
from portal.incidents.closing_apply import mark
from portal.incidents.models import Incident, IncidentMeasure


def _written(incident: Incident, event: e.ReviewWritten, at: datetime, by: int) -> None:
    incident.review = asdict(event) | {"entries": list(event.entries), "at": int(at.timestamp()), "by": by}
    if event.finished:
        incident.reviewed_at, incident.review_told_next = at, None
        mark(incident, "reviewed", at)


def _added(incident: Incident, event: e.MeasureAdded, at: datetime, by: int) -> None:
    row = IncidentMeasure(
        n=event.n, kind=incident.kind, exercise=incident.exercise, text=event.text, owner_id=event.owner_id,
        owner=event.owner, due_at=datetime.fromtimestamp(event.due, UTC),
        retest_at=datetime.fromtimestamp(event.retest, UTC), state="open", evidence="", verifier="", words="",
        told_next=datetime.fromtimestamp(event.due, UTC) - DAY,
    )  # fmt: skip
    incident.measures.append(row)


def _row(incident: Incident, n: int) -> IncidentMeasure:
    return next(m for m in incident.measures if m.n == n)


def _done(incident: Incident, event: e.MeasureDone, at: datetime, by: int) -> None:
    row = _row(incident, event.n)
    row.state, row.done_at, row.done_by, row.evidence = "done", at, by, event.evidence
    row.told_next = None


def _verified(incident: Incident, event: e.MeasureVerified, at: datetime, by: int) -> None:
    row = _row(incident, event.n)
    row.verifier, row.words = event.person, event.words
    _stands(row, "verified" if event.accepted else "open")


def _tested(incident: Incident, event: e.MeasureTested, at: datetime, by: int) -> None:
    row = _row(incident, event.n)
    row.tested_at, row.words = at, event.words
    _stands(row, "held" if event.held else "open")


def _stands(row: IncidentMeasure, state: str) -> None:
    """Forward, or back to be done again."""
    row.state = state
    row.told_next = {"verified": row.retest_at - DAY, "open": row.due_at}.get(state)
    if state == "open":
        row.done_at = row.done_by = None


DAY = timedelta(days=1)  # called to mind so long before it is due or tested
APPLY: dict[type[Any], Callable[[Incident, Any, datetime, int], None]] = {
    e.ReviewWritten: _written, e.MeasureAdded: _added, e.MeasureDone: _done, e.MeasureVerified: _verified,
    e.MeasureTested: _tested,
}  # fmt: skip
