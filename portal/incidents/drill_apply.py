"""What the events of a drill change of its incident; a part of apply.py, and called from there alone."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from portal.incidents import drill_events as e
from portal.incidents.models import Incident


def _begun(incident: Incident, event: e.DrillBegun, at: datetime, by: int) -> None:
    injects = [dict(row, came=None) for row in event.injects]
    incident.drill = {"id": event.drill_id, "objectives": dict(event.objectives), "injects": injects, "seen": []}
    _next(incident)


def _came(incident: Incident, event: e.InjectCame, at: datetime, by: int) -> None:
    kept = incident.drill or {}
    came = int(at.timestamp())
    incident.drill = kept | {
        "injects": [row | {"came": came} if row["n"] == event.n else row for row in kept["injects"]]
    }
    _next(incident)


def _observed(incident: Incident, event: e.Observed, at: datetime, by: int) -> None:
    kept = incident.drill or {"id": 0, "objectives": {}, "injects": [], "seen": []}
    row = {"objective": event.objective, "rating": event.rating, "words": event.words, "by": by}
    incident.drill = kept | {"seen": [s for s in kept["seen"] if s["objective"] != event.objective] + [row]}


def _checked(incident: Incident, event: e.FindingChecked, at: datetime, by: int) -> None:
    """Only the journal keeps it here; the measure's own incident keeps whether it held."""


def _next(incident: Incident) -> None:
    """The stored instant of the next inject; when it comes the worker brings it, however late."""
    left = [row["due"] for row in (incident.drill or {})["injects"] if row["came"] is None]
    incident.inject_next = datetime.fromtimestamp(min(left), UTC) if left else None


APPLY: dict[type[Any], Callable[[Incident, Any, datetime, int], None]] = {
    e.DrillBegun: _begun, e.InjectCame: _came, e.FindingChecked: _checked, e.Observed: _observed,
}  # fmt: skip
