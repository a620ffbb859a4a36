"""What working together hooks into: the tasks of a case follow its journal; what a leaver still holds."""

from flask import Flask

from portal.cases.record import follow
from portal.cases.team_events import (
    TaskChased,
    TaskFinished,
    TaskGiven,
    TaskHanded,
    TaskReopened,
    TaskReported,
    TaskReturned,
)
from portal.collaboration import following, guarding, task_apply
from portal.collaboration.leaving_actions import TASKS, UNIT_CASES, WORK
from portal.identity import leaving


def wire(app: Flask) -> None:
    """Keeps the list of tasks in step with the cases, and answers what somebody who leaves still holds."""
    for work in (WORK, TASKS):
        leaving.hook(work)
    leaving.hook_unit(UNIT_CASES)
    for event in (TaskGiven, TaskReported, TaskFinished, TaskReturned, TaskReopened, TaskChased, TaskHanded):
        follow(event.__name__, task_apply.follow)
    follow("Restricted", guarding.cover)
    for ending in following.ENDINGS:
        follow(ending, task_apply.drop)
    for event_kind in (*following.ENDINGS, *following.ROUNDS):
        follow(event_kind, following.tell_followers)
