"""One record as it is read: the case rebuilt from its journal, its clocks, and whether it all still holds."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.archive import queries
from portal.archive.models import Archived, ArchivedSnapshot
from portal.archive.rebuilding import closing, rebuilt
from portal.archive.rules import masked_text, searched
from portal.attachments import queries as files
from portal.attachments.models import Attachment
from portal.cases.guard import whole
from portal.cases.models import Case
from portal.cases.telling import Entry, told
from portal.clocks.kept import clocks_of
from portal.clocks.models import Clock
from portal.directory.rules import masked_name, masked_phone
from portal.directory.sight import covered
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.identity.queries import unit_name
from portal.journal import stream
from portal.journal.stream import Line
from portal.kernel import files as contents
from portal.kernel import tokens
from portal.kernel.db import db
from portal.kernel.masking import PHONE, hidden


@dataclass(frozen=True)
class Fault:
    """A place where the record does not hold: entry number (0 for the filed text) and what is wrong."""

    n: int
    what: str


@dataclass(frozen=True)
class Record:
    """What the page shows."""

    row: Archived
    case: Any
    open_again: bool
    customer: str
    contact: str
    department: str
    clocks: list[Clock]
    confirmed: Line | None
    rated: Line | None
    history: list[Entry]
    faults: list[Fault]
    files: list[Attachment]
    sums: dict[str, str]
    versions: list[int]  # cycles of which a document was kept
    asks: set[str]  # fields of which something is hidden, so that one may ask for them


@dataclass(frozen=True)
class Cover:
    """Hides what a reader does not see in the clear: kinds of numbers, and with telephone numbers the names."""

    kinds: frozenset[str]
    names: tuple[str, ...]
    asks: set[str] = field(default_factory=set)

    def text(self, said: str, name: str) -> str:
        """A text as this reader sees it; notes the field when something of it is hidden."""
        seen = masked_text(said, self.names) if PHONE in self.kinds else hidden(said, self.kinds)
        if seen != said:
            self.asks.add(name)
        return seen

    def case(self, case: Any) -> Any:
        """The case with its texts as this reader sees them."""
        for name in ("title", "description", "demand", "order_no", "result", "cause"):
            setattr(case, name, self.text(getattr(case, name) or "", name))
        return case

    def entry(self, entry: Entry) -> Entry:
        """An entry likewise."""
        place = f"entry:{entry.n}"
        seen: dict[str, Any] = {name: self.text(getattr(entry, name), place) for name in ("detail", "quote", "after")}
        return entry._replace(**seen)


def read(actor: Actor, row: Archived) -> Record:
    """The record as this person may see it."""
    lines = stream.read(f"case:{row.case_id}")
    until = closing(lines, row.cycle)
    case, known = rebuilt(lines[:until], row.case_id), may(actor, "customer.contact", row)
    present = whole(db.session.get_one(Case, row.case_id))
    names, units = people.names(), {unit.id: unit_name(unit) for unit in people.units()}
    entries = [told(line, names) for line in reversed(lines)]
    rows = files.of_case(row.case_id)
    sums = checked(lines, rows)
    wrong = faults(row, case, lines[:until])
    if case.restricted:
        case.title, case.caller = case.restricted["title"], case.restricted["caller"]
    name, contact = (present.customer_name, present.contact) if row.readers else (row.customer_name, row.contact)
    hides = Cover(covered(actor, row), tuple(filter(None, (name, case.caller or ""))))
    return Record(
        row=row,
        case=hides.case(case),
        open_again=bool(present.open),
        customer=name if known else masked_name(name),
        contact=contact if known else masked_phone(contact),
        department=units.get(row.department_id, ""),
        clocks=sorted(clocks_of(row.case_id), key=lambda c: (c.started_at, c.id)),
        confirmed=_last(lines[:until], "Confirmed"),
        rated=_last(lines[:until], "Rated"),
        history=[hides.entry(entry) for entry in entries],
        versions=versions(row.case_id),
        asks=hides.asks | (set() if known else {"name", "contact"}),
        faults=wrong + [Fault(0, "file")] * any(state != "sound" for state in sums.values()),
        files=rows,
        sums=sums,
    )


def faults(row: Archived, case: Case, lines: list[Line]) -> list[Fault]:
    """Where the chain of the journal breaks, and whether the filed text is the one the journal gives."""
    found = [Fault(n, what) for _, n, what in stream.faults([f"case:{row.case_id}"])]
    body = queries.text_of(row)
    if body.tokeniser == tokens.VERSION and not found and body.text != searched(case, lines):
        found.append(Fault(0, "text"))
    return found


def checked(lines: list[Line], rows: list[Attachment]) -> dict[str, str]:
    """Of each checksum that the journal or a row names, whether the content is still it: sound, changed or missing."""
    entries = [line for line in lines if line.kind == "Attached"]
    named = {one["sha256"] for line in entries if line.facts for one in line.facts["files"]}
    told = {sha256: contents.state(sha256) for sha256 in named | {row.sha256 for row in rows}}
    if all(line.facts for line in entries):  # none erased: the journal names every file
        told |= {row.sha256: "changed" for row in rows if row.sha256 not in named}
    return told


def _last(lines: list[Line], kind: str) -> Line | None:
    return next((line for line in reversed(lines) if line.kind == kind and line.facts), None)


def when(line: Line | None) -> datetime | None:
    """When it happened, as told, else as recorded."""
    return (line.occurred_at or line.at) if line else None


def versions(case_id: int) -> list[int]:
    """The cycles of a case of whose closing a document was kept."""
    query = select(Archived.cycle).join(ArchivedSnapshot, ArchivedSnapshot.id == Archived.id)
    return list(db.session.scalars(query.where(Archived.case_id == case_id).order_by(Archived.cycle)))
