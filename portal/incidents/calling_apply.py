"""What calls and offers of command change of an incident; a part of apply.py, and called from there alone."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from portal.incidents import calling_events as e
from portal.incidents.models import Incident, IncidentCall


def _row(incident: Incident, n: int) -> IncidentCall:
    return next(c for c in incident.calls if c.n == n)


def settle(incident: Incident, role: str, at: datetime) -> None:
    """The role goes to somebody: who was called for it before and has not answered is called no more."""
    for call in incident.calls:
        if call.role == role and call.next_at:
            call.next_at, call.passed_at = None, at
    if role == "commander":
        incident.offered = None


def stop(incident: Incident) -> None:
    """Nobody is passed over any more."""
    for call in incident.calls:
        call.next_at = None


def on_post(incident: Incident, role: str, person_id: int, at: datetime) -> None:
    """The person called last for this role is in place."""
    for call in reversed(incident.calls):
        if call.role == role and call.person_id == person_id:
            call.on_post_at, call.next_at = at, None
            call.acknowledged_at = call.acknowledged_at or at
            return


def _called(incident: Incident, event: e.CalledOut, at: datetime, by: int) -> None:
    row = IncidentCall(called_at=at, next_at=datetime.fromtimestamp(event.until, UTC), by_hand="", words="")
    row.n, row.role, row.person_id, row.person = event.n, event.role, event.person_id, event.person
    incident.calls.append(row)


def _answered(incident: Incident, event: e.CallAnswered, at: datetime, by: int) -> None:
    row = _row(incident, event.n)
    row.acknowledged_at, row.next_at = at, None


def _by_hand(incident: Incident, event: e.CalledByHand, at: datetime, by: int) -> None:
    row = _row(incident, event.n)
    row.by_hand, row.words, row.hand_at = "reached" if event.reached else "not", event.words, at
    if event.reached and not row.acknowledged_at:
        row.acknowledged_at, row.next_at = at, None


def _passed(incident: Incident, event: e.CallPassed, at: datetime, by: int) -> None:
    row = _row(incident, event.n)
    row.next_at, row.passed_at = None, at


def _offered(incident: Incident, event: e.CommandOffered, at: datetime, by: int) -> None:
    incident.offered = {"person_id": event.person_id, "person": event.person, "handover": event.handover}
    incident.offered |= {"at": int(at.timestamp()), "by": by}


def _declined(incident: Incident, event: e.CommandDeclined, at: datetime, by: int) -> None:
    incident.offered = None


def _nothing(incident: Incident, event: e.NotTold, at: datetime, by: int) -> None:
    """Only the journal keeps it."""


APPLY: dict[type[Any], Callable[[Incident, Any, datetime, int], None]] = {
    e.CalledOut: _called, e.CallAnswered: _answered, e.CalledByHand: _by_hand, e.CallPassed: _passed,
    e.CommandOffered: _offered, e.CommandDeclined: _declined, e.NotTold: _nothing,
}  # fmt: skip
