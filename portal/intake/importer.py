"""Bringing another system's cases in: a trial first, batches that stand or fall whole, resumable."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError

from portal.cases.models import Case, Submission
from portal.directory import queries as customers
from portal.identity.actor import SYSTEM, Actor
from portal.identity.policy import allow
from portal.intake import import_rules as rules
from portal.intake import tables, vague_words
from portal.intake.actions import Request, take
from portal.intake.import_rules import Options, Record, Refusal, Row
from portal.intake.rules import missing
from portal.intake.spellings import spelled
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Busy, Invalid, Refused
from portal.kernel.gather import expect, gathered

BATCH = 50  # rows a transaction: short enough that staff who save meanwhile hardly wait
Thing = TypeVar("Thing")


@dataclass
class Report:
    """What an import did, or in a trial would do."""

    file: str
    encoding: str
    dry_run: bool
    rows: int = 0
    added: int = 0
    already: int = 0
    incomplete: int = 0
    assumed: dict[str, int] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    first_no: str = ""
    last_no: str = ""

    def count(self, row: Any, case_no: str, lacking: bool) -> None:
        """Counts a row that was (or would be) brought in."""
        self.added += 1
        self.incomplete += lacking
        for name in row.assumed:
            self.assumed[name] = self.assumed.get(name, 0) + 1
        self.first_no, self.last_no = self.first_no or case_no, case_no


def run(path: Path, options: Options, actor: Actor, now: datetime, *, dry_run: bool = True) -> Report:
    """Reads the file and, unless it is a trial, logs each usable row as a case by the system.

    Opens its own transactions. Raises Invalid, writing nothing, for a file or options of no use at all.
    """
    allow(actor, "case.import")
    chosen = replace(options, source=options.source or path.name, spelled=spelled())
    rules.check(chosen)
    table = tables.opened(_content(path), options)
    report = Report(path.name, table.read_as, dry_run)
    for batch in batches(table.records(), chosen, now):
        bring_in(batch, chosen, now, report)
    if not dry_run:
        with transaction():
            note(chosen, actor, now, report, len(report.refused))
    report.refused.sort(key=lambda r: r.line)
    return report


def batches(found: Iterator[Record], options: Options, now: datetime) -> Iterator[list[Row | Refusal]]:
    """A file's records, sorted into rows and refusals, a batch at a time. Raises Invalid for a useless header."""
    names, options = rules.header(next(found, None), options), replace(options, spelled=spelled())
    yield from _batches(rules.sort_out(found, names, options, now), BATCH)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid("import_unreadable", why=error.strerror or str(error)) from error


def _batches(things: Iterator[Thing], size: int) -> Iterator[list[Thing]]:
    while batch := list(islice(things, size)):
        yield batch


def bring_in(batch: Sequence[Row | Refusal], options: Options, now: datetime, report: Report) -> None:
    """One batch: what is refused, what is there already, what is new."""
    report.rows += len(batch)
    report.refused += [x for x in batch if isinstance(x, Refusal)]
    rows = [x for x in batch if isinstance(x, Row)]
    known = _known([row.key for row in rows])
    new = [row for row in rows if row.key not in known]
    report.already += len(rows) - len(new)
    if report.dry_run:
        for row in new:
            report.count(row, "", bool(_lacking(row)))
    elif new:
        _write(new, options, now, report)


def _known(keys: list[str]) -> set[str]:
    """The keys that were brought in before."""
    return set(db.session.scalars(select(Submission.key).where(Submission.key.in_(keys))))


def _lacking(row: Row) -> tuple[str, ...]:
    values = row.values
    return missing(
        customer=values.get("contact") or values.get("customer_name") or "", problem=values["description"],
        time=values.get("happened", ""), demand=values.get("demand", ""), words=vague_words.in_force(),
    )  # fmt: skip


def _write(rows: list[Row], options: Options, now: datetime, report: Report) -> None:
    """The batch in one transaction; if something refuses it, each half of it: only the bad row stays out."""
    try:
        with transaction(), gathered():
            expect("cases", len(rows))
            expect("case number", len(rows))
            customers.foresee(row.values.get("contact") or row.values.get("customer_name") or "" for row in rows)
            cases = [take_row(row, options, now) for row in rows]
    except Busy:
        raise
    except (Refused, DataError, IntegrityError) as error:
        if len(rows) == 1:
            report.refused.append(_refusal(rows[0], error))
            return
        half = len(rows) // 2
        for part in (rows[:half], rows[half:]):
            _write(part, options, now, report)
        return
    for row, case in zip(rows, cases, strict=True):
        report.count(row, case.no, bool(case.incomplete))


def take_row(row: Row, options: Options, now: datetime) -> Case:
    """One row as a case by the system. Raises Refused. Call inside transaction()."""
    allow(SYSTEM, "case.log")
    values: dict[str, Any] = {"contact": "", "demand": "", "happened": "", "urgency": "normal"} | dict(row.values)
    request = Request(
        channel=options.channel,
        received=row.received,
        assumed=row.assumed,
        source=row.key,
        machine=True,
        **values,
    )
    return take(SYSTEM, now, request, key=row.key)


def _refusal(row: Row, error: Exception) -> Refusal:
    """The store's own objection to one row, as a line of the report."""
    beginning = row.values["description"][:60]
    if isinstance(error, Refused):
        return Refusal(row.line, error.code, error.facts, beginning)
    return Refusal(row.line, "row_refused_by_store", {"why": str(getattr(error, "orig", error))[:200]}, beginning)


def note(options: Options, actor: Actor, now: datetime, report: Any, refused: int) -> None:
    """Who brought what in stands in the journal of the configuration. Call inside transaction()."""
    facts = {
        "file": getattr(report, "file", "") or report.name, "source": options.source, "channel": options.channel,
        "rows": report.rows, "added": report.added, "already": report.already, "refused": refused,
        "first": report.first_no, "last": report.last_no,
    }  # fmt: skip
    stream.append("config:import", "CasesImported", facts, by_id=actor.id, at=now)
