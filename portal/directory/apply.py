"""The only code that assigns a customer file's fields, and the door through which a file changes."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from portal.directory import events as e
from portal.directory.models import Customer, CustomerContact
from portal.directory.rules import folded
from portal.identity.actor import Actor
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.gather import Columns, forget, keep, later, learn

Applier = Callable[[Customer, Any, datetime, int], None]
CONTACT = Columns(CustomerContact, without=("id",))
CLASSES = "classes"  # the feed's topic of what changes the class by which a customer's cases are known
RECLASSING = (e.ClassSet, e.FileMerged, e.FileParted)
FIRST = {"phone": "phone", "email": "email", "number": "number"}


def _opened(file: Customer, event: e.FileOpened, at: datetime, by: int) -> None:
    file.name, file.category, file.prefers, file.created_at = event.name, event.category, event.prefers, at
    file.number = file.phone = file.email = file.prefers_time = ""
    _contact(file, event.kind, event.value, "")
    if event.name != event.value:
        _contact(file, "name", event.name, "")


def _changed(file: Customer, event: e.FileChanged, at: datetime, by: int) -> None:
    if event.name != file.name and not any(c.kind == "name" and c.value == event.name for c in file.contacts):
        _contact(file, "name", event.name, "")
    file.name, file.prefers, file.prefers_time = event.name, event.prefers, event.prefers_time


def _contact(file: Customer, kind: str, value: str, note: str) -> None:
    file.contacts.append(CustomerContact(kind=kind, value=value, folded=folded(kind, value), note=note))
    column = FIRST.get(kind)
    if column and not getattr(file, column):
        setattr(file, column, folded(kind, value) if kind != "number" else value)


def _added(file: Customer, event: e.ContactAdded, at: datetime, by: int) -> None:
    _contact(file, event.kind, event.value, event.note)


def _dropped(file: Customer, event: e.ContactDropped, at: datetime, by: int) -> None:
    for row in [c for c in file.contacts if (c.kind, c.value) == (event.kind, event.value)]:
        file.contacts.remove(row)
    column = FIRST.get(event.kind)
    if column:
        left = next((c for c in file.contacts if c.kind == event.kind), None)
        setattr(file, column, (left.value if event.kind == "number" else left.folded) if left else "")


def _class(file: Customer, event: e.ClassSet, at: datetime, by: int) -> None:
    file.category = event.category


def _nuisance(file: Customer, event: e.NuisanceProposed, at: datetime, by: int) -> None:
    file.nuisance = {"state": "proposed", "reason": event.reason, "until": event.until, "by": by}


def _decided(file: Customer, event: e.NuisanceDecided, at: datetime, by: int) -> None:
    file.nuisance = {**(file.nuisance or {}), "state": "marked", "approved_by": by} if event.approved else None


def _lifted(file: Customer, event: e.NuisanceLifted, at: datetime, by: int) -> None:
    file.nuisance = None


def _merged(file: Customer, event: e.FileMerged, at: datetime, by: int) -> None:
    file.merged_into = event.into_id


def _parted(file: Customer, event: e.FileParted, at: datetime, by: int) -> None:
    file.merged_into = None


def _nothing(file: Customer, event: Any, at: datetime, by: int) -> None:
    """Only the journal keeps it."""


APPLY: dict[type[Any], Applier] = {
    e.FileOpened: _opened, e.FileChanged: _changed, e.ContactAdded: _added, e.ContactDropped: _dropped,
    e.ClassSet: _class, e.NoteWritten: _nothing, e.NuisanceProposed: _nuisance, e.NuisanceDecided: _decided,
    e.NuisanceLifted: _lifted, e.PairProposed: _nothing, e.PairRefused: _nothing, e.FileMerged: _merged,
    e.FileTaken: _nothing, e.FileParted: _parted, e.FileGiven: _nothing,
}  # fmt: skip


def apply(file: Customer, event: Any, at: datetime, by: int) -> None:
    """Lets one event change the file."""
    APPLY[type(event)](file, event, at, by)


def record(file: Customer, event: Any, *, by: Actor, at: datetime) -> None:
    """Applies the event to the file, appends it to the file's journal."""
    apply(file, event, at, by.id)
    fresh = file.id is None
    if fresh:  # written once, with the number of its first entry
        file.version = 1
        contacts, file.contacts = list(file.contacts), []
        keep(file)
        for one in contacts:
            one.customer_id = file.id
            learn(("held", one.kind, one.folded), [(file.id, file.name, file.number, None)])
        later(CONTACT.statement, *map(CONTACT.values, contacts))
        db.session.expire(file, ["contacts"])
    else:
        db.session.flush()
        forget()
    if isinstance(event, RECLASSING):
        feed.touch(CLASSES, file.id)
    version = stream.append(file.stream, type(event).__name__, vars(event), by_id=by.id, at=at, begins=fresh)
    if version != file.version:
        file.version = version
