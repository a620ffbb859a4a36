"""What the page of proof shows, and asking for a verification (AR3)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.journal import anchors, checks, seals
from portal.journal.models import Check
from portal.kernel.db import read

SHOWN = 14
NUMBER = "SELECT no FROM cases WHERE id = :id"


@dataclass(frozen=True)
class Named:
    """A fault as people read it: what, the case's number or the journal's name, entry, seal."""

    what: str
    where: str
    entry: int
    seal: int


def ask(actor: Actor, now: datetime) -> None:
    """Asks for a verification; the worker does it. One that is under way serves everybody who asks."""
    allow(actor, "archive.verify")
    checks.ask(actor.id, now)


def last(actor: Actor) -> Check | None:
    """The last verification that ended."""
    allow(actor, "archive.verify")
    found = checks.finished(1)
    return found[0] if found else None


def page(actor: Actor, number: int = 0) -> dict[str, Any]:
    """Everything the page shows: the one under way, those that ended, the seal of a number or the newest, who asked."""
    allow(actor, "archive.verify")
    ended = checks.finished(SHOWN)
    found = [one for one in seals.seals(number - 1, 1) if one.id == number] if number > 0 else [seals.newest()]
    seal = found[0] if found and found[0].id else None
    return {
        "running": checks.running(), "checks": ended, "last": ended[0] if ended else None, "names": people.names(),
        "faults": [_named(fault) for fault in ended[0].result.get("faults", ())] if ended else [],
        "seal": seal, "short": anchors.short(seal) if seal else "", "number": number,
    }  # fmt: skip


def _named(fault: dict[str, Any]) -> Named:
    """A fault; a case's journal is called by the case's number."""
    room, _, number = str(fault["stream"]).partition(":")
    found = read(NUMBER, {"id": int(number)}) if room == "case" and number.isdigit() else []
    return Named(fault["what"], found[0][0] if found else fault["stream"], fault["entry"], fault["seal"])
