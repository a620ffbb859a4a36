"""What merging changes of an incident; a part of apply.py, and called from there alone."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from portal.incidents import calling_apply
from portal.incidents import merging_events as e
from portal.incidents.models import Incident


def _merged(incident: Incident, event: e.MergedInto, at: datetime, by: int) -> None:
    incident.state, incident.outcome, incident.ended_at = "ended", "merged", at
    incident.statement = event.reason
    incident.next_report_at = incident.report_told_next = incident.offered = None
    calling_apply.stop(incident)


def _nothing(incident: Incident, event: e.TookIn, at: datetime, by: int) -> None:
    """Only the journal keeps it."""


APPLY: dict[type[Any], Callable[[Incident, Any, datetime, int], None]] = {e.MergedInto: _merged, e.TookIn: _nothing}
