"""Taking over the archive of another system: a trial first, batches that stand or fall whole, resumable (AR2).

One process reads, asks the store and writes; another one reckons what each row becomes (legacy_making.py).
"""

import gc
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError

from portal.archive import blind, facets, vocabulary
from portal.archive import legacy_rules as rules
from portal.archive.legacy_making import Made, Task, make
from portal.archive.legacy_rules import Legacy, Options
from portal.archive.legacy_writing import write_all
from portal.archive.stores import quarters, store
from portal.cases.models import Case, Submission
from portal.directory import actions as directory
from portal.directory.models import CustomerContact
from portal.directory.queries import root
from portal.directory.rules import folded, kind_of
from portal.identity import queries as people
from portal.identity.actor import SYSTEM, Actor
from portal.identity.policy import allow
from portal.intake import tables
from portal.intake.import_rules import Refusal
from portal.intake.importer import Report
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid

BATCH = 500  # rows a transaction: staff who save meanwhile wait a third of a second at most
AHEAD = 4  # batches that are reckoned before they can be written
MOST_HELPERS = 4
Making = Callable[[list[Task]], Any]


def run(path: Path, options: Options, actor: Actor, now: datetime, *, dry_run: bool = True) -> Report:
    """Reads the file and, unless it is a trial, takes each usable row over as a closed case in its place of time.

    Opens its own transactions. A second run adds what is not there yet. Raises Invalid, writing nothing, for a file or
    options of no use at all.
    """
    allow(actor, "case.import")
    rules.check(options)
    table = tables.opened(_content(path), rules.as_intake(options))
    report = Report(path.name, table.read_as, dry_run)
    found = rules.sort_out(table.records(), options, codes(), now)
    if dry_run:
        taken = set[str]()
        for batch in _batches(found):
            _new(batch, report, taken)
        return _sorted(report)
    _take_over(found, options, now, report)
    for quarter in quarters():
        with transaction():
            store().settle(quarter)
    with transaction():
        _note(options, actor, now, report)
    facets.forget()
    return _sorted(report)


def codes() -> rules.Codes:
    """By field what a file may say, a code or a word of either language, folded: the portal's code of it."""
    meant = vocabulary.words().meant
    return {name: meant[word] for name, word in rules.LISTED.items()}


def _take_over(found: Iterator[Legacy | Refusal], options: Options, now: datetime, report: Report) -> None:
    with transaction():
        file = directory.recognise(
            SYSTEM, now, name=options.source, identity=f"LEGACY-{options.source}"[:60], category="company"
        )  # fmt: skip
        fallback = file.id
    home, at, taken = people.unit_id("service"), int(now.timestamp()), set[str]()
    batches = _batches(found)
    first = next(batches, [])
    under_way: deque[tuple[dict[str, Legacy], Any]] = deque()
    with _settled(), _helpers(at, blind.key(), many=len(first) == BATCH) as making:
        for batch in chain([first], batches):
            new = _new(batch, report, taken)
            if new:
                under_way.append(({row.key: row for row in new}, making(_tasks(new, fallback, home))))
            if len(under_way) > AHEAD:
                _write(*under_way.popleft(), at, report)
        while under_way:
            _write(*under_way.popleft(), at, report)


@contextmanager
def _settled() -> Iterator[None]:
    """What is in memory already is not looked through for waste again and again while a batch is made."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextmanager
def _helpers(at: int, key: bytes, *, many: bool) -> Iterator[Making]:
    """Lets batches be reckoned by other processes, where there are many and the machine has a second core."""
    cores = os.cpu_count() or 1
    helpers = min(cores, MOST_HELPERS) if many and cores > 1 else 0
    if helpers < 1:
        yield lambda tasks: make(tasks, at, key, store())
        return
    with ProcessPoolExecutor(helpers, mp_context=get_context("spawn"), initializer=gc.disable) as pool:
        yield lambda tasks: pool.submit(make, tasks, at, key, store())


def _new(batch: list[Legacy | Refusal], report: Report, taken: set[str]) -> list[Legacy]:
    """The rows of a batch that are not there yet; counts them, and what is refused."""
    report.rows += len(batch)
    report.refused += [one for one in batch if isinstance(one, Refusal)]
    rows = [one for one in batch if isinstance(one, Legacy)]
    here = select(Submission.key).where(Submission.key.in_([row.key for row in rows]))
    known = set(db.session.scalars(here))
    report.already += sum(row.key in known for row in rows)
    rows = [row for row in rows if row.key not in known]
    taken |= set(db.session.scalars(select(Case.no).where(Case.no.in_([row.no for row in rows]))))
    db.session.rollback()
    found = []
    for row in rows:
        if row.no in taken:
            report.refused.append(Refusal(row.line, "row_number_taken", {"no": row.no}, _beginning(row)))
            continue
        taken.add(row.no)
        found.append(row)
        if report.dry_run:
            report.count(row, row.no, False)
    return found


def _tasks(rows: list[Legacy], fallback: int, home: int) -> list[Task]:
    """Rows with their customers' files: a known customer's own, else the one of the source."""
    said = [row.values.get("contact", "") for row in rows]
    identities = [(kind, folded(kind, one)) if one and (kind := kind_of(one)) else None for one in said]
    query = select(CustomerContact.kind, CustomerContact.folded, CustomerContact.customer_id)
    named = db.session.execute(query.where(CustomerContact.folded.in_({one[1] for one in identities if one})))
    wanted = set(identities)
    files = {(kind, text): root(number).id for kind, text, number in named if (kind, text) in wanted}
    db.session.rollback()
    return [
        Task(row, files.get(one, fallback) if one else fallback, int(row.values["department"]), home)
        for row, one in zip(rows, identities, strict=True)
    ]


def _write(rows: dict[str, Legacy], making: Any, at: int, report: Report) -> None:
    made: list[Made] = making.result() if isinstance(making, Future) else making
    _write_some(made, rows, at, report)


def _write_some(made: list[Made], rows: dict[str, Legacy], at: int, report: Report) -> None:
    """A batch in one transaction; what the store refuses is found by halves, and stays out alone."""
    try:
        with transaction():
            store().gather()
            write_all(made, at)
    except (DataError, IntegrityError) as error:
        if len(made) == 1:
            row = rows[made[0].key]
            why = {"why": str(getattr(error, "orig", error))[:200]}
            report.refused.append(Refusal(row.line, "row_refused_by_store", why, _beginning(row)))
            return
        half = len(made) // 2
        _write_some(made[:half], rows, at, report)
        _write_some(made[half:], rows, at, report)
        return
    for one in made:
        report.count(rows[one.key], one.paper.no, False)


def _beginning(row: Legacy) -> str:
    return " ".join(row.values["description"][:60].split())


def _batches(found: Iterator[Legacy | Refusal]) -> Iterator[list[Legacy | Refusal]]:
    while batch := list(islice(found, BATCH)):
        yield batch


def _sorted(report: Report) -> Report:
    report.refused.sort(key=lambda one: one.line)
    return report


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid("import_unreadable", why=error.strerror or str(error)) from error


def _note(options: Options, actor: Actor, now: datetime, report: Report) -> None:
    """Who took over what stands in the journal of the configuration. Call inside transaction()."""
    facts = {
        "file": report.file, "source": options.source, "rows": report.rows, "added": report.added,
        "already": report.already, "refused": len(report.refused), "first": report.first_no, "last": report.last_no,
        "assumed": report.assumed,
    }  # fmt: skip
    stream.append("config:import", "ArchiveImported", facts, by_id=actor.id, at=now)
