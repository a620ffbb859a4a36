"""The one door through which an incident changes: its row, its journal, the screens that show it."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from portal.identity import queries as people
from portal.identity.actor import SYSTEM, Actor
from portal.incidents.apply import apply
from portal.incidents.calling_events import NotTold
from portal.incidents.models import Incident
from portal.journal import stream
from portal.journal.stream import Written
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.errors import Stale
from portal.kernel.gather import write_new
from portal.notices.tell import Telling, tell, tell_together

log = logging.getLogger("portal.incidents")
ROWS = ("roles", "calls", "tasks", "milestones")
FAULTS = (SQLAlchemyError, LookupError, TypeError, ValueError, AttributeError)


class Step:
    """What one step of an incident holds back until its end: entries of the journal, and whom to tell of them."""

    def __init__(self, incident: Incident) -> None:
        self.incident = incident
        self.entries: list[Written] = []
        self.tellings: list[Telling] = []


_step: ContextVar[Step | None] = ContextVar("step", default=None)


@contextmanager
def one_step(incident: Incident, now: datetime) -> Iterator[None]:
    """Everything recorded and told of this incident inside is applied at once and written together at the end.

    What is recorded or told of another incident inside is none of the step: it is written as if it stood alone.
    Nothing inside may be decided from what is held back; the incident itself is as recorded. Raises Stale.
    """
    step = Step(incident)
    token = _step.set(step)
    try:
        with db.session.no_autoflush:
            yield
    finally:
        _step.reset(token)
    write_new(incident, *ROWS)
    if step.entries and stream.append_all(incident.stream, step.entries) != incident.version:
        raise Stale("changed_meanwhile", no=incident.no)
    _show(incident)
    _tell_all(incident, step.tellings, now)


def _step_of(incident: Incident) -> Step | None:
    """The step that is open for this incident, if one is."""
    step = _step.get()
    return step if step is not None and step.incident is incident else None


def record(incident: Incident, event: Any, *, by: Actor, at: datetime, occurred_at: datetime | None = None) -> None:
    """Applies the event to the incident, appends it to the journal, moves the screens' versions."""
    apply(incident, event, at, by.id)
    step = _step_of(incident)
    if step is not None:
        step.entries.append(_written(event, by, at))
        incident.version += 1
        return
    if incident.id is None:
        db.session.add(incident)
    db.session.flush()
    kind, facts, by_id, _at = _written(event, by, at)
    incident.version = stream.append(incident.stream, kind, facts, by_id=by_id, at=at, occurred_at=occurred_at)
    _show(incident)


def record_all(incident: Incident, events: Iterable[Any], *, by: Actor, at: datetime) -> None:
    """Several events of one step in this order: each has its entry, the row is written once.

    None of them may be decided from what another one has written into the store.
    """
    steps = list(events)
    for event in steps:
        apply(incident, event, at, by.id)
    entries, step = [_written(event, by, at) for event in steps], _step_of(incident)
    if step is not None:
        step.entries.extend(entries)
        incident.version += len(entries)
    elif entries:
        incident.version = stream.append_all(incident.stream, entries)
        _show(incident)


def _written(event: Any, by: Actor, at: datetime) -> Written:
    """The entry of an event, whose fields are plain JSON."""
    return Written(type(event).__name__, dict(vars(event)), by.id, at)


def _show(incident: Incident) -> None:
    feed.touch(incident.stream, incident.id)
    feed.touch("incidents", incident.id)


def tell_of(who: Iterable[int], kind: str, incident: Incident, now: datetime, **facts: Any) -> None:
    """Tells people of this step, each once; an exercise says so.

    What cannot be told undoes nothing: the timeline then names whom to telephone by hand (EM2).
    """
    told = {"no": incident.no, "title": incident.title, "exercise": incident.exercise} | facts
    ids, key = [person for person in who if person], f"{kind}:{incident.id}:{incident.version}"
    one, step = Telling(ids, kind, incident.stream, key, told), _step_of(incident)
    if step is not None:
        step.tellings.append(one)
    else:
        _tell_one(incident, one, now)


def _tell_all(incident: Incident, tellings: list[Telling], now: datetime) -> None:
    """All of a step together; where that fails each alone, so that one that cannot be told keeps back no other."""
    try:
        with db.session.begin_nested():
            tell_together(tellings, now)
    except FAULTS as error:
        log.error("a step of %s could not be told together, each is told alone", incident.no, exc_info=error)
        for one in tellings:
            _tell_one(incident, one, now)


def _tell_one(incident: Incident, one: Telling, now: datetime) -> None:
    try:
        with db.session.begin_nested():
            tell(one.people, one.kind, subject=one.subject, key=one.key, facts=one.facts, now=now)
    except FAULTS as error:
        log.error("nobody could be told of %s in %s", one.kind, incident.no, exc_info=error)
        known = people.names()
        names = tuple(dict.fromkeys(known[person] for person in one.people if person in known))
        record(incident, NotTold(one.kind, names), by=SYSTEM, at=now)
