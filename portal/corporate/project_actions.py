"""Support projects: opened, changed, begun, paused, ended, bound to orders."""

from datetime import datetime

from portal.cases.submissions import made_by, note_made
from portal.corporate import rules
from portal.corporate.apply import record
from portal.corporate.models import GroupFile, Project
from portal.corporate.queries import colleague
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel.db import db


def open_project(
    actor: Actor, now: datetime, file: GroupFile, *, name: str, leader_id: int, goal: str = "", key: str = ""
) -> Project:
    """Opens a project for a group customer. By the form's key a second post finds the first one."""
    allow(actor, "project.edit", file)
    known = made_by(key)
    if known:
        return db.session.get_one(Project, known)
    event = rules.open_project(
        name=name, customer_id=file.customer_id, unit_id=file.unit_id, leader=colleague(leader_id), goal=goal
    )
    project = Project()
    record(project, event, by=actor, at=now)
    note_made(key, project.id, by=actor, at=now)
    return project


def change(actor: Actor, now: datetime, project: Project, *, name: str, leader_id: int, goal: str) -> None:
    """Changes name, responsible and aim."""
    allow(actor, "project.edit", project)
    record(project, rules.change_project(project, name=name, leader=colleague(leader_id), goal=goal), by=actor, at=now)


def move(actor: Actor, now: datetime, project: Project, *, state: str, reason: str) -> None:
    """Begins, pauses, resumes or ends the project."""
    allow(actor, "project.edit", project)
    record(project, rules.move_project(project, state, reason), by=actor, at=now)


def link_order(actor: Actor, now: datetime, project: Project, *, no: str) -> None:
    """Binds an order to the project, by its number."""
    allow(actor, "project.edit", project)
    record(project, rules.link_order(project, no), by=actor, at=now)


def unlink_order(actor: Actor, now: datetime, project: Project, *, no: str) -> None:
    """Takes an order away from the project."""
    allow(actor, "project.edit", project)
    record(project, rules.unlink_order(project, no), by=actor, at=now)
