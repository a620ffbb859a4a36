"""What an absence touches: shifts that nobody covers, the deputy's own shifts then, and open work that stays."""

from datetime import datetime
from typing import NamedTuple

from portal.desk.caches import units
from portal.identity import leaving
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.models import Absence
from portal.identity.policy import scope
from portal.roster import queries as roster
from portal.roster.models import Shift


class Touched(NamedTuple):
    """Shifts without cover, the deputy's shifts at those times, open work by kind, and where it is handed over."""

    shifts: list[Shift]
    clashes: list[Shift]
    held: list[tuple[str, int]]
    queue: str


def of(actor: Actor, absence: Absence, now: datetime) -> Touched:
    """What an absence touches from now on."""
    begin = max(absence.from_at, now)
    mine = roster.of_person(absence.person_id, begin, absence.to_at)
    bare = [shift for shift in mine if not _covered(shift)]
    others = roster.of_person(absence.deputy_id, begin, absence.to_at)
    clashes = [one for one in others if any(one.from_at < s.to_at and one.to_at > s.from_at for s in bare)]
    return Touched(bare, clashes, leaving.held(absence.person_id), queue_of(actor, absence.person_id))


def queue_of(actor: Actor, person_id: int) -> str:
    """The address of the person's cases in their department's queue, where the actor may see it; else empty."""
    unit, seen = people.person(person_id).unit_id, scope(actor, "queue.view")
    here = next((u for u in units().values() if u.id == unit and u.kind == "department"), None)
    return f"/queues/{here.code}?owner={person_id}" if here and (seen is None or here.id in seen) else ""


def _covered(shift: Shift) -> bool:
    """Whether somebody who is there has the same role for the whole of the shift."""
    same = roster.between(shift.unit_id, shift.from_at, shift.to_at)
    others = [one for one in same if one.person_id != shift.person_id and one.role == shift.role]
    gone = roster.away(others)
    return any(s.from_at <= shift.from_at and s.to_at >= shift.to_at and s.id not in gone for s in others)


def on_form(actor: Actor, person_id: int, begin: datetime, end: datetime) -> Touched:
    """What would be touched in a stretch of time, before a deputy is chosen."""
    shifts = [s for s in roster.of_person(person_id, begin, end) if not _covered(s)]
    return Touched(shifts, [], leaving.held(person_id), queue_of(actor, person_id))
