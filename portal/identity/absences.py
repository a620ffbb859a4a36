"""Reading absences: who is away, who stands in for whom at an instant."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.identity.absence_rules import HELD_ALIKE, Away, stand_in
from portal.identity.actor import Actor
from portal.identity.models import Absence
from portal.identity.policy import may, scope
from portal.kernel.db import db, read
from portal.kernel.errors import Missing

AWAY = (
    "SELECT a.person_id, a.deputy_id, p.name FROM absence a JOIN person p ON p.id = a.person_id"
    " JOIN person d ON d.id = a.deputy_id AND d.active"
    " WHERE a.from_at <= :at AND a.to_at > :at AND a.ended_at IS NULL"
)
STANDS = Absence.ended_at.is_(None)


class Deputy(NamedTuple):
    """Who stands in, and the name of the person who is away."""

    person_id: int
    instead_of: str


def absence(number: int) -> Absence:
    """The absence with this id. Raises Missing."""
    found = db.session.get(Absence, number)
    if found is None:
        raise Missing("no_such_absence")
    return found


def made_by(key: str) -> Absence | None:
    """What a form with this key has entered."""
    return db.session.scalar(select(Absence).where(Absence.key == key)) if key else None


def deputies(now: datetime) -> dict[int, Deputy]:
    """Everybody who is away at an instant, by id, with who stands in in the end; no closed account does."""
    db.session.flush()
    rows = read(AWAY, {"at": int(now.timestamp())})
    edges = {row[0]: row[1] for row in rows}
    found = {row[0]: Deputy(stand_in(edges, row[0]), row[2]) for row in rows}
    return {who: one for who, one in found.items() if one.person_id != who}


def touching(begin: datetime, end: datetime) -> list[Away]:
    """All absences that touch a stretch of time."""
    query = select(Absence).where(Absence.from_at < end, Absence.to_at > begin, STANDS)
    return [Away(row.person_id, row.deputy_id, row.from_at, row.to_at) for row in db.session.scalars(query)]


def ahead(now: datetime, people: Iterable[int] | None = None) -> list[Absence]:
    """Absences that run or are to come, of these people (or of all), the earliest first."""
    query = select(Absence).where(Absence.to_at > now, STANDS)
    if people is not None:
        query = query.where(Absence.person_id.in_(list(people)))
    return list(db.session.scalars(query.order_by(Absence.from_at, Absence.id)))


def around(person_id: int, now: datetime) -> list[Absence]:
    """Absences running now that concern a person: one's own first, then those in which the person is the deputy."""
    running = (Absence.from_at <= now) & (Absence.to_at > now)
    mine = (Absence.person_id == person_id) | (Absence.deputy_id == person_id)
    found = db.session.scalars(select(Absence).where(mine, running, STANDS).order_by(Absence.to_at))
    return sorted(found, key=lambda one: one.person_id != person_id)


def may_enter(actor: Actor, person: Actor) -> bool:
    """Whether this absence is one's own or that of somebody one leads."""
    return actor.id == person.id or may(actor, "absence.enter", person)


def lacking(person: Actor, deputy: Actor) -> list[str]:
    """What the person may do in some department where the deputy may not, of what a deputy must be able to."""
    found = []
    for verb in HELD_ALIKE:
        mine, theirs = scope(person, verb), scope(deputy, verb)
        if theirs is not None and (mine is None or mine - theirs):
            found.append(verb)
    return found
