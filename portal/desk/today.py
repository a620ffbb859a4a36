"""Today: what a person has agreed to do and when, who waits for an answer, what came back; one list by time (DK1)."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.cases.models import Case
from portal.clocks.models import Clock
from portal.collaboration import queries
from portal.desk.handover import UNANSWERED
from portal.identity.actor import Actor
from portal.identity.models import Person
from portal.identity.policy import may
from portal.incidents import plans
from portal.incidents.models import Incident, IncidentTask
from portal.kernel.db import db
from portal.kernel.i18n import local, locale
from portal.kernel.instants import epoch

MOST = 40


class Item(NamedTuple):
    """One line of the day; `at` is the instant it is for (a reply: since when the customer waits), epoch seconds."""

    at: int
    what: str  # callback, again, promise, reply, returned, message, task
    url: str
    no: str
    title: str
    late: bool
    way: str = ""  # a message after the end: the deed that brings the matter back, reopen or follow_up


def items(actor: Actor, now: datetime) -> list[Item]:
    """Everything of this person's day up to midnight, and what is past and still open, by time."""
    night = local(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    found: list[Item] = []
    if may(actor, "queue.view"):
        found = [
            *_promised(actor, now, night),
            *_again(actor, now, night),
            *_replies(actor),
            *_returned(actor),
            *_messages(actor, now),
        ]
    if may(actor, "incident.view"):
        found += _tasks(actor, now, night)
    return sorted(found)[:MOST]


def _item(case: Case, what: str, at: datetime, now: datetime | None = None) -> Item:
    late = now is not None and at < now
    return Item(epoch(at), what, f"/cases/{case.no}", case.no, case.title, late)


def _promised(actor: Actor, now: datetime, night: datetime) -> list[Item]:
    """Call-backs agreed with customers and new times agreed for results, of the cases this person holds."""
    agreed = Clock.agreed_at.is_not(None) & (Clock.agreed_at < night)
    spoken = (Clock.kind == "promise") & (Clock.due_at < night)
    query = select(Case, Clock).join(Clock, Clock.case_id == Case.id)
    rows = db.session.execute(
        query.where(
            Case.owner_id == actor.id, Case.open, Clock.outcome == "running", Clock.paused_at.is_(None), agreed | spoken
        ).limit(MOST)
    )
    return [
        _item(case, "callback" if row.kind == "promise" else "promise", row.effective_due, now) for case, row in rows
    ]


def _again(actor: Actor, now: datetime, night: datetime) -> list[Item]:
    """Customers who were not reached and are called again, of the cases this person holds or took in unheld."""
    mine = (Case.owner_id == actor.id) | (Case.owner_id.is_(None) & (Case.agent_id == actor.id))
    query = select(Case).where(Case.call_again_at < night, Case.open, mine).limit(MOST)
    return [_item(c, "again", c.call_again_at, now) for c in db.session.scalars(query) if c.call_again_at]


def _replies(actor: Actor) -> list[Item]:
    """Customers who have spoken last and wait for this person."""
    query = select(Case).where(Case.owner_id == actor.id, Case.open, UNANSWERED).limit(MOST)
    return [_item(case, "reply", case.inward_at) for case in db.session.scalars(query) if case.inward_at]


def _returned(actor: Actor) -> list[Item]:
    """Cases that another department handed back: to the agent who took them in, and to the head of the department."""
    back = (Case.returns > 0) & Case.handed_by.is_(None) & Case.owner_id.is_(None)
    mine = Case.agent_id == actor.id
    if actor.has("head", "supervisor"):
        mine |= Case.unit_id.in_(actor.unit_ids)
    query = select(Case).where(Case.open, back, Case.unit_id.in_(actor.unit_ids), mine).limit(MOST)
    return [_item(case, "returned", case.entry_at) for case in db.session.scalars(query)]


def _messages(actor: Actor, now: datetime) -> list[Item]:
    """What customers wrote after the end: to who took the case in and who held it last, for a leaver to the head."""
    mine = (Case.owner_id == actor.id) | (Case.agent_id == actor.id)
    if actor.has("head"):
        stays = Case.owner_id.in_(select(Person.id).where(Person.active))
        led = [unit for role, unit in actor.roles if role == "head" and unit]
        mine |= Case.unit_id.in_(led) & Case.owner_id.is_not(None) & ~stays
    query = select(Case).where(Case.messages.is_not(None), Case.state == "closed", mine).limit(MOST)
    return [_message(actor, case, now) for case in db.session.scalars(query)]


def _message(actor: Actor, case: Case, now: datetime) -> Item:
    item = _item(case, "message", queries.first_message(case))
    if not may(actor, "case.triage", case):
        return item
    return item._replace(way="reopen" if queries.reopens(case, now) else "follow_up")


def _words(incident: Incident, task: IncidentTask) -> str:
    """What the task is, then where it belongs."""
    return f"{plans.words(incident.plan_version, task.code, task.title, locale())} · {incident.title}"


def _tasks(actor: Actor, now: datetime, night: datetime) -> list[Item]:
    """Tasks in running incidents."""
    query = select(Incident, IncidentTask).join(IncidentTask, IncidentTask.incident_id == Incident.id)
    mine = (IncidentTask.owner_id == actor.id) & IncidentTask.done_at.is_(None) & (Incident.state == "active")
    rows: Any = db.session.execute(query.where(mine, IncidentTask.due_at < night).limit(MOST))
    return [
        Item(
            epoch(task.due_at),
            "task",
            f"/incidents/{incident.no}",
            incident.no,
            _words(incident, task),
            task.due_at < now,
        )
        for incident, task in rows
    ]
