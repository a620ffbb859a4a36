"""What somebody who leaves holds of group customers: files, projects, what is due, and handing all of it on (DK3)."""

from datetime import datetime

from sqlalchemy import or_, select

from portal.corporate.apply import Owner, record
from portal.corporate.leaving_events import HandedOn
from portal.corporate.models import Contact, Due, GroupFile, Project
from portal.corporate.queries import colleague
from portal.identity.actor import Actor
from portal.identity.leaving import Work
from portal.identity.models import Person
from portal.identity.policy import allow
from portal.kernel.db import db
from portal.notices.tell import tell


def _owners(person_id: int) -> list[Owner]:
    """Files and projects in which this person has something."""
    dues = select(Due.customer_id, Due.project_id).where(Due.owner_id == person_id, Due.state == "open")
    rows = db.session.execute(dues).all()
    named = select(Contact.customer_id).where(Contact.person_id == person_id)
    files = select(GroupFile).where(
        or_(GroupFile.manager_id == person_id, GroupFile.customer_id.in_({row[0] for row in rows if row[0]}),
            GroupFile.customer_id.in_(named))
    )  # fmt: skip
    led = (Project.leader_id == person_id) & (Project.state != "ended")
    projects = select(Project).where(or_(led, Project.id.in_({row[1] for row in rows if row[1]})))
    found: list[Owner] = [*db.session.scalars(files.order_by(GroupFile.customer_id))]
    return [*found, *db.session.scalars(projects.order_by(Project.id))]


def _of(owner: Owner, person_id: int) -> tuple[bool, tuple[int, ...], tuple[int, ...]]:
    """(whether it is the person's, numbers of open dues, numbers of contacts)."""
    lead = owner.responsible[0] == person_id and not (isinstance(owner, Project) and owner.state == "ended")
    dues = tuple(due.n for due in owner.dues if due.owner_id == person_id and due.state == "open")
    contacts = owner.contacts if isinstance(owner, GroupFile) else []
    return lead, dues, tuple(one.n for one in contacts if one.person_id == person_id)


def hand_on(actor: Actor, now: datetime, person: Person, to_id: int) -> int:
    """Files, projects, named contacts and what is due of a person become a colleague's, who hears of it; how many."""
    allow(actor, "people.manage")
    to, name, unit_id = colleague(to_id)
    count = 0
    for owner in _owners(person.id):
        lead, dues, contacts = _of(owner, person.id)
        record(owner, HandedOn(person.id, person.name, to, name, unit_id, lead, dues, contacts), by=actor, at=now)
        count += lead + len(dues) + len(contacts)
    if count:
        facts, key = {"title": f"{person.name} · {count}"}, f"leaver_files:{person.id}:{int(now.timestamp())}"
        tell([to], "leaver_files", subject=f"person:{person.id}", key=key, facts=facts, now=now)
    return count


def _count(person_id: int) -> int:
    found = [_of(owner, person_id) for owner in _owners(person_id)]
    return sum(lead + len(dues) + len(contacts) for lead, dues, contacts in found)


WORK = Work("corporate", _count, None, hand_on)
