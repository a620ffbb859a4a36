"""The access log's own door: each search and each opening of a record is written down before anything is shown (AR4).

It is the one write that a GET makes, in a transaction of its own; if it cannot be written, nothing is shown.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.archive.models import ArchiveAccess
from portal.cases.models import Case
from portal.directory.queries import family
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel.db import db
from portal.kernel.db import note as store_note
from portal.kernel.masking import hidden

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
    """Writes down what this person is about to see; `what` is a code of words.py. A number in `query` is masked."""
    values = {"person": actor.id, "what": what, "query": hidden(query)[:400], "no": no[:20], "at": int(now.timestamp())}
    store_note(NOTED, values)


@dataclass(frozen=True)
class Asked:
    """What of the log is wanted; everything left empty asks for all of it. Days of this place's calendar."""

    no: str = ""  # of a case, or KH000012 for a customer with all its cases
    person: int = 0
    what: str = ""
    start: datetime | None = None
    end: datetime | None = None
    before: int = 0


ALL_OF_IT = Asked()
KINDS = (
    "search", "number", "count", "hits", "open", "view", "list", "reveal", "file", "print", "export", "package", "log",
)  # fmt: skip


def looks(actor: Actor, asked: Asked = ALL_OF_IT, size: int = SHOWN) -> list[Look]:
    """The log, newest first, as far as it is asked for."""
    allow(actor, "archive.access")
    query = select(ArchiveAccess).order_by(ArchiveAccess.id.desc()).limit(size)
    no, person, before = asked.no.strip().upper(), asked.person, asked.before
    if no.startswith("KH") and no[2:].isascii() and no[2:].isdigit() and len(no) < 20:
        theirs = select(Case.no).where(Case.customer_id.in_(family(int(no[2:]))))
        query = query.where((ArchiveAccess.no == no) | ArchiveAccess.no.in_(theirs))
    elif no:
        query = query.where(ArchiveAccess.no == no)
    if asked.what:
        query = query.where(ArchiveAccess.what == asked.what)
    if asked.start:
        query = query.where(ArchiveAccess.at >= asked.start)
    if asked.end:
        query = query.where(ArchiveAccess.at < asked.end)
    if person:
        query = query.where(ArchiveAccess.person_id == person)
    if before:
        query = query.where(ArchiveAccess.id < before)
    names = people.names()
    return [Look(r.id, r.at, names.get(r.person_id, ""), r.what, r.query, r.no) for r in db.session.scalars(query)]


def note_once(actor: Actor, now: datetime, what: str, *, query: str) -> None:
    """Writes it down unless the person's latest entry says the same search (its count comes with it)."""
    last = select(ArchiveAccess.query).where(ArchiveAccess.person_id == actor.id).order_by(ArchiveAccess.id.desc())
    if db.session.scalar(last.limit(1)) != hidden(query)[:400]:
        note(actor, now, what, query=query)
