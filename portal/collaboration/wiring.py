"""What working together hooks into: the tasks of a case follow its journal; what a leaver still holds."""

from flask import Flask

from portal.cases.record import follow
from portal.cases.team_events import TaskChased, TaskFinished, TaskGiven, TaskReopened, TaskReported, TaskReturned
from portal.collaboration import task_apply
from portal.collaboration.leaving_actions import WORK
from portal.collaboration.queries import open_cases_of
from portal.identity import leaving


def wire(app: Flask) -> None:
    """Keeps the list of tasks in step with the cases, and answers what somebody who leaves still holds."""
    leaving.hook(WORK)
    leaving.hook_unit(open_cases_of)
    for event in (TaskGiven, TaskReported, TaskFinished, TaskReturned, TaskReopened, TaskChased):
        follow(event.__name__, task_apply.follow)
    for ending in ("Closed", "Voided", "Merged"):
        follow(ending, task_apply.drop)
