"""Reading the roster: a week of a unit, who is on duty now, what is next."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from portal.identity import absences
from portal.kernel.db import db
from portal.kernel.errors import Missing
from portal.roster.models import Shift

STANDS = Shift.removed_at.is_(None)


def shift(number: int) -> Shift:
    """The shift with this id, also one that was taken out. Raises Missing."""
    found = db.session.get(Shift, number)
    if found is None:
        raise Missing("no_such_shift")
    return found


def made_by(key: str) -> Shift | None:
    """What a form with this key has entered."""
    return db.session.scalar(select(Shift).where(Shift.key == key)) if key else None


def between(unit_id: int, begin: datetime, end: datetime) -> list[Shift]:
    """A unit's shifts that touch a stretch of time, the earliest first."""
    touching = (Shift.from_at < end) & (Shift.to_at > begin)
    query = select(Shift).where(Shift.unit_id == unit_id, touching, STANDS)
    return list(db.session.scalars(query.order_by(Shift.from_at, Shift.id)))


def touching(begin: datetime, end: datetime) -> list[Shift]:
    """The shifts of all units that touch a stretch of time, the earliest first."""
    query = select(Shift).where(Shift.from_at < end, Shift.to_at > begin, STANDS)
    return list(db.session.scalars(query.order_by(Shift.from_at, Shift.id)))


def on_duty(now: datetime, unit_ids: Iterable[int] | None = None) -> list[Shift]:
    """Everybody who is on duty at an instant, in these units or in all."""
    query = select(Shift).where(Shift.from_at <= now, Shift.to_at > now, STANDS)
    if unit_ids is not None:
        query = query.where(Shift.unit_id.in_(list(unit_ids)))
    return list(db.session.scalars(query.order_by(Shift.unit_id, Shift.kind, Shift.from_at, Shift.id)))


def of_person(person_id: int, begin: datetime, end: datetime) -> list[Shift]:
    """A person's shifts, in whatever unit, that touch a stretch of time."""
    touching = (Shift.from_at < end) & (Shift.to_at > begin)
    query = select(Shift).where(Shift.person_id == person_id, touching, STANDS)
    return list(db.session.scalars(query.order_by(Shift.from_at)))


def away(shifts: Iterable[Shift]) -> dict[int, int]:
    """The deputy's id by the shift's, for each of these shifts of which an absence of its person takes some or all."""
    found = list(shifts)
    if not found:
        return {}
    known = absences.touching(min(s.from_at for s in found), max(s.to_at for s in found))
    return {
        s.id: one.deputy_id
        for s in found
        for one in known
        if one.person_id == s.person_id and one.begin < s.to_at and one.end > s.from_at
    }
