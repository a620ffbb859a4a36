"""Tasks given, reported on, done, returned, given once more, chased: on a case (QU3) or without one (QU10)."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from portal.cases.models import Case
from portal.cases.record import record
from portal.cases.submissions import made_by, note_made
from portal.collaboration import task_apply, task_queries, task_rules
from portal.collaboration.models import Task
from portal.collaboration.telling import tell_of
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.models import Unit
from portal.identity.policy import allow
from portal.journal import stream
from portal.kernel.db import db
from portal.kernel.errors import Forbidden, Invalid
from portal.notices.tell import tell


def name_duty(actor: Actor, now: datetime, case: Case, *, unit_id: int, duty: str) -> None:
    """Says what the lead or a cooperating department has to do; its people hear of it (QU3)."""
    allow(actor, "case.team", case)
    unit = db.session.get_one(Unit, unit_id)
    record(case, task_rules.name_duty(case, unit_id=unit.id, unit=unit.name, duty=duty), by=actor, at=now)
    if unit.id != case.unit_id:
        tell_of(people.holders("head", {unit.id}), "cooperates", case, now)


def give(
    actor: Actor, now: datetime, case: Case, *, text: str, unit_id: int, due: datetime | None, person_id: int = 0
) -> None:
    """Gives a department its own task on a case, with a due time of its own; it cooperates from now on (QU3)."""
    allow(actor, "case.task", case)
    task_rules.still_open(case)
    unit, person = _whom(unit_id, person_id)
    event = task_rules.give(now, n=case.tasks_given + 1, text=text, unit=unit, due=due, person=person)
    record(case, event, by=actor, at=now)
    tell_of(_concerned(unit[0], person), "task_given", case, now)


def order(
    actor: Actor, now: datetime, *, text: str, unit_id: int, due: datetime | None, kind: str, person_id: int = 0,
    key: str = "",
) -> Task:  # fmt: skip
    """Orders a task without a case (交办/督办, QU10). By the form's key a second post finds the first one."""
    allow(actor, "task.order")
    known = made_by(key)
    if known:
        return task_queries.task_by_id(known)
    unit, person = _whom(unit_id, person_id)
    event = task_rules.give(now, n=0, text=text, unit=unit, due=due, person=person, kind=kind)
    task = task_apply.make(event, None, actor.id, now)
    stream.append(task.stream, "TaskGiven", asdict(event), by_id=actor.id, at=now)
    note_made(key, task.id, by=actor, at=now)
    _tell(_concerned(unit[0], person), "task_ordered", task, now)
    return task


def report(actor: Actor, now: datetime, task: Task, *, words: str) -> None:
    """Reports how far a task is; who gave it hears of it."""
    allow(actor, "task.view")
    task_rules.mine(actor, task)
    _write(actor, now, task, task_rules.report(task, words))
    _tell([task.by_id], "task_reported", task, now)


def finish(actor: Actor, now: datetime, task: Task, *, words: str) -> None:
    """Hands in the evidence that a task is done."""
    allow(actor, "task.view")
    task_rules.mine(actor, task)
    _write(actor, now, task, task_rules.finish(task, words))
    _tell([task.by_id], "task_done", task, now)


def give_back(actor: Actor, now: datetime, task: Task, *, words: str) -> None:
    """Hands a task back with the reason."""
    allow(actor, "task.view")
    task_rules.mine(actor, task)
    _write(actor, now, task, task_rules.give_back(task, words))
    _tell([task.by_id], "task_returned", task, now)


def reopen(actor: Actor, now: datetime, task: Task, *, words: str, due: datetime | None) -> None:
    """Who gave a task gives it once more, with a new due time."""
    allow(actor, "task.view")
    if task.by_id != actor.id and not actor.has(*task_rules.RULERS):
        raise Forbidden("not_your_order")
    _write(actor, now, task, task_rules.reopen(task, now, words=words, due=due))
    _tell(_concerned(task.unit_id, _person(task)), "task_again", task, now)


def chase(actor: Actor, now: datetime, task: Task, *, words: str) -> None:
    """Presses for a task: whose it is sees it at once, from the 2nd the head, the 3rd the quality manager (QU4)."""
    allow(actor, "task.view")
    _write(actor, now, task, task_rules.chase(task, words))
    chased = _concerned(task.unit_id, _person(task))
    if task.chases >= 2:
        chased += people.holders("head", {task.unit_id})
    if task.chases >= 3:
        chased += people.holders("quality")
    _tell(chased, "task_chased", task, now)


def tell_overdue(now: datetime) -> int:
    """Tells, once each, whose the task is, the head and who gave it. In transaction()."""
    told = task_queries.overdue(now)
    for task in told:
        heads = people.holders("head", {task.unit_id})
        _tell([*_concerned(task.unit_id, _person(task)), *heads, task.by_id], "task_late", task, now)
        task.told_at = now
    return len(told)


def _write(actor: Actor, now: datetime, task: Task, event: Any) -> None:
    """Records an event where the task's history stands: in its case's journal, or in its own."""
    if task.case_id is None:
        event = replace(event, n=task.n)
        task_apply.change(task, event, actor.id, now)
        stream.append(task.stream, type(event).__name__, asdict(event), by_id=actor.id, at=now)
        return
    case = db.session.get_one(Case, task.case_id, with_for_update=True, populate_existing=True)
    allow(actor, "case.task", case)
    task_rules.still_open(case)
    record(case, event, by=actor, at=now)


def _whom(unit_id: int, person_id: int) -> tuple[tuple[int, str], tuple[int, str] | None]:
    unit = db.session.get(Unit, unit_id)
    if unit is None:
        raise Invalid("choose_unit", field="unit_id")
    if not person_id:
        return (unit.id, unit.name), None
    person = next((p for p in people.members(unit.id) if p.id == person_id), None)
    if person is None:
        raise Invalid("person_not_here", field="person_id")
    return (unit.id, unit.name), (person.id, person.name)


def _person(task: Task) -> tuple[int, str] | None:
    return (task.person_id, task.person) if task.person_id else None


def _concerned(unit_id: int, person: tuple[int, str] | None) -> list[int]:
    """Who hears of a task: the person named, else the heads and handlers of the department."""
    if person:
        return [person[0]]
    return people.holders("head", {unit_id}) + people.holders("handler", {unit_id})


def _tell(who: Iterable[int], kind: str, task: Task, now: datetime) -> None:
    facts = {"no": f"T{task.id}", "title": task_queries.said_of(task)[:80], "level": ""}
    tell(who, kind, subject=f"task:{task.id}", key=f"{kind}:{task.id}:{task.version}", facts=facts, now=now)
