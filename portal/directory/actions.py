"""Opening and mending customer files."""

from datetime import datetime

from portal.directory import events as e
from portal.directory import lists, queries, rules
from portal.directory.apply import record
from portal.directory.models import Customer
from portal.directory.queries import Known
from portal.identity.actor import Actor
from portal.identity.policy import allow


def recognise(
    actor: Actor, now: datetime, *, name: str, identity: str, category: str = "person", prefers: str = "phone"
) -> Known:
    """The customer known by this telephone, number or address; a new file when there is none."""
    allow(actor, "case.log")
    found = queries.known(identity)
    if found:
        if name and found.name != name and found.name == found.number:
            file = queries.customer(found.id)
            record(file, rules.change(file, name=name, prefers=file.prefers, prefers_time=file.prefers_time),
                   by=actor, at=now)  # fmt: skip
            return found._replace(name=name)
        return found
    text = identity.strip()
    new = Customer()
    record(new, e.FileOpened(name or text, category, prefers, rules.kind_of(text), text), by=actor, at=now)
    return Known(new.id, new.name, new.number or "")


def change(actor: Actor, now: datetime, file: Customer, *, name: str, prefers: str, prefers_time: str) -> None:
    """Mends name, preferred means and time; what stood there before stays in the journal."""
    allow(actor, "customer.edit")
    record(file, rules.change(file, name=name, prefers=prefers, prefers_time=prefers_time), by=actor, at=now)


def add_contact(actor: Actor, now: datetime, file: Customer, *, kind: str, value: str, note: str = "") -> None:
    """Another number, address, name or document."""
    allow(actor, "customer.edit")
    record(file, rules.add_contact(file, kind=kind, value=value, note=note), by=actor, at=now)


def drop_contact(actor: Actor, now: datetime, file: Customer, *, contact_id: int, reason: str) -> None:
    """Takes an identity away, with the reason."""
    allow(actor, "customer.edit")
    record(file, rules.drop_contact(file, contact_id=contact_id, reason=reason), by=actor, at=now)


def write_note(actor: Actor, now: datetime, file: Customer, *, text: str) -> None:
    """A note about the customer."""
    allow(actor, "customer.edit")
    rules.standing(file)
    record(file, e.NoteWritten(rules.say(text, "text")), by=actor, at=now)


def set_class(actor: Actor, now: datetime, file: Customer, *, category: str, reason: str) -> None:
    """Sets the class (VIP and others), by whom and why."""
    allow(actor, "customer.class")
    known = {code for code, one in lists.items("class").items() if one.active}
    record(file, rules.set_class(file, category=category, reason=reason, known=known), by=actor, at=now)


def propose_mark(actor: Actor, now: datetime, file: Customer, *, reason: str, until: datetime | None) -> None:
    """Asks for a nuisance mark; it waits on the customers' page of those who decide."""
    allow(actor, "customer.edit")
    record(file, rules.propose_mark(file, now, reason=reason, until=until), by=actor, at=now)


def decide_mark(actor: Actor, now: datetime, file: Customer, *, approved: bool, words: str) -> None:
    """A supervisor who did not ask for it approves or refuses the mark."""
    allow(actor, "customer.approve")
    record(file, rules.decide_mark(file, by=actor.id, approved=approved, words=words), by=actor, at=now)


def lift_mark(actor: Actor, now: datetime, file: Customer, *, reason: str) -> None:
    """Takes the mark away before its day."""
    allow(actor, "customer.approve")
    record(file, rules.lift_mark(file, reason=reason), by=actor, at=now)
