"""The one door through which an incident changes: its row, its journal, the screens that show it."""

import logging
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from portal.identity import queries as people
from portal.identity.actor import SYSTEM, Actor
from portal.incidents.apply import apply
from portal.incidents.calling_events import NotTold
from portal.incidents.models import Incident
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db
from portal.notices.tell import tell

log = logging.getLogger("portal.incidents")


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


def record_all(incident: Incident, events: Iterable[Any], *, by: Actor, at: datetime) -> None:
    """Several events of one step in this order: each has its entry, the row is written once.

    None of them may be decided from what another one has written into the store.
    """
    steps = list(events)
    for event in steps:
        apply(incident, event, at, by.id)
    n = incident.version
    for event in steps:
        n = stream.append(incident.stream, type(event).__name__, asdict(event), by_id=by.id, at=at)
    if steps:
        incident.version = n
        feed.touch(incident.stream, incident.id)
        feed.touch("incidents", incident.id)


def tell_of(who: Iterable[int], kind: str, incident: Incident, now: datetime, **facts: Any) -> None:
    """Tells people of this step, each once; an exercise says so.

    What cannot be told undoes nothing: the timeline then names whom to telephone by hand (EM2).
    """
    told = {"no": incident.no, "title": incident.title, "exercise": incident.exercise} | facts
    ids, key = [person for person in who if person], f"{kind}:{incident.id}:{incident.version}"
    try:
        with db.session.begin_nested():
            tell(ids, kind, subject=incident.stream, key=key, facts=told, now=now)
    except (SQLAlchemyError, LookupError, TypeError, ValueError, AttributeError) as error:
        log.error("nobody could be told of %s in %s", kind, incident.no, exc_info=error)
        known = people.names()
        names = tuple(dict.fromkeys(known[person] for person in ids if person in known))
        record(incident, NotTold(kind, names), by=SYSTEM, at=now)
