"""Asking for a package of records, and a second person's word about it; both stand in the journal `export`."""

from datetime import datetime

from portal.archive import counts, package_rules
from portal.archive.forms import Asked
from portal.archive.models import ExportPackage
from portal.archive.packages import by_key
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.journal import stream
from portal.kernel.db import db
from portal.kernel.i18n import locale

STREAM = "export"


def ask(actor: Actor, now: datetime, wanted: Asked, purpose: str, key: str) -> ExportPackage:
    """Asks for the hits of a search as a package. By the form's key a second post finds the first one."""
    allow(actor, "archive.export")
    known = by_key(key)
    if known:
        return known
    found = counts.counts(wanted.search(actor, "archive.export"))
    state = package_rules.asked(found.total, purpose)
    row = ExportPackage(
        key=key, person_id=actor.id, query=wanted.q, purpose=purpose.strip()[:300], count=found.total, state=state,
        locale=locale(), asked_at=now, worker="", seen_at=0, done=0, sha256="", manifest="", size=0, words="",
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    facts = {"package": row.id, "query": row.query, "purpose": row.purpose, "count": row.count, "state": state}
    stream.append(STREAM, "PackageAsked", facts, by_id=actor.id, at=now)
    return row


def decide(actor: Actor, now: datetime, row: ExportPackage, *, agreed: bool, words: str) -> None:
    """A second person agrees, or refuses with a reason."""
    allow(actor, "archive.release")
    row.state = package_rules.decided(row, actor.id, agreed, words)
    row.decided_by, row.decided_at, row.words = actor.id, now, words.strip()[:300]
    if row.state == "refused":
        row.ended_at = now
    facts = {"package": row.id, "agreed": agreed, "words": row.words}
    stream.append(STREAM, "PackageDecided", facts, by_id=actor.id, at=now)
