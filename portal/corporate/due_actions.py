"""What is due of a customer or a project: planned, moved, done with its evidence, dropped."""

from datetime import date, datetime

from portal.attachments.taking import Taken
from portal.clocks import book
from portal.clocks.calendar import Calendar
from portal.corporate import due_rules, rules
from portal.corporate.apply import Owner, record
from portal.corporate.due_rules import AHEAD, Span
from portal.corporate.queries import colleague
from portal.identity.actor import Actor
from portal.identity.policy import allow

CALENDAR = "cn-business"  # working days before a day are counted on this one


def _calendar(now: datetime) -> Calendar:
    return book.in_force(now).calendars[CALENDAR]


def plan(
    actor: Actor, now: datetime, owner: Owner, *, kind: str, title: str, spans: list[Span], code: str = "",
    owner_id: int = 0, ahead: int = AHEAD,
) -> None:  # fmt: skip
    """Plans one thing or a series; without a name it is the account manager's or the project leader's."""
    allow(actor, owner.EDIT, owner)
    person = colleague(owner_id) if owner_id else owner.responsible
    event = due_rules.plan(
        owner, _calendar(now), kind=kind, title=title, spans=spans, person=person, code=code, ahead=ahead
    )
    record(owner, event, by=actor, at=now)


def move(actor: Actor, now: datetime, owner: Owner, n: int, *, day: date, reason: str) -> None:
    """Moves the day, with the reason; the worker reminds anew."""
    allow(actor, owner.EDIT, owner)
    record(owner, due_rules.move(owner, _calendar(now), n, day=day, reason=reason), by=actor, at=now)


def advance(actor: Actor, now: datetime, owner: Owner, n: int, *, phase: str, words: str) -> None:
    """Says how far an optimisation plan is."""
    allow(actor, owner.EDIT, owner)
    record(owner, due_rules.advance(owner, n, phase=phase, words=words), by=actor, at=now)


def finish(actor: Actor, now: datetime, owner: Owner, n: int, *, words: str = "", taken: Taken | None = None) -> None:
    """Ticks it, with a note or the document that shows it; the document goes into the dossier."""
    allow(actor, owner.EDIT, owner)
    found = due_rules.one_of(owner, n, "open")
    document = 0
    if taken:
        topic = "report" if found.kind == "report" else "other"
        title = " ".join(filter(None, (found.title, found.period)))
        filed = rules.file_document(owner, topic=topic, title=title, taken=taken)
        record(owner, filed, by=actor, at=now)
        document = filed.n
    record(owner, due_rules.finish(owner, n, words=words, document=document), by=actor, at=now)


def reopen(actor: Actor, now: datetime, owner: Owner, n: int, *, reason: str) -> None:
    """Takes a tick back."""
    allow(actor, owner.EDIT, owner)
    record(owner, due_rules.reopen(owner, n, reason), by=actor, at=now)


def drop(actor: Actor, now: datetime, owner: Owner, n: int, *, reason: str) -> None:
    """Says that it is not to be done any more."""
    allow(actor, owner.EDIT, owner)
    record(owner, due_rules.drop(owner, n, reason), by=actor, at=now)
