"""Opening and mending customer files."""

from datetime import datetime

from portal.directory import queries
from portal.directory.models import Customer
from portal.directory.queries import Known
from portal.directory.rules import digits
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel.db import db


def recognise(
    actor: Actor, now: datetime, *, name: str, identity: str, category: str = "person", prefers: str = "phone"
) -> Known:
    """The customer known by this telephone, number or address; a new file when there is none."""
    allow(actor, "case.log")
    found = queries.known(identity)
    if found:
        if name and found.name != name and found.name == found.number:
            queries.customer(found.id).name = name
            return found._replace(name=name)
        return found
    text, phone = identity.strip(), digits(identity)
    new = Customer(name=name or text, category=category, prefers=prefers, created_at=now)
    if "@" in text:
        new.email = text.lower()
    elif len(phone) >= 7 and len(phone) >= len(text) - 6:
        new.phone = phone
    else:
        new.number = text
    db.session.add(new)
    db.session.flush()
    return Known(new.id, new.name, new.number or "")
