"""What new looks at the grade change of an incident; a part of apply.py, and called from there alone."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from portal.incidents import grading_events as e
from portal.incidents.models import Incident


def _asked(incident: Incident, event: e.RegradeAsked, at: datetime, by: int) -> None:
    asked = {"grade": event.grade, "at": int(at.timestamp()), "because": list(event.because), "open": True}
    incident.grading = (incident.grading or {}) | {"asked": asked}


def _kept(incident: Incident, event: e.GradeKept, at: datetime, by: int) -> None:
    settle(incident)


def settle(incident: Incident) -> None:
    """The commander has decided; the same grade is not asked for again."""
    kept = incident.grading or {}
    if kept.get("asked"):
        incident.grading = kept | {"asked": kept["asked"] | {"open": False}}


APPLY: dict[type[Any], Callable[[Incident, Any, datetime, int], None]] = {
    e.RegradeAsked: _asked, e.GradeKept: _kept,
}  # fmt: skip
