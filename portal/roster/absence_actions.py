"""An absence is entered or ended by the person or by those who lead the person's department (DK3)."""

from collections.abc import Mapping
from datetime import datetime

from portal.identity import absences
from portal.identity import queries as people
from portal.identity.absence_rules import Away, check
from portal.identity.actor import Actor
from portal.identity.models import Absence, Person
from portal.identity.policy import allow
from portal.identity.upkeep import write_down
from portal.kernel.db import db
from portal.kernel.errors import Invalid
from portal.notices.tell import tell


def enter(
    actor: Actor, now: datetime, person: Person, *, deputy_id: int, begin: datetime, end: datetime, words: str = "",
    key: str = "",
) -> Absence:  # fmt: skip
    """Enters an absence with its deputy; the form's key makes a second post find the first one's.

    Raises Invalid at the field: a second absence then, a ring of deputies, a deputy without an open account or without
    the rights that the work needs.
    """
    allow(actor, "absence.own")
    _own_or_led(actor, person)
    known = absences.made_by(key)
    if known is not None:
        return known
    absence = Absence(
        person_id=person.id, deputy_id=deputy_id, from_at=begin, to_at=end, words=words.strip()[:200], by_id=actor.id,
        at=now, key=key or None,
    )  # fmt: skip
    facts: dict[str, object] = {
        "person": person.id,
        "deputy": deputy_id,
        "since": int(begin.timestamp()),
        "until": int(end.timestamp()),
    }
    write_down("AbsenceEntered", facts, actor, now, person.id)  # first: two that would close a ring see each other
    check(Away(person.id, deputy_id, begin, end), absences.touching(begin, max(begin, end)), now)
    _fit(person, people.person(deputy_id) if deputy_id else None)
    db.session.add(absence)
    db.session.flush()
    _tell(actor, now, absence, {deputy_id: "absence_deputy", person.id: "absence_entered"})
    return absence


def end(actor: Actor, now: datetime, absence: Absence) -> None:
    """Ends an absence at once, or takes one back that has not begun; a second time changes nothing."""
    allow(actor, "absence.own")
    _own_or_led(actor, people.person(absence.person_id))
    if absence.ended_at is None and absence.to_at > now:
        absence.ended_at = now
        write_down("AbsenceEnded", {"person": absence.person_id}, actor, now, absence.person_id)
        how = "absence_ended" if absence.from_at <= now else "absence_taken_back"
        _tell(actor, now, absence, {absence.deputy_id: how, absence.person_id: how})


def _tell(actor: Actor, now: datetime, absence: Absence, kinds: Mapping[int, str]) -> None:
    """Tells deputy and absent person, themselves and not their deputies; who does it knows it."""
    names = people.names()
    facts = {
        "title": f"{names[absence.person_id]} → {names[absence.deputy_id]}",
        "since": int(absence.from_at.timestamp()), "until": int(absence.to_at.timestamp()),
    }  # fmt: skip
    for person_id, kind in kinds.items():
        if person_id != actor.id:
            key = f"{kind}:{absence.id}"
            tell([person_id], kind, subject=f"absence:{absence.id}", key=key, facts=facts, now=now, in_person=True)


def _own_or_led(actor: Actor, person: Person) -> None:
    """Raises Forbidden for the absence of somebody else whom the actor does not lead."""
    if actor.id != person.id:
        allow(actor, "absence.enter", people.actor_of(person))


def _fit(person: Person, deputy: Person | None) -> None:
    """Raises Invalid for a deputy who could not do the work."""
    if deputy is None:
        raise Invalid("choose_deputy", field="deputy")
    if not deputy.active:
        raise Invalid("deputy_not_active", field="deputy", name=deputy.name)
    for verb in absences.lacking(people.actor_of(person), people.actor_of(deputy)):
        raise Invalid("deputy_lacks_right", field="deputy", name=deputy.name, right=f"term:verb.{verb}")
