"""The one door through which an incident changes: its row, its journal, the screens that show it."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from portal.identity.actor import Actor
from portal.incidents.apply import apply
from portal.incidents.models import Incident
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db


def record(incident: Incident, event: Any, *, by: Actor, at: datetime, occurred_at: datetime | None = None) -> None:
    """Applies the event to the incident, appends it to the journal, moves the screens' versions."""
    apply(incident, event, at, by.id)
    if incident.id is None:
        db.session.add(incident)
    db.session.flush()
    incident.version = stream.append(
        incident.stream, type(event).__name__, asdict(event), by_id=by.id, at=at, occurred_at=occurred_at
    )
    feed.touch(incident.stream, incident.id)
    feed.touch("incidents", incident.id)
