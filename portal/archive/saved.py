"""Searches that a person keeps under a name, and what was found of one at an instant, which the access log keeps."""

from datetime import datetime

from sqlalchemy import select

from portal.archive import access, counts
from portal.archive.access import Look
from portal.archive.forms import Asked
from portal.archive.models import ArchiveAccess, SavedSearch
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Missing
from portal.kernel.masking import hidden

MOST = 50  # of one person
SHOWN = 30


def keep(actor: Actor, now: datetime, wanted: Asked, name: str) -> SavedSearch:
    """Keeps a search under a name; the same name and search again are one. Raises Invalid at the name."""
    allow(actor, "archive.search")
    said, query = " ".join(name.split()), wanted.q
    wanted.search(actor)
    if not said or len(said) > 60:
        raise Invalid("saved_name", field="name")
    mine = {row.name: row for row in of(actor)}
    if said in mine:
        if (mine[said].query, mine[said].relevant) != (query, wanted.relevant):
            raise Invalid("saved_name_taken", field="name", name=said)
        return mine[said]
    if len(mine) >= MOST:
        raise Invalid("saved_many", field="name", most=MOST)
    row = SavedSearch(person_id=actor.id, name=said, query=query, relevant=wanted.relevant, at=now)
    db.session.add(row)
    db.session.flush()
    return row


def of(actor: Actor) -> list[SavedSearch]:
    """This person's searches by name."""
    allow(actor, "archive.search")
    query = select(SavedSearch).where(SavedSearch.person_id == actor.id)
    return list(db.session.scalars(query.order_by(SavedSearch.name, SavedSearch.id)))


def let_go(actor: Actor, saved_id: int) -> None:
    """Removes one of this person's searches. Raises Missing."""
    allow(actor, "archive.search")
    row = db.session.get(SavedSearch, saved_id)
    if row is None or row.person_id != actor.id:
        raise Missing("not_found")
    db.session.delete(row)


def record_hits(actor: Actor, now: datetime, wanted: Asked) -> None:
    """Writes into the access log how many this search finds now; pressing twice within a minute is one entry."""
    allow(actor, "archive.search")
    found = counts.counts(wanted.search(actor))
    said = f"{'' if found.exact else '≤'}{found.total} {wanted.noted()}"
    last = recorded(actor, 1)
    if not last or last[0].query != hidden(said)[:400] or (now - last[0].at).total_seconds() > 60:
        access.note(actor, now, "hits", query=said)


def recorded(actor: Actor, size: int = SHOWN, *, what: tuple[str, ...] = ("hits",)) -> list[Look]:
    """What this person has put on record, newest first: hits of searches, or exports."""
    allow(actor, "archive.search")
    query = select(ArchiveAccess).where(ArchiveAccess.person_id == actor.id, ArchiveAccess.what.in_(what))
    rows = db.session.scalars(query.order_by(ArchiveAccess.id.desc()).limit(size))
    return [Look(r.id, r.at, actor.name, r.what, r.query, r.no) for r in rows]
