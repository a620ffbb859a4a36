"""Verifications as rows: asked for once, taken by one worker, told how far they are, kept with their result."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.journal import stream
from portal.journal.models import Check
from portal.journal.seals import TOPIC
from portal.kernel.db import db, read, write
from portal.kernel.feed import touch

STREAM = "proof"
SILENT = 120  # seconds without a sign of life after which another worker begins anew
KEPT = 50
OPEN = "SELECT id FROM journal_check WHERE ended_at IS NULL AND (worker = '' OR seen_at < :silent) ORDER BY id LIMIT 1"
ASKED = (
    "INSERT INTO journal_check(night, asked_by, asked_at, worker, seen_at, done, total, result)"
    " VALUES(:night, :by, :at, '', 0, 0, 0, '{}') ON CONFLICT DO NOTHING RETURNING id"
)
TAKEN = (
    "UPDATE journal_check SET worker = :me, seen_at = :now, done = 0 WHERE id = :id AND ended_at IS NULL"
    " AND (worker = '' OR seen_at < :silent) RETURNING id"
)
SEEN = (
    "UPDATE journal_check SET seen_at = :now, done = :done, total = :total WHERE id = :id AND worker = :me"
    " AND ended_at IS NULL RETURNING id"
)
ENDED = (
    "UPDATE journal_check SET ended_at = :now, seen_at = :now, code = :code, result = :result, done = :done,"
    " total = :total WHERE id = :id AND worker = :me AND ended_at IS NULL RETURNING id"
)


def running() -> Check | None:
    """The verification that is waited for or under way."""
    return db.session.scalar(select(Check).where(Check.ended_at.is_(None)).order_by(Check.id).limit(1))


def finished(most: int = KEPT) -> list[Check]:
    """Those that have ended, newest first."""
    return list(
        db.session.scalars(select(Check).where(Check.ended_at.is_not(None)).order_by(Check.id.desc()).limit(most))
    )


def ask(by_id: int, at: datetime, night: str | None = None) -> None:
    """Asks for a verification; one that is waited for already serves. Inside transaction()."""
    if night is None and running():
        return
    write(ASKED, {"night": night, "by": by_id, "at": int(at.timestamp())})
    touch(TOPIC, 0)


def waiting(now: int) -> int | None:
    """One that no worker is at, by one look at an index; epoch seconds."""
    found = read(OPEN, {"silent": now - SILENT})
    return found[0][0] if found else None


def take(check_id: int, me: str, now: int) -> bool:
    """Takes it for one worker; False when another was quicker. Inside transaction()."""
    return bool(write(TAKEN, {"id": check_id, "me": me, "now": now, "silent": now - SILENT}))


def seen(check_id: int, me: str, now: int, done: int, total: int) -> bool:
    """Says how far it is; False when another worker has it now. Inside transaction()."""
    return bool(write(SEEN, {"id": check_id, "me": me, "now": now, "done": done, "total": total}))


def end(check_id: int, me: str, now: datetime, facts: dict[str, Any]) -> bool:
    """Keeps the result, as a row and as an entry of the journal `proof`. Inside transaction()."""
    values = {
        "id": check_id, "me": me, "now": int(now.timestamp()), "code": facts["code"], "result": json.dumps(facts),
        "done": facts.get("entries", 0), "total": facts.get("total", 0),
    }  # fmt: skip
    if not write(ENDED, values):
        return False
    touch(TOPIC, check_id)
    stream.append(STREAM, "Verified", {"check": check_id} | facts, by_id=0, at=now)
    return True
