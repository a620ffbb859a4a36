"""All open cases of somebody who leaves go to one colleague in one act (DK3)."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select

from portal.cases import rules
from portal.cases.models import Case
from portal.cases.record import record
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.leaving import Work
from portal.identity.models import Person
from portal.identity.policy import allow, scope
from portal.kernel.db import db
from portal.kernel.errors import Invalid
from portal.notices.tell import tell


def hand_over_all(actor: Actor, now: datetime, person: Person, to_id: int) -> int:
    """Assigns every open case of a person to another, all or none, with one notice; returns how many.

    Raises Invalid for somebody who may not work in one of the departments concerned.
    """
    allow(actor, "people.manage")
    chosen = next((name for number, name in _receivers(person.id) if number == to_id), None)
    if chosen is None:
        raise Invalid("choose_receiver", field="to")
    held = select(Case).where(Case.owner_id == person.id, Case.open).order_by(Case.unit_id, Case.id)
    cases = list(db.session.scalars(held.with_for_update().execution_options(populate_existing=True)))
    for case in cases:
        event = rules.assign(case, to_id, chosen, "")
        record(case, replace(event, how="leaver", instead_of=person.name), by=actor, at=now)
    if cases:
        facts = {"title": f"{person.name} · {len(cases)}"}
        key = f"leaver:{person.id}:{int(now.timestamp())}"
        tell([to_id], "leaver", subject=f"person:{person.id}", key=key, facts=facts, now=now)
    return len(cases)


def _count(person_id: int) -> int:
    query = select(func.count()).select_from(Case).where(Case.owner_id == person_id, Case.open)
    return db.session.scalar(query) or 0


def _receivers(person_id: int) -> list[tuple[int, str]]:
    """Everybody with an open account who may work in each department concerned, by name."""
    units = set(db.session.scalars(select(Case.unit_id).where(Case.owner_id == person_id, Case.open).distinct()))
    found = []
    for one in people.everybody():
        where = scope(one, "case.work")
        if one.id != person_id and (where is None or units <= where):
            found.append((one.id, one.name))
    return sorted(found, key=lambda line: line[1])


WORK = Work(_count, _receivers, hand_over_all)
