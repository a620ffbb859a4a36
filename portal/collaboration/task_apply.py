"""The only code that assigns a task's fields: its events, in a case's journal or in one of its own."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from portal.cases import team_events as t
from portal.cases.models import Case
from portal.collaboration.models import Task
from portal.identity.actor import Actor
from portal.kernel import feed
from portal.kernel.db import db

ENDS = {t.TaskFinished: "done", t.TaskReturned: "returned"}


def make(event: t.TaskGiven, case_id: int | None, by: int, at: datetime) -> Task:
    """The task that was given."""
    task = Task(case_id=case_id, n=event.n, kind=event.kind, text=event.text, unit_id=event.unit_id, unit=event.unit)
    task.person_id, task.person, task.by_id = event.person_id, event.person, by
    task.state, task.given_at, task.due_at = "open", at, datetime.fromtimestamp(event.due, UTC)
    task.words, task.chases, task.version = "", 0, 0
    db.session.add(task)
    db.session.flush()
    feed.touch("tasks", 0)
    return task


def change(task: Task, event: Any, by: int, at: datetime) -> None:
    """Lets one event change the task."""
    kind = type(event)
    task.version += 1
    feed.touch("tasks", 0)
    if kind in ENDS:
        task.state, task.ended_at, task.ended_by = ENDS[kind], at, by
        task.words = event.evidence if kind is t.TaskFinished else event.words
    elif kind is t.TaskReopened:
        task.state, task.ended_at, task.ended_by, task.told_at = "open", None, None, None
        task.words, task.due_at = event.words, datetime.fromtimestamp(event.due, UTC)
    elif kind is t.TaskReported:
        task.words = event.words
    elif kind is t.TaskHanded:
        task.person_id, task.person = event.person_id, event.person
    elif kind is t.TaskChased:
        task.chases += 1


def follow(case: Case, event: Any, by: Actor, at: datetime) -> None:
    """Follows the events of a case's tasks in the same transaction."""
    if isinstance(event, t.TaskGiven):
        make(event, case.id, by.id, at)
        return
    change(task_of(case.id, event.n), event, by.id, at)


def drop(case: Case, event: Any, by: Actor, at: datetime) -> None:
    """A case that ends takes its open tasks with it."""
    for task in db.session.scalars(select(Task).where(Task.case_id == case.id, Task.state == "open")):
        task.state, task.ended_at, task.ended_by = "dropped", at, by.id


def task_of(case_id: int, n: int) -> Task:
    """A case's task by its number."""
    return db.session.scalars(select(Task).where(Task.case_id == case_id, Task.n == n)).one()
