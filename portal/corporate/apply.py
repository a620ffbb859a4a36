"""The only code that assigns fields of group customers and projects, and the door through which they change."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from portal.corporate import events as e
from portal.corporate.leaving_events import HandedOn, handed_on
from portal.corporate.models import Contact, Document, Due, GroupFile, Project, Service
from portal.identity.actor import Actor
from portal.journal import stream
from portal.kernel.db import db
from portal.kernel.instants import moment

Owner = GroupFile | Project
Applier = Callable[[Any, Any, datetime, int], None]


def _facts(file: GroupFile, event: e.Facts, at: datetime, by: int) -> None:
    for name, value in vars(event).items():
        setattr(file, name, value)


def _opened(file: GroupFile, event: e.GroupOpened, at: datetime, by: int) -> None:
    _facts(file, event, at, by)
    file.last_n, file.opened_at = 0, at


def _service(file: GroupFile, event: e.ServiceSet, at: datetime, by: int) -> None:
    found = next((s for s in file.services if s.n == event.n), None)
    if found is None:
        found = Service(n=event.n)
        file.services.append(found)
        file.last_n = event.n
    for name, value in vars(event).items():
        setattr(found, name, value)


def _contact(file: GroupFile, event: e.ContactNamed, at: datetime, by: int) -> None:
    file.contacts.append(Contact(**vars(event)))
    file.last_n = event.n


def _left(file: GroupFile, event: e.ContactLeft, at: datetime, by: int) -> None:
    file.contacts.remove(next(c for c in file.contacts if c.n == event.n))


def _filed(owner: Owner, event: e.DocumentFiled, at: datetime, by: int) -> None:
    owner.documents.append(Document(**vars(event), at=at, by_id=by, withdrawn=False))
    owner.last_n = event.n


def _withdrawn(owner: Owner, event: e.DocumentWithdrawn, at: datetime, by: int) -> None:
    next(d for d in owner.documents if d.n == event.n).withdrawn = True


def _planned(owner: Owner, event: e.DuesPlanned, at: datetime, by: int) -> None:
    for n, period, due, remind in event.dues:
        row = Due(n=n, kind=event.kind, code=event.code, title=event.title, period=period, ahead=event.ahead)
        row.phase = "proposed" if event.kind == "optimisation" else ""
        row.owner_id, row.owner, row.owner_unit = event.owner_id, event.owner, event.owner_unit
        row.moves, row.state, row.words = [], "open", ""
        row.due_at = row.first_at = moment(due)
        row.document_n, row.notice_at = 0, moment(remind)
        owner.dues.append(row)
        owner.last_n = n


def _due(owner: Owner, n: int) -> Due:
    return next(due for due in owner.dues if due.n == n)


def _moved(owner: Owner, event: e.DueMoved, at: datetime, by: int) -> None:
    row = _due(owner, event.n)
    row.moves = [*row.moves, [event.was, event.due, event.reason, by, int(at.timestamp())]]
    row.due_at, row.notice_at = moment(event.due), moment(event.remind)


def _advanced(owner: Owner, event: e.DueAdvanced, at: datetime, by: int) -> None:
    row = _due(owner, event.n)
    row.phase, row.words = event.phase, event.words or row.words


def _done(owner: Owner, event: e.DueDone, at: datetime, by: int) -> None:
    row = _due(owner, event.n)
    row.state, row.ended_at, row.ended_by, row.notice_at = "done", at, by, None
    row.words, row.document_n = event.words or row.words, event.document


def _reopened(owner: Owner, event: e.DueReopened, at: datetime, by: int) -> None:
    row = _due(owner, event.n)
    row.state, row.ended_at, row.ended_by, row.notice_at, row.document_n = "open", None, None, row.due_at, 0


def _dropped(owner: Owner, event: e.DueDropped, at: datetime, by: int) -> None:
    row = _due(owner, event.n)
    row.state, row.ended_at, row.ended_by, row.words, row.notice_at = "dropped", at, by, event.reason, None


def _project(project: Project, event: e.ProjectOpened, at: datetime, by: int) -> None:
    _facts(project, event, at, by)  # type: ignore[arg-type]
    project.state, project.orders, project.last_n, project.opened_at = "planned", [], 0, at
    project.spells = [["planned", int(at.timestamp())]]


def _stands(project: Project, event: e.ProjectMoved, at: datetime, by: int) -> None:
    project.state, project.spells = event.state, [*project.spells, [event.state, int(at.timestamp())]]


def _linked(project: Project, event: e.OrderLinked, at: datetime, by: int) -> None:
    project.orders = [*project.orders, event.no]


def _unlinked(project: Project, event: e.OrderUnlinked, at: datetime, by: int) -> None:
    project.orders = [no for no in project.orders if no != event.no]


APPLY: dict[type[Any], Applier] = {
    e.GroupOpened: _opened, e.GroupChanged: _facts, e.ServiceSet: _service, e.ContactNamed: _contact,
    e.ContactLeft: _left, e.DocumentFiled: _filed, e.DocumentWithdrawn: _withdrawn, e.DuesPlanned: _planned,
    e.DueMoved: _moved, e.DueAdvanced: _advanced, e.DueDone: _done, e.DueReopened: _reopened, e.DueDropped: _dropped,
    e.ProjectOpened: _project, e.ProjectChanged: _facts, e.ProjectMoved: _stands, e.OrderLinked: _linked,
    e.OrderUnlinked: _unlinked, HandedOn: handed_on,
}  # fmt: skip
KINDS = {kind.__name__: kind for kind in APPLY}


def apply(owner: Owner, event: Any, at: datetime, by: int) -> None:
    """Lets one event change the file or the project."""
    APPLY[type(event)](owner, event, at, by)


def from_facts(kind: str, facts: dict[str, Any]) -> Any:
    """An event as the journal keeps it."""
    return KINDS[kind](**{name: _tuples(value) for name, value in facts.items()})


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def record(owner: Owner, event: Any, *, by: Actor, at: datetime) -> None:
    """Applies the event, appends it to the journal of the file or project."""
    apply(owner, event, at, by.id)
    db.session.add(owner)
    db.session.flush()
    owner.version = stream.append(owner.stream, type(event).__name__, asdict(event), by_id=by.id, at=at)
