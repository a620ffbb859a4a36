"""Reading tasks: of a case, of a person, of departments, and those somebody ordered."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, func, or_, select

from portal.cases.guard import SHUT
from portal.cases.models import Case
from portal.collaboration.models import Task
from portal.identity.actor import Actor
from portal.identity.policy import may, scope
from portal.kernel.db import db, read
from portal.kernel.errors import Missing, Stale

MOST = 200
BATCH = 100
WAITING = (
    "SELECT count(*), count(*) FILTER (WHERE due_at < :now) FROM task WHERE state = 'open'"
    " AND (person_id = :me OR (person_id IS NULL AND unit_id IN ({units})))"
)  # the condition of `_mine`, for the driver


def of_case(case_id: int) -> list[Task]:
    """A case's tasks, the open ones first, then by due time."""
    found = db.session.scalars(select(Task).where(Task.case_id == case_id).order_by(Task.due_at, Task.id))
    return sorted(found, key=lambda task: task.state != "open")


def waiting_for(actor: Actor, most: int) -> list[Task]:
    """Open tasks of this person: by name, and those of the own departments that name nobody."""
    mine = select(Task).where(_mine(actor), Task.state == "open").order_by(Task.due_at).limit(most)
    return covered(actor, db.session.scalars(mine))


def _mine(actor: Actor) -> ColumnElement[bool]:
    return or_(Task.person_id == actor.id, Task.person_id.is_(None) & Task.unit_id.in_(_units(actor)))


def _units(actor: Actor) -> list[int]:
    """The departments whose tasks without a name are this person's too."""
    return sorted({unit for role, unit in actor.roles if role in ("handler", "head", "agent") and unit})


def tasks(actor: Actor, show: str, unit_id: int | None = None) -> list[Task]:
    """The newest tasks of a list: mine, unit, given (by me), ended; only what this person may see."""
    here = _shown(actor, show, unit_id)
    order = Task.ended_at.desc() if show == "ended" else Task.due_at
    return covered(actor, db.session.scalars(select(Task).where(*here).order_by(order, Task.id).limit(MOST)))


class Shut:
    """A task of a restricted case as a list shows it to others than its readers: when, for whom, and the number."""

    shut, text, words = True, SHUT, ""

    def __init__(self, task: Task) -> None:
        self._task = task

    def __getattr__(self, name: str) -> Any:
        return getattr(self._task, name)


def covered(actor: Actor, found: Iterable[Task]) -> list[Task]:
    """The tasks of a list as this person may read them: those of restricted cases say nothing (AR6)."""
    tasks = list(found)
    ids = {task.case_id for task in tasks if task.case_id}
    query = select(Case.id, Case.restricted).where(Case.id.in_(ids), Case.restricted.is_not(None))
    shut = {row[0] for row in db.session.execute(query) if actor.id not in row[1]["readers"]} if ids else set()
    return [cast(Task, Shut(task)) if task.case_id in shut else task for task in tasks]


def said_of(task: Task) -> str:
    """What notices say of a task: nothing where its case is restricted."""
    case = db.session.get(Case, task.case_id) if task.case_id else None
    return SHUT if case and case.restricted else task.text


def counts(actor: Actor, shows: Iterable[str], unit_id: int | None = None) -> dict[str, int]:
    """How many tasks stand on each list."""
    return {
        show: db.session.scalar(select(func.count()).select_from(Task).where(*_shown(actor, show, unit_id))) or 0
        for show in shows
    }


def late(actor: Actor, now: datetime) -> tuple[int, int]:
    """How many open tasks wait for this person, and how many of them are late; every page's navigation asks."""
    units = ", ".join(map(str, _units(actor))) or "NULL"
    values = {"now": int(now.timestamp()), "me": actor.id}
    number, late_ones = read(WAITING.format(units=units), values)[0]
    return number, late_ones


def _shown(actor: Actor, show: str, unit_id: int | None) -> list[ColumnElement[bool]]:
    if show == "mine":
        return [_mine(actor), Task.state == "open"]
    if show == "given":
        return [Task.by_id == actor.id, Task.state == "open"]
    seen = _visible(actor) if unit_id is None else [Task.unit_id == unit_id, *_visible(actor)]
    return [*seen, Task.state == "open" if show == "unit" else Task.state != "open"]


def _visible(actor: Actor) -> list[ColumnElement[bool]]:
    """Tasks of the departments whose queues this person sees, or that are the person's own."""
    units = scope(actor, "queue.view")
    if units is None or (may(actor, "task.order") and actor.has("management", "commander")):
        return []
    return [or_(Task.unit_id.in_(units), Task.person_id == actor.id, Task.by_id == actor.id)]


def numbers(tasks: Iterable[Task]) -> dict[int, tuple[str, str]]:
    """Number and title of the cases that tasks belong to, by the case's id."""
    ids = {task.case_id for task in tasks if task.case_id}
    rows = db.session.execute(select(Case.id, Case.no, Case.title).where(Case.id.in_(ids))) if ids else ()
    return {row[0]: (row[1], row[2]) for row in rows}


def overdue(now: datetime) -> list[Task]:
    """Open tasks whose time has run out and of which nobody has been told."""
    late = select(Task).where(Task.state == "open", Task.due_at < now, Task.told_at.is_(None))
    return list(db.session.scalars(late.order_by(Task.due_at, Task.id).limit(BATCH)))


def task_by_id(task_id: int) -> Task:
    """The task. Raises Missing."""
    task = db.session.get(Task, task_id)
    if task is None:
        raise Missing("no_task_here")
    return task


def task_for(actor: Actor, task_id: int) -> Task:
    """The task, if this person may see it: those it concerns, and who may see its case. Raises Missing alike.

    A task of a restricted case is its readers' alone (AR6).
    """
    task = task_by_id(task_id)
    case = db.session.get(Case, task.case_id) if task.case_id else None
    seen = may(actor, "case.view", case) if case else may(actor, "task.order") or task.unit_id in actor.unit_ids
    named = actor.id in (task.by_id, task.person_id) and not (case and case.restricted)
    if not (seen or named):
        raise Missing("no_task_here")
    return task


def task_to_change(actor: Actor, task_id: int, seen: int) -> Task:
    """The task, locked for this transaction. Raises Stale when it changed since the version the person saw."""
    task = task_for(actor, task_id)
    locked = db.session.get_one(Task, task.id, with_for_update=True, populate_existing=True)
    if seen != locked.version:
        raise Stale("task_changed", seen=seen)
    return locked
