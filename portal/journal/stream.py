"""Appending to a subject's stream, reading it back, and checking that its chain holds."""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.journal.models import Body, Entry, Stream
from portal.kernel.db import db, write, write_many
from portal.kernel.gather import gathering, later, learn, once
from portal.kernel.instants import epoch, epoch_or_none

FORMAT = 1
EMPTY = bytes(32)
SPELLING = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
COLUMNS = ("stream", "n", "at", "occurred_at", "by_id", "kind", "commitment", "prev", "hash")
ADDED = f"INSERT INTO journal({', '.join(COLUMNS)}) VALUES({', '.join(':' + c for c in COLUMNS)}) RETURNING id"
ADDED_LATER = ADDED.removesuffix(" RETURNING id")
SAID = "INSERT INTO journal_body(journal_id, salt, facts) VALUES(:journal_id, :salt, :facts)"
SAID_OF = (
    "INSERT INTO journal_body(journal_id, salt, facts)"
    " SELECT id, :salt, :facts FROM journal WHERE stream = :stream AND n = :n"
)
HEAD = "SELECT n, head FROM journal_stream WHERE stream = :s"
BEGUN = "INSERT INTO journal_stream(stream, n, head) VALUES(:s, 0, :h) ON CONFLICT DO NOTHING RETURNING n"
HEADED = (
    "INSERT INTO journal_stream(stream, n, head) VALUES(:s, :n, :h)"
    " ON CONFLICT(stream) DO UPDATE SET n = excluded.n, head = excluded.head"
)
MOVED = "UPDATE journal_stream SET n = :n, head = :h WHERE stream = :s"


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


class Written(NamedTuple):
    """An entry about to be written; `facts` are plain JSON."""

    kind: str
    facts: dict[str, Any]
    by_id: int
    at: datetime


def canonical(value: Any) -> bytes:
    """The one spelling of a JSON value that is hashed."""
    return SPELLING.encode(value).encode()


def commitment(salt: bytes, facts: dict[str, Any]) -> bytes:
    """SHA-256 over a salted body; the salt keeps short bodies such as telephone numbers from being guessed."""
    return committed(salt, canonical(facts))


def committed(salt: bytes, spelled: bytes) -> bytes:
    """The same over a body in its one spelling."""
    return hashlib.sha256(b"\x02" + salt + spelled).digest()


def header(
    stream: str, n: int, at: int, occurred_at: int | None, by_id: int, kind: str, body: bytes, prev: bytes
) -> bytes:
    """SHA-256 over an entry's header, its format number first; epoch seconds, `body` commits to what it says."""
    fields = [FORMAT, stream, n, at, occurred_at, by_id, kind, body.hex(), prev.hex()]
    return hashlib.sha256(b"\x00" + canonical(fields)).digest()


def chained(e: Entry) -> bytes:
    """The hash that an entry should carry."""
    happened = int(e.occurred_at.timestamp()) if e.occurred_at else None
    return header(e.stream, e.n, int(e.at.timestamp()), happened, e.by_id, e.kind, e.commitment, e.prev)


def append(
    stream: str, kind: str, facts: dict[str, Any], *, by_id: int, at: datetime, occurred_at: datetime | None = None,
    begins: bool = False,
) -> int:  # fmt: skip
    """Adds an entry at the end of a stream and returns its number there. Raises Stale when two writers met.

    `begins`: the first of a subject that has just got its number, so that nobody has to be asked for the last one.
    """
    gather = gathering()
    if not gather:
        db.session.flush()  # what the entry tells of stands in the store before it
    last, prev = once(("head", stream), lambda: (0, EMPTY) if begins else _head(stream))
    happened, n = epoch_or_none(occurred_at), last + 1
    row = _row(stream, n, prev, Written(kind, facts, by_id, at), happened)
    if gather:
        later(ADDED_LATER, row)
        later(SAID_OF, row)
        learn(("head", stream), (n, row["hash"]))
    else:
        write(SAID, row | {"journal_id": write(ADDED, row)[0][0]})
    later(HEADED if gather or begins else MOVED, {"s": stream, "n": n, "h": row["hash"]})
    return n


def _row(stream: str, n: int, prev: bytes, one: Written, happened: int | None = None) -> dict[str, Any]:
    """An entry and what it says as the store keeps them, chained to the one before."""
    salt, moment = secrets.token_bytes(16), epoch(one.at)
    body = commitment(salt, one.facts)
    return {
        "stream": stream, "n": n, "at": moment, "occurred_at": happened, "by_id": one.by_id, "kind": one.kind,
        "commitment": body, "prev": prev, "salt": salt, "facts": json.dumps(one.facts),
        "hash": header(stream, n, moment, happened, one.by_id, one.kind, body, prev),
    }  # fmt: skip


def append_all(stream: str, entries: Sequence[Written]) -> int:
    """Adds these entries in their order at the end of a stream; returns the number of the last one.

    The same as `append` for each, none of which occurred earlier, in as many statements as one takes. Outside
    `gathered()`.
    """
    db.session.flush()
    last, prev = _head(stream)
    rows: list[dict[str, Any]] = []
    for n, one in enumerate(entries, start=last + 1):
        rows.append(_row(stream, n, prev, one))
        last, prev = n, rows[-1]["hash"]
    _write_rows(rows)
    write(MOVED, {"s": stream, "n": last, "h": prev})
    return last


def _write_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    """The entries and what they say."""
    write_many(ADDED_LATER, rows)
    write_many(SAID_OF, rows)


def append_many(entries: Mapping[str, dict[str, Any]], kind: str, *, by_id: int, at: datetime) -> dict[str, int]:
    """Adds one entry of a kind at the end of each of these streams; returns their numbers there.

    The same as `append` for each, in as many statements as one takes.
    """
    db.session.flush()
    heads, rows = _heads(entries), []
    for name in sorted(entries):
        last, prev = heads.get(name, (0, EMPTY))
        rows.append(_row(name, last + 1, prev, Written(kind, entries[name], by_id, at)))
    write_many("INSERT INTO journal_stream(stream, n, head) VALUES(:s, 0, :h) ON CONFLICT DO NOTHING", [
        {"s": row["stream"], "h": EMPTY} for row in rows if row["n"] == 1
    ])  # fmt: skip
    _write_rows(rows)
    write_many(MOVED, [{"s": row["stream"], "n": row["n"], "h": row["hash"]} for row in rows])
    for row in rows:
        learn(("head", row["stream"]), (row["n"], row["hash"]))
    return {row["stream"]: row["n"] for row in rows}


def _heads(streams: Iterable[str]) -> dict[str, tuple[int, bytes]]:
    """The last number and hash of these streams, locked until the commit; in order, so that two never cross."""
    query = select(Stream.stream, Stream.n, Stream.head).where(Stream.stream.in_(list(streams)))
    rows = db.session.execute(query.order_by(Stream.stream).with_for_update())
    return {row[0]: (row[1], bytes(row[2])) for row in rows}


def _head(stream: str) -> tuple[int, bytes]:
    """The last number and hash of a stream, locked until the commit; a new stream begins at nothing."""
    lock = " FOR UPDATE" if db.engine.dialect.name == "postgresql" else ""
    found = write(HEAD + lock, {"s": stream})
    if not found and write(BEGUN, {"s": stream, "h": EMPTY}):
        return 0, EMPTY
    last, digest = (found or write(HEAD + lock, {"s": stream}))[0]
    return last, bytes(digest)


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


def read_many(streams: Iterable[str]) -> dict[str, list[Line]]:
    """The entries of many streams by stream, each in order, in one statement."""
    names = list(streams)
    query = (
        select(Entry.stream, Entry.id, Entry.n, Entry.at, Entry.occurred_at, Entry.by_id, Entry.kind, Body.facts)
        .join(Body, Body.journal_id == Entry.id, isouter=True)
        .where(Entry.stream.in_(names))
        .order_by(Entry.stream, Entry.n)
    )
    found: dict[str, list[Line]] = {name: [] for name in names}
    for r in db.session.execute(query):
        found[r[0]].append(Line(r[1], r[2], r[3], r[4], r[5], r[6], r[7] or {}))
    return found


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
            elif body and body.salt and entry.commitment != commitment(body.salt, body.facts):
                found.append((stream, entry.n, "body"))
            previous = entry.hash
        head = db.session.get(Stream, stream)
        if head and (head.n != number or head.head != previous):
            found.append((stream, head.n, "head"))
    return found
