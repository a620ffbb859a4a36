"""One record as it is read: the case rebuilt from its journal, its clocks, and whether it all still holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.archive import queries
from portal.archive.models import Archived
from portal.archive.rules import masked_text, searched
from portal.attachments import queries as files
from portal.attachments.models import Attachment
from portal.cases.apply import apply
from portal.cases.events import from_facts
from portal.cases.models import Case
from portal.cases.telling import Entry, told
from portal.clocks.kept import clocks_of
from portal.clocks.models import Clock
from portal.directory.rules import masked_name, masked_phone
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.people_forms import unit_name
from portal.identity.policy import may
from portal.journal import stream
from portal.journal.stream import Line
from portal.kernel import files as contents
from portal.kernel import tokens
from portal.kernel.db import db


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


def read(actor: Actor, row: Archived) -> Record:
    """The record as this person may see it."""
    lines = stream.read(f"case:{row.case_id}")
    until = closing(lines, row.cycle)
    case, known = rebuilt(lines[:until], row.case_id), may(actor, "customer.contact", row)
    names, units = people.names(), {unit.id: unit_name(unit) for unit in people.units()}
    entries = [told(line, names) for line in reversed(lines)]
    rows = files.of_case(row.case_id)
    sums = checked(lines, rows)
    wrong = faults(row, case, lines[:until])
    return Record(
        row=row,
        case=case if known else _masked_case(case),
        open_again=bool(db.session.get_one(Case, row.case_id).open),
        customer=row.customer_name if known else masked_name(row.customer_name),
        contact=row.contact if known else masked_phone(row.contact),
        department=units.get(row.department_id, ""),
        clocks=sorted(clocks_of(row.case_id), key=lambda c: (c.started_at, c.id)),
        confirmed=_last(lines[:until], "Confirmed"),
        rated=_last(lines[:until], "Rated"),
        history=entries if known else [_masked_entry(entry) for entry in entries],
        faults=wrong + [Fault(0, "file")] * any(state != "sound" for state in sums.values()),
        files=rows,
        sums=sums,
    )


def closing(lines: list[Line], cycle: int) -> int:
    """How many entries of a journal lead up to the closing of a cycle, the closing included."""
    ends = [place + 1 for place, line in enumerate(lines) if line.kind == "Closed"]
    return ends[min(cycle, len(ends)) - 1] if ends else len(lines)


def rebuilt(lines: list[Line], case_id: int) -> Case:
    """The case as its journal says it was; the row in the queue's table is not asked."""
    case = Case(id=case_id)
    for line in lines:
        if line.facts:
            apply(case, from_facts(line.kind, line.facts), line.at, line.by_id)
    return case


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


def _masked_case(case: Case) -> Case:
    for name in ("title", "description", "demand", "order_no", "result", "cause"):
        setattr(case, name, masked_text(getattr(case, name)))
    return case


def _masked_entry(entry: Entry) -> Entry:
    return entry._replace(
        detail=masked_text(entry.detail), quote=masked_text(entry.quote), after=masked_text(entry.after)
    )


def when(line: Line | None) -> datetime | None:
    """When it happened, as told, else as recorded."""
    return (line.occurred_at or line.at) if line else None
