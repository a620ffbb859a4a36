"""The access log's own door: each search and each opening of a record is written down before anything is shown (AR4).

It is the one write that a GET makes, in a transaction of its own; if it cannot be written, nothing is shown.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.archive.models import ArchiveAccess
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel.db import db
from portal.kernel.db import note as store_note

SHOWN = 50
NOTED = "INSERT INTO archive_access(person_id, what, query, no, at) VALUES(:person, :what, :query, :no, :at)"


@dataclass(frozen=True)
class Look:
    """One entry of the log as readers see it."""

    id: int
    at: datetime
    name: str
    what: str
    query: str
    no: str


def note(actor: Actor, now: datetime, what: str, *, query: str = "", no: str = "") -> None:
    """Writes down what this person is about to see; `what` is search, count, open or print."""
    values = {"person": actor.id, "what": what, "query": query[:400], "no": no[:20], "at": int(now.timestamp())}
    store_note(NOTED, values)


def looks(actor: Actor, *, no: str = "", person: int = 0, before: int = 0, size: int = SHOWN) -> list[Look]:
    """The log, newest first: of one record, of one person, or all of it."""
    allow(actor, "archive.access")
    query = select(ArchiveAccess).order_by(ArchiveAccess.id.desc()).limit(size)
    if no:
        query = query.where(ArchiveAccess.no == no.strip().upper())
    if person:
        query = query.where(ArchiveAccess.person_id == person)
    if before:
        query = query.where(ArchiveAccess.id < before)
    names = people.names()
    return [Look(r.id, r.at, names.get(r.person_id, ""), r.what, r.query, r.no) for r in db.session.scalars(query)]


def note_once(actor: Actor, now: datetime, what: str, *, query: str) -> None:
    """Writes it down unless the person's latest entry says the same search (its count comes with it)."""
    last = select(ArchiveAccess.query).where(ArchiveAccess.person_id == actor.id).order_by(ArchiveAccess.id.desc())
    if db.session.scalar(last.limit(1)) != query[:400]:
        note(actor, now, what, query=query)
