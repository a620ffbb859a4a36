"""Writing the roster: a shift is entered or taken out by those who lead the unit; its person leaves notes.

Each deed is an entry of the journal `roster:<unit>`.
"""

from datetime import datetime
from types import SimpleNamespace

from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.models import Person
from portal.identity.policy import allow, may
from portal.journal import stream
from portal.kernel.db import db
from portal.kernel.errors import Forbidden, Invalid, Refused
from portal.roster import queries, rules
from portal.roster.models import Shift


def add(
    actor: Actor, now: datetime, *, unit_id: int, person_id: int, role: str, kind: str, begin: datetime, end: datetime,
    key: str = "",
) -> Shift:  # fmt: skip
    """Enters a shift; the form's key makes a second post find the first one's.

    Raises Invalid at the field: a person who has no open account, does not belong to the unit, does not hold the role
    or is on duty elsewhere then; an end before the beginning.
    """
    allow(actor, "roster.edit", SimpleNamespace(unit_ids=frozenset((unit_id,))))
    known = queries.made_by(key)
    if known is not None:
        return known
    person = _person(unit_id, person_id, role)
    if kind not in rules.KINDS:
        raise Invalid("choose_shift_kind", field="kind")
    rules.check(begin, end, [(s.from_at, s.to_at) for s in queries.of_person(person.id, begin, max(begin, end))])
    shift = Shift(
        unit_id=unit_id, person_id=person.id, role=role, kind=kind, from_at=begin, to_at=end, note="", by_id=actor.id,
        at=now, key=key or None,
    )  # fmt: skip
    db.session.add(shift)
    db.session.flush()
    return _kept(shift, "ShiftAdded", actor, now)


def remove(actor: Actor, now: datetime, shift: Shift) -> None:
    """Takes a shift out of the roster; a second time changes nothing. Raises Refused for one that is over."""
    allow(actor, "roster.edit", shift)
    if shift.removed_at:
        return
    if shift.to_at <= now:
        raise Refused("shift_is_over")
    shift.removed_at = now
    _kept(shift, "ShiftRemoved", actor, now)


def note(actor: Actor, now: datetime, shift: Shift, text: str) -> None:
    """What a shift leaves to the next, by its person or by those who lead the unit."""
    allow(actor, "roster.view")
    if shift.person_id != actor.id and not may(actor, "roster.edit", shift):
        raise Forbidden("not_allowed", verb="roster.edit")
    shift.note, shift.noted_at = rules.noted(text), now
    _kept(shift, "ShiftNoted", actor, now, note=shift.note)


def _person(unit_id: int, person_id: int, role: str) -> Person:
    """The person, locked, so that two shifts entered at once see each other."""
    person = db.session.get(Person, person_id, with_for_update=True) if person_id else None
    if person is None:
        raise Invalid("choose_person", field="person")
    if not person.active:
        raise Invalid("person_not_active", field="person", name=person.name)
    if person.id not in {one.id for one in people.members(unit_id)}:
        raise Invalid("person_of_another_unit", field="person", name=person.name)
    if not people.holds(person.id, role):
        raise Invalid("role_not_held", field="role", name=person.name, role=f"term:role.{role}")
    return person


def _kept(shift: Shift, kind: str, actor: Actor, now: datetime, **facts: object) -> Shift:
    named: dict[str, object] = {
        "shift": shift.id, "person": shift.person_id, "role": shift.role, "kind": shift.kind,
        "since": int(shift.from_at.timestamp()), "until": int(shift.to_at.timestamp()),
    }  # fmt: skip
    stream.append(f"roster:{shift.unit_id}", kind, named | facts, by_id=actor.id, at=now)
    return shift
