"""Appending to a subject's stream, reading it back, and checking that its chain holds."""

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from portal.journal.models import Body, Entry, Stream
from portal.kernel.db import db

FORMAT = 1
EMPTY = bytes(32)


@dataclass(frozen=True)
class Line:
    """An entry as readers see it."""

    id: int
    n: int
    at: datetime
    occurred_at: datetime | None
    by_id: int
    kind: str
    facts: dict[str, Any]


def canonical(value: Any) -> bytes:
    """The one spelling of a JSON value that is hashed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def commitment(salt: bytes, facts: dict[str, Any]) -> bytes:
    """SHA-256 over a salted body; the salt keeps short bodies such as telephone numbers from being guessed."""
    return hashlib.sha256(b"\x02" + salt + canonical(facts)).digest()


def chained(entry: Entry) -> bytes:
    """SHA-256 over an entry's header, its format number first."""
    header = [
        FORMAT,
        entry.stream,
        entry.n,
        int(entry.at.timestamp()),
        int(entry.occurred_at.timestamp()) if entry.occurred_at else None,
        entry.by_id,
        entry.kind,
        entry.commitment.hex(),
        entry.prev.hex(),
    ]
    return hashlib.sha256(b"\x00" + canonical(header)).digest()


def append(
    stream: str,
    kind: str,
    facts: dict[str, Any],
    *,
    by_id: int,
    at: datetime,
    occurred_at: datetime | None = None,
) -> int:
    """Adds an entry at the end of a stream and returns its number there. Raises Stale when two writers met."""
    session = db.session
    session.execute(
        text("INSERT INTO journal_stream(stream, n, head) VALUES(:s, 0, :h) ON CONFLICT DO NOTHING"),
        {"s": stream, "h": EMPTY},
    )
    head = session.get_one(Stream, stream, with_for_update=True, populate_existing=True)
    salt = secrets.token_bytes(16)
    entry = Entry(
        stream=stream,
        n=head.n + 1,
        at=at,
        occurred_at=occurred_at,
        by_id=by_id,
        kind=kind,
        commitment=commitment(salt, facts),
        prev=head.head,
    )
    entry.hash = chained(entry)
    session.add(entry)
    session.flush()
    session.add(Body(journal_id=entry.id, salt=salt, facts=facts))
    head.n, head.head = entry.n, entry.hash
    session.flush()
    return entry.n


def read(stream: str, *, newest_first: bool = False, limit: int | None = None) -> list[Line]:
    """The entries of a stream in order, with what they say (an erased body reads as empty)."""
    order = Entry.n.desc() if newest_first else Entry.n
    query = (
        select(Entry.id, Entry.n, Entry.at, Entry.occurred_at, Entry.by_id, Entry.kind, Body.facts)
        .join(Body, Body.journal_id == Entry.id, isouter=True)
        .where(Entry.stream == stream)
        .order_by(order)
        .limit(limit)
    )
    return [Line(r[0], r[1], r[2], r[3], r[4], r[5], r[6] or {}) for r in db.session.execute(query)]


def faults(streams: Iterable[str]) -> list[tuple[str, int, str]]:
    """Where the chains of these streams do not hold: (stream, n, what)."""
    found = []
    for stream in streams:
        previous, number = EMPTY, 0
        for entry, body in db.session.execute(
            select(Entry, Body)
            .join(Body, Body.journal_id == Entry.id, isouter=True)
            .where(Entry.stream == stream)
            .order_by(Entry.n)
        ):
            number += 1
            if entry.n != number or entry.prev != previous or entry.hash != chained(entry):
                found.append((stream, entry.n, "chain"))
            elif body and entry.commitment != commitment(body.salt, body.facts):
                found.append((stream, entry.n, "body"))
            previous = entry.hash
        head = db.session.get(Stream, stream)
        if head and (head.n != number or head.head != previous):
            found.append((stream, head.n, "head"))
    return found
