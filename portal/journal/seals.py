"""Seals: every five minutes the new entries of all streams go under one Merkle root, which binds all seals before it.

Only entries whose numbers are settled are sealed: on PostgreSQL numbers are given out before they are committed
(docs/adr/0034). Instants are epoch seconds here.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from portal.journal.merkle import Tree
from portal.journal.stream import EMPTY, canonical
from portal.kernel.db import db, read, transaction, write
from portal.kernel.feed import touch

FORMAT = 1
EVERY = 300  # seconds; midnight falls on the grid in every time zone of whole five minutes
MOST = 50_000  # entries under one seal: a fifth of a second of the worker; what is left is sealed with the next tick
CHUNK = 5_000
TOPIC = "proof"  # moves with each seal and each verification
COLUMNS = ("id", "first_id", "last_id", "count", "tree", "root", "prev_root", "sealed_at")
NEWEST = f"SELECT {', '.join(COLUMNS)} FROM journal_seal ORDER BY id DESC LIMIT 1"
UP_TO = f"SELECT {', '.join(COLUMNS)} FROM journal_seal WHERE sealed_at <= :now ORDER BY id DESC LIMIT 1"
BETWEEN = f"SELECT {', '.join(COLUMNS)} FROM journal_seal WHERE id > :after ORDER BY id LIMIT :most"
LATEST = "SELECT max(id) FROM journal"
LEAVES = "SELECT id, hash FROM journal WHERE id > :after AND id <= :until ORDER BY id LIMIT :most"
ADDED = f"INSERT INTO journal_seal({', '.join(COLUMNS)}) VALUES({', '.join(':' + name for name in COLUMNS)})"
ONE_SEALER = "SELECT pg_advisory_xact_lock(4711)"
GIVEN_OUT = "SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)"
ENDED = "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)"


@dataclass(frozen=True)
class Sealed:
    """A seal as the store has it."""

    id: int
    first_id: int
    last_id: int
    count: int
    tree: bytes
    root: bytes
    prev_root: bytes
    sealed_at: int


NOTHING = Sealed(0, 0, 0, 0, EMPTY, EMPTY, EMPTY, 0)


@dataclass
class Settling:
    """On PostgreSQL: up to which entry, and which transactions have to end before it is settled."""

    until: int
    before: int


def bound(seal: Sealed) -> bytes:
    """The root a seal should carry: SHA-256 over its number, range, count, time, tree and the root before."""
    fields = [FORMAT, seal.id, seal.first_id, seal.last_id, seal.count, seal.sealed_at]
    return hashlib.sha256(b"\x03" + canonical([*fields, seal.tree.hex(), seal.prev_root.hex()])).digest()


def newest() -> Sealed:
    """The last seal; number 0 and an empty root where there is none."""
    found = list(of_rows(read(NEWEST, {})))
    return found[0] if found else NOTHING


def newest_at(now: int) -> Sealed | None:
    """The last seal made up to an instant, so that a report of that instant always names the same."""
    found = list(of_rows(read(UP_TO, {"now": now})))
    return found[0] if found else None


def seals(after: int = 0, most: int = CHUNK) -> list[Sealed]:
    """The next seals behind a number, in order."""
    return list(of_rows(read(BETWEEN, {"after": after, "most": most})))


def of_rows(rows: list[tuple[Any, ...]]) -> Iterator[Sealed]:
    """Seals of rows of COLUMNS."""
    for row in rows:
        number, first, last, count, tree, root, before, at = row
        yield Sealed(number, first, last, count, bytes(tree), bytes(root), bytes(before), at)


def leaves(seal: Sealed) -> list[tuple[int, bytes]]:
    """The entries under a seal in the order of its tree: number and hash. At most MOST of them."""
    rows = read(LEAVES, {"after": seal.first_id - 1, "until": seal.last_id, "most": seal.count})
    return [(number, bytes(digest)) for number, digest in rows]


def latest() -> int:
    """The highest number of an entry that can be seen; 0 for none. One look at an index."""
    return read(LATEST, {})[0][0] or 0


def look() -> Settling:
    """What could be sealed, with what has to end before: numbers first, then the transactions that hold them.

    An appender locks its stream before it takes a number, so whoever holds a number up to `until` is known to the store
    by the time `before` is read. On SQLite there is one writer, and what can be seen is settled.
    """
    until = latest()
    if db.engine.dialect.name == "sqlite":
        return Settling(until, 0)
    return Settling(until, read(GIVEN_OUT, {})[0][0])


def settled(asked: Settling) -> bool:
    """Whether every writer that was at work when it was looked has ended."""
    return asked.before == 0 or read(ENDED, {})[0][0] >= asked.before


def seal_next(asked: Settling, now: int, most: int = MOST) -> Sealed | None:
    """Seals the entries behind the last seal, up to what is settled and at most so many; None where there is none.

    The leaves are read before the transaction, which only adds a row: no writer waits for the tree.
    """
    last = newest()
    tree, first, until = Tree(), 0, last.last_id
    while tree.count < most:
        rows = read(LEAVES, {"after": until, "until": asked.until, "most": min(CHUNK, most - tree.count)})
        for number, digest in rows:
            tree.add(bytes(digest))
            first, until = first or number, number
        if not rows:
            break
    if not tree.count:
        return None
    made = Sealed(last.id + 1, first, until, tree.count, tree.root(), b"", last.root, now)
    made = replace(made, root=bound(made))
    with transaction():
        if db.engine.dialect.name != "sqlite":
            write(ONE_SEALER, {})
        if newest().id != last.id:
            return None  # another worker was quicker
        write(ADDED, asdict(made))
        touch(TOPIC, made.id)
    return made
