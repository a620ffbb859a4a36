"""The access log under the journals' seals: new rows go under one root, which is an entry of the journal `access`.

So a look costs nothing more, and the entry is chained, sealed and anchored like any other.
"""

import json
from collections.abc import Iterator
from datetime import datetime

from portal.journal import stream
from portal.journal.merkle import Tree
from portal.journal.stream import canonical
from portal.kernel.db import read, transaction, write

STREAM, KIND = "access", "Sealed"
CHUNK = 5_000
SOME = 500
LATEST = "SELECT max(id) FROM archive_access"
ROWS = (
    "SELECT id, person_id, what, query, no, at FROM archive_access WHERE id > :after AND id <= :until"
    " ORDER BY id LIMIT :most"
)
ENTRIES = (
    "SELECT j.n, b.facts FROM journal j JOIN journal_body b ON b.journal_id = j.id"
    " WHERE j.stream = :stream AND j.n > :after ORDER BY j.n LIMIT :most"
)
LOCK = "INSERT INTO installation(name, value) VALUES('access_sealed', '0') ON CONFLICT DO NOTHING"
UP_TO = "SELECT value FROM installation WHERE name = 'access_sealed'"
MOVED = "UPDATE installation SET value = :now WHERE name = 'access_sealed' AND value = :was RETURNING value"


def latest() -> int:
    """The highest number of a row that can be seen; 0 for none."""
    return read(LATEST, {})[0][0] or 0


def sealed() -> int:
    """The last row that is under a root."""
    found = read(UP_TO, {})
    return int(found[0][0]) if found else 0


def seal(until: int, now: datetime) -> bool:
    """Puts the rows up to a settled one under a root; False when there is none, or another worker was quicker."""
    after = sealed()
    tree = rooted(after, until)
    if not tree.count:
        return False
    with transaction():
        write(LOCK, {})
        if not write(MOVED, {"now": str(until), "was": str(after)}):
            return False
        facts = {"after": after, "until": until, "count": tree.count, "root": tree.root().hex()}
        stream.append(STREAM, KIND, facts, by_id=0, at=now)
    return True


def rooted(after: int, until: int) -> Tree:
    """The tree over the rows of a range, in the order of their numbers."""
    tree = Tree()
    while rows := read(ROWS, {"after": after, "until": until, "most": CHUNK}):
        for row in rows:
            tree.add(canonical(list(row)))
        after = rows[-1][0]
    return tree


def faults() -> Iterator[int]:
    """For each entry of the journal `access`, a piece at a time: its number where its rows are others than were sealed.

    0 where they are the same. An entry that does not begin where the one before ended leaves rows out.
    """
    end = last = 0
    while some := read(ENTRIES, {"stream": STREAM, "after": last, "most": SOME}):
        for n, raw in some:
            facts = json.loads(raw) if isinstance(raw, str) else raw
            tree = rooted(facts["after"], facts["until"])
            same = (tree.count, tree.root().hex()) == (facts["count"], facts["root"])
            yield 0 if same and facts["after"] == end else n
            end, last = facts["until"], n
