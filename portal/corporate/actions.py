"""Keeping a group customer's file: facts, services, contacts, documents."""

from datetime import datetime
from typing import Any, NamedTuple

from portal.attachments.taking import Taken
from portal.corporate import events as e
from portal.corporate import rules
from portal.corporate.apply import Owner, record
from portal.corporate.models import GroupFile
from portal.corporate.queries import colleague
from portal.directory.models import Customer
from portal.directory.rules import standing
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel.db import db
from portal.kernel.errors import Refused


class Within(NamedTuple):
    """A department as a subject of policy."""

    unit_ids: frozenset[int]


def open_file(
    actor: Actor, now: datetime, customer: Customer, *, unit_id: int, manager_id: int, **typed: Any
) -> GroupFile:
    """Makes a customer a group customer, with the basic facts. Raises Refused when it is one already."""
    allow(actor, "corporate.edit", Within(frozenset((unit_id,))))
    standing(customer)
    if db.session.get(GroupFile, customer.id):
        raise Refused("group_known")
    event = rules.open_file(customer.category, unit_id=unit_id, manager=colleague(manager_id), **typed)
    file = GroupFile(customer_id=customer.id)
    record(file, event, by=actor, at=now)
    return file


def change(actor: Actor, now: datetime, file: GroupFile, *, manager_id: int, **typed: Any) -> None:
    """Changes the basic facts; the department in charge stays."""
    allow(actor, "corporate.edit", file)
    event = rules.change(file, unit_id=file.unit_id, manager=colleague(manager_id), **typed)
    record(file, event, by=actor, at=now)


def set_service(actor: Actor, now: datetime, file: GroupFile, n: int = 0, **typed: str) -> None:
    """Adds a service (`n` 0) or changes one."""
    allow(actor, "corporate.edit", file)
    record(file, rules.set_service(file, n, **typed), by=actor, at=now)


def name_contact(actor: Actor, now: datetime, file: GroupFile, *, person_id: int = 0, **typed: str) -> None:
    """Names somebody to speak with, on the customer's side or ours."""
    allow(actor, "corporate.edit", file)
    record(file, rules.name_contact(file, person=colleague(person_id), **typed), by=actor, at=now)


def let_go(actor: Actor, now: datetime, file: GroupFile, n: int, *, reason: str) -> None:
    """Takes a contact out of the file."""
    allow(actor, "corporate.edit", file)
    record(file, rules.let_go(file, n, reason), by=actor, at=now)


def file_document(actor: Actor, now: datetime, owner: Owner, taken: Taken | None, *, topic: str, title: str) -> int:
    """Puts a document into a dossier; returns its number there."""
    allow(actor, owner.EDIT, owner)
    event: e.DocumentFiled = rules.file_document(owner, topic=topic, title=title, taken=taken)
    record(owner, event, by=actor, at=now)
    return event.n


def withdraw_document(actor: Actor, now: datetime, owner: Owner, n: int, *, reason: str) -> None:
    """Takes a document out of a dossier; the journal keeps what it was."""
    allow(actor, owner.EDIT, owner)
    record(owner, rules.withdraw_document(owner, n, reason), by=actor, at=now)
