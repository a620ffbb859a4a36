"""All open cases and tasks of somebody who leaves go to one colleague in one act (DK3, QU10)."""

from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import func, select

from portal.cases import rules
from portal.cases.models import Case
from portal.cases.record import record
from portal.cases.team_events import TaskHanded
from portal.collaboration import task_apply
from portal.collaboration.models import Task
from portal.collaboration.queries import open_cases_of
from portal.collaboration.task_rules import SHORT
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.leaving import UnitWork, Work
from portal.identity.models import Person
from portal.identity.policy import allow, scope
from portal.journal import stream
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


def hand_over_tasks(actor: Actor, now: datetime, person: Person, to_id: int) -> int:
    """Gives every open task that names a person to another, with one notice; returns how many."""
    allow(actor, "people.manage")
    chosen = people.person(to_id)
    mine = select(Task).where(Task.person_id == person.id, Task.state == "open").order_by(Task.case_id, Task.id)
    tasks = list(db.session.scalars(mine.with_for_update().execution_options(populate_existing=True)))
    for task in tasks:
        event = TaskHanded(task.n, task.text[:SHORT], chosen.id, chosen.name, person.name)
        if task.case_id is None:
            task_apply.change(task, event, actor.id, now)
            stream.append(task.stream, "TaskHanded", asdict(event), by_id=actor.id, at=now)
        else:
            record(db.session.get_one(Case, task.case_id, with_for_update=True), event, by=actor, at=now)
    if tasks:
        facts, key = {"title": f"{person.name} · {len(tasks)}"}, f"leaver_tasks:{person.id}:{int(now.timestamp())}"
        tell([to_id], "leaver_tasks", subject=f"person:{person.id}", key=key, facts=facts, now=now)
    return len(tasks)


def _count_tasks(person_id: int) -> int:
    query = select(func.count()).select_from(Task).where(Task.person_id == person_id, Task.state == "open")
    return db.session.scalar(query) or 0


def _receivers(person_id: int) -> list[tuple[int, str]]:
    """Everybody with an open account who may work in each department that has cases of the person, by name."""
    of_cases = select(Case.unit_id).where(Case.owner_id == person_id, Case.open)
    return _who_works_in(set(db.session.scalars(of_cases.distinct())), person_id)


def _receivers_of_tasks(person_id: int) -> list[tuple[int, str]]:
    """The same for the departments to which the person's tasks were given."""
    of_tasks = select(Task.unit_id).where(Task.person_id == person_id, Task.state == "open")
    return _who_works_in(set(db.session.scalars(of_tasks.distinct())), person_id)


def _who_works_in(units: set[int], person_id: int) -> list[tuple[int, str]]:
    found = []
    for one in people.everybody():
        where = scope(one, "case.work")
        if one.id != person_id and (where is None or units <= where):
            found.append((one.id, one.name))
    return found


def move_cases(actor: Actor, now: datetime, unit_id: int, to_id: int, reason: str) -> int:
    """Every open case of a unit that ends goes to another one, with the reason; returns how many.

    Whoever held one lets it go; the heads of the other unit hear of all of them once.
    """
    allow(actor, "people.manage")
    units = {one.id: one.name for one in people.units()}
    held = select(Case).where(Case.unit_id == unit_id, Case.open).order_by(Case.id)
    cases = list(db.session.scalars(held.with_for_update().execution_options(populate_existing=True)))
    for case in cases:
        event = rules.transfer(
            case, unit_id=to_id, unit=units[to_id], from_unit=units[unit_id], reason=reason, expected=None
        )
        record(case, event, by=actor, at=now)
    if cases:
        facts = {"title": f"{units[unit_id]} · {len(cases)}", "said": reason}
        key = f"unit_moved:{unit_id}:{int(now.timestamp())}"
        tell(people.holders("head", {to_id}), "unit_moved", subject=f"unit:{unit_id}", key=key, facts=facts, now=now)
    return len(cases)


WORK = Work("cases", _count, _receivers, hand_over_all)
TASKS = Work("tasks", _count_tasks, _receivers_of_tasks, hand_over_tasks)
UNIT_CASES = UnitWork("cases", open_cases_of, move_cases)
