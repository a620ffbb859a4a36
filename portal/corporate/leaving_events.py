"""What is a leaver's in a group customer's file or a project becomes a colleague's: the fact and what it changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class HandedOn:
    """移交: `lead` the file or project itself, `dues` and `contacts` (our side) by their numbers."""

    from_id: int
    instead_of: str
    person_id: int
    person: str
    unit_id: int
    lead: bool
    dues: tuple[int, ...]
    contacts: tuple[int, ...]


def handed_on(owner: Any, event: HandedOn, at: datetime, by: int) -> None:
    """The colleague stands wherever the leaver stood."""
    if event.lead:
        role = "manager" if hasattr(owner, "manager_id") else "leader"
        setattr(owner, f"{role}_id", event.person_id)
        setattr(owner, role, event.person)
        setattr(owner, f"{role}_unit", event.unit_id)
    for due in owner.dues:
        if due.n in event.dues:
            due.owner_id, due.owner, due.owner_unit = event.person_id, event.person, event.unit_id
    for contact in getattr(owner, "contacts", ()):
        if contact.n in event.contacts:
            contact.person_id, contact.name, contact.unit_id = event.person_id, event.person, event.unit_id
