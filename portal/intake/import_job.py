"""The worker's part in an import: a slice a tick beside the deadline watch; killed and started again it goes on."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.identity import queries as people
from portal.identity.policy import allow
from portal.intake import tables
from portal.intake.import_queries import content_of, options_of
from portal.intake.importer import BATCH, Report, batches, bring_in, note
from portal.intake.models import ImportRefusal, ImportRun
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid

SLICE = 0.8  # seconds a tick: the deadline watch looks every second
SILENT = timedelta(seconds=60)  # without a sign of life another worker goes on


@dataclass
class Importing:
    """One worker's import under way: which run, and what of its file is still to be done."""

    run_id: int = 0
    rest: Iterator[ImportRun] = field(default_factory=lambda: iter(()))

    def step(self, now: datetime, *, seconds: float = SLICE) -> bool:
        """Goes on for a slice; True while there is more to do."""
        if not self.run_id:
            self.run_id = waiting(now)
            self.rest = work(self.run_id, now) if self.run_id else iter(())
        ends = clock.monotonic() + seconds
        while self.run_id and clock.monotonic() < ends:
            if next(self.rest, None) is None:
                self.run_id = 0
        return bool(self.run_id)


def waiting(now: datetime) -> int:
    """The id of an import that waits, or whose worker has gone silent; claimed for this worker; 0 without one."""
    idle = select(ImportRun.id).where(ImportRun.state.in_(("waiting", "running"))).order_by(ImportRun.id)
    if db.session.scalar(idle.limit(1)) is None:
        return 0
    with transaction():
        for run in db.session.scalars(select(ImportRun).where(ImportRun.id.in_(idle)).with_for_update()):
            if run.state == "waiting" or run.ended_at is None or now - run.ended_at > SILENT:
                run.state, run.begun_at, run.ended_at = "running", run.begun_at or now, now
                return run.id
    return 0


def work(run_id: int, now: datetime) -> Iterator[ImportRun]:
    """Brings one import to its end, a batch at a time; yields after each. Rows done before are passed over."""
    run = db.session.get_one(ImportRun, run_id)
    try:
        options = replace(options_of(run.options), source=run.options.get("source") or run.name)
        table = tables.opened(content_of(run), options)
        done = run.rows // BATCH
        total = sum(1 for _ in table.records()) - 1
        for place, batch in enumerate(batches(table.records(), options, now)):
            if place < done:
                continue
            report = Report(run.name, "", run.trial)
            bring_in(batch, options, now, report)
            yield _kept(run_id, report, total)
        _end(run_id, "done")
    except Invalid as refused:
        _end(run_id, "failed", {"code": refused.code, "facts": refused.facts})


def _kept(run_id: int, report: Report, total: int) -> ImportRun:
    """Notes how far the import is, and that its worker is alive."""
    with transaction():
        run = db.session.get_one(ImportRun, run_id, with_for_update=True, populate_existing=True)
        run.total, run.ended_at = total, clock.now()
        for name in ("rows", "added", "already", "incomplete"):
            setattr(run, name, getattr(run, name) + getattr(report, name))
        run.refused += len(report.refused)
        run.first_no, run.last_no = run.first_no or report.first_no, report.last_no or run.last_no
        for one in report.refused:
            facts = {name: str(value) for name, value in one.facts.items()}
            db.session.add(
                ImportRefusal(run_id=run_id, line=one.line, code=one.code, facts=facts, beginning=one.beginning[:80])
            )
    db.session.expunge_all()
    return run


def _end(run_id: int, state: str, fault: dict[str, object] | None = None) -> None:
    """The import is over; who brought what in stands in the journal."""
    with transaction():
        run = db.session.get_one(ImportRun, run_id, with_for_update=True, populate_existing=True)
        run.state, run.fault, run.ended_at = state, fault or {}, clock.now()
        if state == "done" and not run.trial:
            actor = people.actor_of(people.person(run.person_id))
            allow(actor, "case.import")
            options = replace(options_of(run.options), source=run.options.get("source") or run.name)
            note(options, actor, clock.now(), run, run.refused)
