"""The record of a closing as one document that never changes: written with it, opened from it ever after (AR1).

It holds the request, every entry, every clock with its explanation and the versions of policy and calendar it was
judged by, feedback and rating, and the files with their checksums. Its SHA-256 is an entry of the journal `record:ID`.
"""

import hashlib
import json
import zlib
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.archive.models import Archived, ArchivedSnapshot
from portal.archive.record import Cover
from portal.archive.verdicts import explained
from portal.attachments import queries as files
from portal.cases.models import Case
from portal.cases.telling import Entry, told
from portal.clocks.kept import clocks_of, segments_of
from portal.directory.rules import masked_name, masked_phone
from portal.directory.sight import covered
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.journal import stream
from portal.journal.stream import Line, canonical
from portal.kernel.db import db
from portal.kernel.errors import Missing
from portal.kernel.instants import epoch

FORMAT = 1
# a cache of the clocks and what only queues need; none of it belongs to the record
LEFT_OUT = frozenset(("press", "clock_kind", "clock_start", "clock_due", "clock_warn", "notice_at", "version"))


class Version(NamedTuple):
    """One version of a record as somebody may see it; `sound`: the document is the one that was sealed."""

    row: Archived
    case: dict[str, Any]
    customer: str
    contact: str
    clocks: list[dict[str, Any]]
    files: list[dict[str, Any]]
    history: list[Entry]
    sound: bool
    sha256: str


def keep(row_id: int, case: Case, lines: list[Line], at: datetime) -> None:
    """Writes the document of a closing and seals its checksum. Call inside transaction()."""
    body = canonical(document(case, lines, at))
    sha256 = hashlib.sha256(body).hexdigest()
    db.session.add(ArchivedSnapshot(id=row_id, sha256=sha256, body=zlib.compress(body, 6)))
    facts = {"no": case.no, "cycle": case.cycle, "sha256": sha256, "entries": len(lines)}
    stream.append(f"record:{case.id}", "Filed", facts, by_id=0, at=at)


def document(case: Case, lines: list[Line], at: datetime) -> dict[str, Any]:
    """The whole record as plain JSON; instants as epoch seconds."""
    segments = segments_of(case.id)
    columns = [c.key for c in Case.__table__.columns if c.key not in LEFT_OUT]
    return {
        "format": FORMAT, "archived_at": epoch(at), "case": {name: _plain(getattr(case, name)) for name in columns},
        "entries": [
            [line.n, epoch(line.at), _plain(line.occurred_at), line.by_id, line.kind, line.facts] for line in lines
        ],
        "clocks": [explained(row, segments) for row in clocks_of(case.id)],
        "files": [[one.name, one.kind, one.size, one.sha256] for one in files.of_case(case.id)],
    }  # fmt: skip


def _plain(value: Any) -> Any:
    return epoch(value) if isinstance(value, datetime) else value


def versions(case_id: int) -> list[Archived]:
    """The versions of a case's record, oldest first; filing anew for a restriction is none."""
    query = select(Archived).join(ArchivedSnapshot, ArchivedSnapshot.id == Archived.id)
    return list(db.session.scalars(query.where(Archived.case_id == case_id).order_by(Archived.cycle, Archived.id)))


def opened(row_id: int) -> tuple[dict[str, Any], str] | None:
    """A document and its checksum as it is now; None where there is none, or it cannot be read."""
    kept = db.session.get(ArchivedSnapshot, row_id)
    if kept is None:
        return None
    try:
        body = zlib.decompress(kept.body)
        return json.loads(body), hashlib.sha256(body).hexdigest()
    except (zlib.error, ValueError):
        return {}, ""


def sealed(row: Archived) -> str:
    """The checksum that was sealed for a version; empty where none was."""
    lines = stream.read(f"record:{row.case_id}")
    return next((str(line.facts["sha256"]) for line in lines if line.facts.get("cycle") == row.cycle), "")


def version(actor: Actor, no: str, cycle: int) -> Version:
    """A version of a record. Raises Missing, alike for unknown and for forbidden ones."""
    query = select(Archived).join(ArchivedSnapshot, ArchivedSnapshot.id == Archived.id)
    row = db.session.scalar(query.where(Archived.no == no.strip().upper(), Archived.cycle == cycle).limit(1))
    present = db.session.get_one(Case, row.case_id) if row else None
    found = opened(row.id) if row else None
    if (
        row is None
        or not found
        or not found[0]
        or not may(actor, "archive.view", row)
        or not may(actor, "archive.view", present)
    ):
        raise Missing("no_such_record", no=no)
    kept, sha256 = found
    case, names = kept.get("case", {}), people.names()
    whole = case.get("restricted") or case
    known = may(actor, "customer.contact", row)
    hides = Cover(covered(actor, row), tuple(filter(None, (whole.get("customer_name"), whole.get("caller")))))
    lines = [
        Line(0, n, _at(at), _at(happened), by, kind, facts) for n, at, happened, by, kind, facts in kept["entries"]
    ]
    texts = {name: hides.text(value, name) for name, value in (case | whole).items() if isinstance(value, str)}
    name, contact = whole.get("customer_name", ""), whole.get("contact", "")
    return Version(
        row=row, case=case | texts, customer=name if known else masked_name(name),
        contact=contact if known else masked_phone(contact), clocks=kept["clocks"],
        files=[dict(zip(("name", "kind", "size", "sha256"), one, strict=True)) for one in kept["files"]],
        history=[hides.entry(told(line, names)) for line in reversed(lines)],
        sound=sha256 == sealed(row), sha256=sha256,
    )  # fmt: skip


def _at(seconds: int | None) -> Any:
    return None if seconds is None else datetime.fromtimestamp(seconds).astimezone()
