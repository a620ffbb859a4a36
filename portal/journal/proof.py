"""Verification: every entry, chain, body and head, every seal over them, every anchor outside, in bounded memory.

One pass in the order of entries' numbers: an entry is looked at with the one before it, its stream's head and its body,
and handed to the tree of its seal. Nothing is kept but the open tree; the store is asked for some entries at a time.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from portal.journal import anchors, seals
from portal.journal.anchors import Anchor
from portal.journal.merkle import Tree
from portal.journal.seals import EVERY, NOTHING, Sealed
from portal.journal.stream import EMPTY, commitment, header
from portal.kernel.db import read

BATCH = 2_000
SOME = 500  # seals or anchors at a time
GRACE = 60  # seconds beyond a seal's interval in which an unanchored tail is as it should be
MOST_NAMED = 100
CLEAN, TAMPERED, UNANCHORED = 0, 1, 2
ENTRIES = (
    "SELECT j.id, j.stream, j.n, j.at, j.occurred_at, j.by_id, j.kind, j.commitment, j.prev, j.hash, p.hash, s.n,"
    " s.head, b.salt, b.facts FROM journal j"
    " LEFT JOIN journal p ON p.stream = j.stream AND p.n = j.n - 1"
    " LEFT JOIN journal_stream s ON s.stream = j.stream LEFT JOIN journal_body b ON b.journal_id = j.id"
    " WHERE j.id > :after AND j.id <= :until ORDER BY j.id LIMIT :most"
)
HOW_MANY = "SELECT count(*) FROM journal WHERE id > :after AND id <= :until"
HEADS = (
    "SELECT s.stream, s.n FROM journal_stream s LEFT JOIN journal j ON j.stream = s.stream AND j.n = s.n"
    " WHERE j.id IS NULL AND s.n > 0 ORDER BY s.stream LIMIT :most"
)


class NoSuchSeal(LookupError):
    """The seal to begin behind does not exist."""


class Row(NamedTuple):
    """An entry with what it is compared with; epoch seconds, None where there is no such row."""

    id: int
    stream: str
    n: int
    at: int
    occurred_at: int | None
    by_id: int
    kind: str
    commitment: bytes
    prev: bytes
    hash: bytes
    before: bytes | None
    last: int | None
    head: bytes | None
    salt: bytes | None
    facts: Any


@dataclass(frozen=True)
class Fault:
    """What does not hold. `seal` 0: under none yet; `entry` 0 and no stream: the seal as a whole.

    entry: altered itself; link: does not follow on the one before; missing: is not there; body: says something else;
    erased: without a record of its disposal; head: the stream does not end with it; leaves: the entries under a seal
    are others; seal: a seal itself was altered; anchor: the store's seal is another than the one anchored; guard: a
    trigger (named in `stream`) is missing;
    looks: the access log under this entry is another.
    """

    what: str
    stream: str = ""
    entry: int = 0
    seal: int = 0


@dataclass
class Verification:
    """One run: `steps` does it, the rest says what was found. `now` in epoch seconds, `since` a seal's number."""

    now: int
    since: int = 0
    file: Path | None = None
    entries: int = 0
    total: int = 0
    erased: int = 0
    erased_in: dict[str, int] = field(default_factory=dict)  # stream -> its last erased entry
    seals: int = 0
    anchored: int = 0
    unsealed: int = 0
    tail: int = 0
    tail_seconds: int = 0
    found: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def code(self) -> int:
        """0 clean and anchored, 1 tampered, 2 clean with an unanchored tail older than it should be."""
        if self.found:
            return TAMPERED
        return UNANCHORED if self.tail and self.tail_seconds > EVERY + GRACE else CLEAN

    def facts(self) -> dict[str, Any]:
        """The result as JSON."""
        left_out = ("now", "file", "faults", "erased_in")
        plain = {name: value for name, value in vars(self).items() if name not in left_out and name[0] != "_"}
        return {"code": self.code} | plain | {"faults": [asdict(fault) for fault in self.faults]}

    def fault(self, *facts: Any) -> None:
        """Takes a fault in; the first hundred are named, all are counted."""
        self.found += 1
        if len(self.faults) < MOST_NAMED:
            self.faults.append(Fault(*facts))

    def steps(self) -> Iterator[None]:
        """Verifies, a bounded piece a step. Raises NoSuchSeal, OSError and NoAnchors where it cannot begin."""
        begin = _seal(self.since)
        last, until = seals.newest().id, seals.latest()
        known = self._anchors()
        self.total = read(HOW_MANY, {"after": begin.last_id, "until": until})[0][0]
        yield
        walk, after = Walk(self, begin, last, known), begin.last_id
        while rows := read(ENTRIES, {"after": after, "until": until, "most": BATCH}):
            for row in rows:
                walk.take(Row._make(row))
            after = rows[-1][0]
            yield
        walk.end()
        if not self.since:
            for stream, n in read(HEADS, {"most": MOST_NAMED}):
                self.fault("missing", stream, n)

    def _anchors(self) -> int:
        """Compares each anchor with its seal; returns the last entry that the newest one proves."""
        last_id = 0
        if self.file is None:
            return last_id
        wanted = (anchor for anchor in anchors.lines(self.file) if anchor.seal >= self.since)
        while some := list(islice(wanted, SOME)):
            stored = {seal.id: seal for seal in _some(some)}
            for anchor in some:
                seal = stored.get(anchor.seal)
                if seal is None or seal.root != anchor.root:
                    self.fault("anchor", "", 0, anchor.seal)
                elif anchor.seal > self.anchored:
                    self.anchored, last_id = anchor.seal, seal.last_id
        return last_id


class Walk:
    """The pass over entries and the seals above them."""

    def __init__(self, run: Verification, begin: Sealed, last: int, anchored: int) -> None:
        self._run, self._before, self._anchored = run, begin, anchored
        self._seals = _all(begin.id, last)
        self._seal, self._tree, self._first = next(self._seals, None), Tree(), 0

    def take(self, row: Row) -> None:
        """Looks at the next entry."""
        run = self._run
        while self._seal and row.id > self._seal.last_id:
            self._close(self._seal)
        if self._seal:
            self._tree.add(bytes(row.hash))
            self._first = self._first or row.id
        else:
            run.unsealed += 1
        if row.id > self._anchored:
            run.tail_seconds = run.tail_seconds if run.tail else max(0, run.now - row.at)
            run.tail += 1
        run.entries += 1
        if not row.salt:  # no body, or one without a salt: what is left for figures of one that was disposed of
            run.erased += 1
            run.erased_in[row.stream] = row.n
        seal = self._seal.id if self._seal else 0
        for what, entry in faults_of(row):
            run.fault(what, row.stream, entry, seal)

    def end(self) -> None:
        """Looks at the seals that are left."""
        while self._seal:
            self._close(self._seal)

    def _close(self, seal: Sealed) -> None:
        """Compares a seal with the entries under it and with the seal before."""
        run, before = self._run, self._before
        if seal.id != before.id + 1 or seal.prev_root != before.root or seals.bound(seal) != seal.root:
            run.fault("seal", "", 0, seal.id)
        if (seal.count, seal.tree, seal.first_id) != (self._tree.count, self._tree.root(), self._first):
            run.fault("leaves", "", 0, seal.id)
        run.seals += 1
        self._before, self._tree, self._first = seal, Tree(), 0
        self._seal = next(self._seals, None)


def faults_of(row: Row) -> Iterator[tuple[str, int]]:
    """What does not hold about one entry: what, and the number of the entry in its stream."""
    if row.before is None and row.n > 1:
        yield "missing", row.n - 1
    elif bytes(row.prev) != bytes(row.before or EMPTY) or row.n < 1:
        yield "link", row.n
    if bytes(row.hash) != header(*row[1:7], bytes(row.commitment), bytes(row.prev)):
        yield "entry", row.n
    if row.last is None or row.n > row.last or (row.n == row.last and bytes(row.hash) != bytes(row.head or b"")):
        yield "head", row.n
    if row.salt and not _says(row):
        yield "body", row.n


def _says(row: Row) -> bool:
    """Whether the body is the one that was committed to."""
    try:
        facts = json.loads(row.facts) if isinstance(row.facts, str) else row.facts
    except ValueError:
        return False
    return commitment(bytes(row.salt or b""), facts) == bytes(row.commitment)


def _seal(number: int) -> Sealed:
    """The seal to begin behind."""
    if number == 0:
        return NOTHING
    found = seals.seals(number - 1, 1)
    if not found or found[0].id != number:
        raise NoSuchSeal(number)
    return found[0]


def _all(after: int, last: int) -> Iterator[Sealed]:
    """The seals behind a number up to another, a few hundred at a time."""
    while some := seals.seals(after, SOME):
        for seal in some:
            if seal.id > last:
                return
            yield seal
        after = some[-1].id


def _some(wanted: list[Anchor]) -> Iterator[Sealed]:
    """The seals that these anchors name, as far as they exist."""
    numbers = [anchor.seal for anchor in wanted]
    yield from _all(min(numbers) - 1, max(numbers))
