"""The one door through which an incident changes: its row, its journal, the screens that show it."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from portal.identity.actor import Actor
from portal.incidents.apply import apply
from portal.incidents.models import Incident
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db
from portal.notices.tell import tell


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


def tell_of(who: Iterable[int], kind: str, incident: Incident, now: datetime, **facts: Any) -> None:
    """Tells people of this step, each once; an exercise says so."""
    told = {"no": incident.no, "title": incident.title, "exercise": incident.exercise} | facts
    tell(who, kind, subject=incident.stream, key=f"{kind}:{incident.id}:{incident.version}", facts=told, now=now)
