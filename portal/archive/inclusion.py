"""Proofs for a package: the entries of a journal, and for each the way to the root of the seal it lies under."""

import json
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from portal.journal import seals
from portal.journal.anchors import place
from portal.journal.merkle import Whole
from portal.journal.seals import Sealed
from portal.kernel.db import read

ENTRIES = (
    "SELECT j.id, j.stream, j.n, j.at, j.occurred_at, j.by_id, j.kind, j.commitment, j.prev, j.hash, b.salt, b.facts"
    " FROM journal j LEFT JOIN journal_body b ON b.journal_id = j.id WHERE j.stream = :stream ORDER BY j.n"
)
UNDER = f"SELECT {', '.join(seals.COLUMNS)} FROM journal_seal WHERE last_id >= :id ORDER BY last_id LIMIT 1"
TREES = 4  # seals whose trees are kept: at most 50,000 leaves each, 64 bytes a leaf


class Proofs:
    """Collects what proves the journals of a package."""

    def __init__(self) -> None:
        self.seals: dict[int, Sealed] = {}
        self.waiting = 0
        self._trees: OrderedDict[int, tuple[list[int], Whole]] = OrderedDict()

    def journal(self, stream: str, readable: Callable[[str], bool]) -> tuple[bytes, dict[str, Any]]:
        """The entries of a journal, one a line, and the proof of each by its number that is sealed.

        What an entry says stands there with its salt if it is `readable` as JSON; else its commitment alone.
        """
        lines, found = [], {}
        for row in read(ENTRIES, {"stream": stream}):
            entry = _entry(row)
            if row[10] is not None:
                facts = json.loads(row[11]) if isinstance(row[11], str) else row[11]
                if readable(json.dumps(facts, ensure_ascii=False)):
                    entry |= {"salt": bytes(row[10]).hex(), "facts": facts}
            lines.append(json.dumps(entry, ensure_ascii=False, sort_keys=True))
            proof = self._proof(row[0])
            if proof:
                found[str(row[0])] = proof
            else:
                self.waiting += 1
        return ("\n".join(lines) + "\n").encode(), found

    def _proof(self, entry: int) -> dict[str, Any] | None:
        seal = self._seal(entry)
        if seal is None or entry < seal.first_id:
            return None
        ids, tree = self._tree(seal)
        index = ids.index(entry)
        return {"seal": seal.id, "index": index, "path": [step.hex() for step in tree.path(index)]}

    def _seal(self, entry: int) -> Sealed | None:
        for known in self.seals.values():
            if known.first_id <= entry <= known.last_id:
                return known
        found = list(seals.of_rows(read(UNDER, {"id": entry})))
        for seal in found:
            self.seals[seal.id] = seal
        return found[0] if found else None

    def _tree(self, seal: Sealed) -> tuple[list[int], Whole]:
        """The numbers and the tree under a seal."""
        found = self._trees.get(seal.id)
        if found is None:
            rows = seals.leaves(seal)
            found = [number for number, _ in rows], Whole(digest for _, digest in rows)
            self._trees[seal.id] = found
            if len(self._trees) > TREES:
                self._trees.popitem(last=False)
        return found

    def sealed(self) -> list[dict[str, Any]]:
        """The seals that the entries lie under, as JSON."""
        return [
            {
                "id": one.id, "first_id": one.first_id, "last_id": one.last_id, "count": one.count,
                "tree": one.tree.hex(), "root": one.root.hex(), "prev_root": one.prev_root.hex(),
                "sealed_at": one.sealed_at,
            }
            for _, one in sorted(self.seals.items())
        ]  # fmt: skip

    def anchored(self) -> str:
        """The lines of the anchor file about these seals; none where it cannot be read."""
        wanted = {str(number) for number in self.seals}
        try:
            with place().open(encoding="ascii", errors="replace") as file:
                return "".join(line for line in file if line.split(" ", 1)[0] in wanted)
        except OSError:
            return ""


def _entry(row: tuple[Any, ...]) -> dict[str, Any]:
    number, stream, n, at, occurred, by, kind, commitment, prev, digest, _, _ = row
    return {
        "id": number, "stream": stream, "n": n, "at": at, "occurred_at": occurred, "by": by, "kind": kind,
        "commitment": bytes(commitment).hex(), "prev": bytes(prev).hex(), "hash": bytes(digest).hex(),
    }  # fmt: skip
