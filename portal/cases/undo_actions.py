"""Taking back what was just done: a compensating event, never a change of the journal (DK5)."""

from datetime import datetime

from portal.cases import undo_rules
from portal.cases.models import Case
from portal.cases.record import record
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.journal import stream
from portal.notices.tell import tell


def undo(actor: Actor, now: datetime, case: Case, ended: datetime | None = None) -> None:
    """Takes the actor's last entry back; who had been given the case is told. Raises Refused.

    `ended`: when the act on many cases ended to which the entry belongs.
    """
    allow(actor, "case.view", case)
    given = case.owner_id
    event = undo_rules.undo(case, stream.read(case.stream), actor.id, now, ended)
    record(case, event, by=actor, at=now)
    if event.kind == "Assigned" and given and given != actor.id:
        facts, key = {"no": case.no, "title": case.title, "level": case.level_now}, f"undone:{case.id}:{case.version}"
        tell([given], "undone", subject=case.stream, key=key, facts=facts, now=now)
