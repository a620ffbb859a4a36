"""Writing records that another system's archive gave, many at a time: case, journal, index and closing document.

Each is the row that its own journal gives, as for a case that was closed here; call inside transaction().
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from portal.archive.batch import load_all
from portal.archive.legacy_making import EMPTY, KIND, Made
from portal.cases.models import Case
from portal.journal.stream import COLUMNS, commitment, header
from portal.kernel.db import db, write, write_many


def _insert(table: str, *names: str) -> str:
    return f"INSERT INTO {table}({', '.join(names)}) VALUES({', '.join(':' + name for name in names)})"


CASES = _insert("cases", *(column.key for column in Case.__table__.columns))
ENTRIES = _insert("journal", "id", *COLUMNS)
SAID = "INSERT INTO journal_body(journal_id, salt, facts) VALUES(:id, :salt, :facts)"
HEADS = "INSERT INTO journal_stream(stream, n, head) VALUES(:stream, :n, :hash)"
DOCUMENTS = _insert("archived_snapshot", "id", "sha256", "body")
DIGESTS = _insert("archived_number", "digest", "archived_id")
KEYS = "INSERT INTO submission(key, person_id, ref, at, digest) VALUES(:key, 0, :ref, :at, '')"
NEXT = {
    "sqlite": "SELECT max(id) FROM {table}",
    "postgresql": "SELECT nextval(pg_get_serial_sequence('{table}', 'id')) FROM generate_series(1, :n)",
}


def write_all(made: Sequence[Made], now: int) -> None:
    """Writes records that are not there yet; `now` in epoch seconds. Raises IntegrityError for one that is."""
    ids = _ids("cases", len(made))
    write_many(CASES, [one.case | {"id": number} for one, number in zip(made, ids, strict=True)])
    _write_entries(made, ids, now)
    rows = load_all(replace(one.paper, case_id=number) for one, number in zip(made, ids, strict=True))
    kept = zip(made, rows, strict=True)
    write_many(DOCUMENTS, [{"id": row, "sha256": one.sha256, "body": one.body} for one, row in kept])
    write_many(
        DIGESTS, [{"digest": d, "archived_id": row} for one, row in zip(made, rows, strict=True) for d in one.digests]
    )
    write_many(KEYS, [{"key": one.key, "ref": i, "at": now} for one, i in zip(made, ids, strict=True)])


def _write_entries(made: Sequence[Made], ids: list[int], now: int) -> None:
    """What the journal says of each: that it was taken over, and which document was filed."""
    entries = []
    for one, number in zip(made, ids, strict=True):
        entries.append(_entry(f"case:{number}", KIND, one.facts, one.salt, one.commitment, now))
        filed = {"no": one.paper.no, "cycle": 1, "sha256": one.sha256, "entries": 1, "imported": True}
        salt = secrets.token_bytes(16)
        entries.append(_entry(f"record:{number}", "Filed", json.dumps(filed), salt, commitment(salt, filed), now))
    for entry, number in zip(entries, _ids("journal", len(entries)), strict=True):
        entry["id"] = number
    write_many(HEADS, entries)
    write_many(ENTRIES, entries)
    write_many(SAID, entries)


def _ids(table: str, wanted: int) -> list[int]:
    """Numbers of rows that nobody else gets."""
    engine = db.engine.dialect.name
    found = write(NEXT[engine].format(table=table), {"n": wanted} if engine == "postgresql" else {})
    if engine == "postgresql":
        return [row[0] for row in found]
    last = found[0][0] or 0
    return list(range(last + 1, last + wanted + 1))


def _entry(stream: str, kind: str, facts: str, salt: bytes, body: bytes, now: int) -> dict[str, Any]:
    return {
        "stream": stream, "n": 1, "at": now, "occurred_at": None, "by_id": 0, "kind": kind, "commitment": body,
        "prev": EMPTY, "hash": header(stream, 1, now, None, 0, kind, body, EMPTY), "salt": salt, "facts": facts,
    }  # fmt: skip
