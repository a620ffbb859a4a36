"""The worker keeps the counts of months and quarters: recounts what was touched, and at night proves what was not.

Touched is every period since the receipt of a case that has a new entry, and every running one with the passing of
time. It runs in a thread of its own beside the deadline watch, which never waits for it, and rests twenty times as
long as a recount took, after a running period 25 seconds at least: it is touched by every entry.
"""

import logging
import threading
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from portal.cases.models import Case
from portal.identity import queries as people
from portal.jobs.rules import night_of
from portal.journal import stream
from portal.journal.models import Entry
from portal.kernel import clock
from portal.kernel.db import db, read, transaction, write, write_many
from portal.kernel.errors import Busy, Stale
from portal.kernel.i18n import local
from portal.kernel.instants import epoch
from portal.notices.tell import tell
from portal.reports import periods
from portal.reports.metrics.rollups import recounted
from portal.reports.relations import seconds
from portal.reports.rules import Span

KINDS = ("month", "quarter")
LOOK_EVERY = 5  # seconds
RUNS = 60  # seconds after which a running period is counted again though nothing touched it
REST = 20  # times as long as a recount took
AFTER_FAILURE = 60.0  # seconds of rest after what nobody foresaw
LEAST = 25  # seconds of rest after a running period; a touched one is shown for a minute, and two run
MARK = "-"  # the row that keeps up to which entry it was looked
MANY = 500  # cases of one question
OVERLAP = 1_000  # PostgreSQL may commit entries out of order: so many are looked at again
STREAM = "selfcheck"
KEEP = (
    "INSERT INTO metric_rollup(period, unit_id, counted_at, upto, cost, dirty_since, doc)"
    " VALUES(:period, :unit, :at, :upto, :cost, 0, :doc) ON CONFLICT(period, unit_id) DO UPDATE SET"
    " counted_at = excluded.counted_at, upto = excluded.upto, cost = excluded.cost, dirty_since = 0, doc = excluded.doc"
)
AWAY = (DBAPIError, OSError, Busy, Stale)
log = logging.getLogger("portal.worker")
TOUCHED = "UPDATE metric_rollup SET dirty_since = :at WHERE period = :period AND unit_id = 0 AND dirty_since = 0"


@dataclass
class Rolling:
    """One worker's knowledge of what is to be counted; empty after a start, when everything is looked at."""

    mark: int | None = None
    seen: set[int] = field(default_factory=set)
    looked_at: int = 0
    rests_until: float = 0.0
    dirty: dict[str, int] = field(default_factory=dict)  # period: since when
    night: str = ""
    unproven: list[str] = field(default_factory=list)

    def step(self, now: datetime) -> str:
        """Looks what was touched, then counts or proves one period; returns its code, empty for none."""
        at = epoch(now)
        if abs(at - self.looked_at) < LOOK_EVERY:
            return ""
        self.looked_at = at
        self._look(now)
        if clock.monotonic() < self.rests_until:
            return ""
        begun = clock.monotonic()
        code = self._next(now)
        if code:
            took = clock.monotonic() - begun
            self.rests_until = clock.monotonic() + max(REST * took, LEAST if _span(code, now).running else 0)
        return code

    def _look(self, now: datetime) -> None:
        """Marks as touched what new entries of cases, and the passing of time, may have changed."""
        kept = {row[0]: row for row in read("SELECT period, counted_at, dirty_since, upto FROM metric_rollup WHERE"
                                            " unit_id = 0", {})}  # fmt: skip
        if self.mark is None:
            self.mark = kept[MARK][3] if MARK in kept else 0
            self.dirty = {code: row[2] for code, row in kept.items() if row[2]}
        since = self._earliest()
        touched = set()
        for code in _all_periods(now):
            span, row = _span(code, now), kept.get(code)
            late = row is not None and row[1] < span.end and epoch(now) - row[1] >= RUNS
            if row is None or late or (since is not None and since < span.end):
                touched.add(code)
        fresh = [code for code in touched if code in kept and not kept[code][2]]
        if fresh or MARK not in kept or kept[MARK][3] != self.mark:
            with transaction():
                write_many(TOUCHED, [{"period": code, "at": epoch(now)} for code in fresh])
                write(KEEP, {"period": MARK, "unit": 0, "at": epoch(now), "upto": self.mark, "cost": 0, "doc": ""})
        self.dirty = dict.fromkeys(touched, epoch(now)) | self.dirty

    def _earliest(self) -> int | None:
        """The earliest receipt of a case with a new entry; None when there is none, 0 after a correction."""
        query = select(Entry.id, Entry.stream, Entry.kind).where(Entry.id > max(0, (self.mark or 0) - OVERLAP))
        rows = db.session.execute(query).all()
        new = [row for row in rows if row[0] not in self.seen and row[1].startswith("case:")]
        self.seen = {row[0] for row in rows[-2 * OVERLAP :]}
        self.mark = max((row[0] for row in rows), default=self.mark)
        if any(row[2] == "FactCorrected" for row in new):
            return 0
        cases = list({int(row[1][5:]) for row in new})
        found = [
            db.session.scalar(select(func.min(seconds(Case.received_at))).where(Case.id.in_(cases[n : n + MANY])))
            for n in range(0, len(cases), MANY)
        ]  # fmt: skip
        return min((at for at in found if at is not None), default=None)

    def _next(self, now: datetime) -> str:
        """What has waited longest, of that the running periods first: those are touched again every minute."""
        night = night_of(local(now))
        if night != self.night:
            self.night, self.unproven = night, _all_periods(now)
        if self.dirty:
            code = min(self.dirty, key=lambda one: (self.dirty[one], -_span(one, now).end, one))
            del self.dirty[code]
            keep(_span(code, now), self.mark or 0)
            return code
        while self.unproven:
            code = self.unproven.pop()
            if prove(_span(code, now), now):
                return code
        return ""


def _span(code: str, now: datetime) -> Span:
    zone: ZoneInfo = local(now).tzinfo  # type: ignore[assignment]
    return periods.period(code, now, zone)


def _all_periods(now: datetime) -> list[str]:
    """Months and quarters from the first case on, the earliest first."""
    first = db.session.scalar(select(func.min(seconds(Case.received_at))))
    if first is None:
        return []
    here, then = local(now), local(first)
    months = max(1, (here.year - then.year) * 12 + here.month - then.month + 1)
    quarters = max(1, (here.year - then.year) * 4 + (here.month + 2) // 3 - (then.month + 2) // 3 + 1)
    return [*periods.earlier("month", here, months), *periods.earlier("quarter", here, quarters)]


def start(app: Flask, stop: threading.Event) -> None:
    """Counts in a thread of its own until told to stop; while the store is away it tries again."""

    def run() -> None:
        rolling = Rolling()
        with app.app_context():
            while not stop.wait(LOOK_EVERY):
                try:
                    rolling.step(clock.now())
                except AWAY as error:
                    log.warning("counting waits for the store (%s)", type(error).__name__)
                except Exception:
                    log.exception("a period could not be counted; trying again")
                    stop.wait(AFTER_FAILURE)
                finally:
                    db.session.remove()

    threading.Thread(target=run, name="counting", daemon=True).start()


def keep(span: Span, upto: int) -> None:
    """Counts a period and keeps its documents; those of departments that have nothing any more go."""
    begun = clock.monotonic()
    documents = recounted(span)
    cost = int((clock.monotonic() - begun) * 1000)
    db.session.rollback()
    with transaction():
        write("DELETE FROM metric_rollup WHERE period = :period", {"period": span.code})
        write_many(
            KEEP,
            [
                {"period": span.code, "unit": unit, "at": span.as_of, "upto": upto, "cost": cost, "doc": doc}
                for unit, doc in documents.items()
            ],
        )


def prove(span: Span, now: datetime) -> bool:
    """Recounts a period that nothing has touched and compares; a difference is written down, told and mended.

    False when there is nothing to prove: the period runs, was touched, or was never counted.
    """
    rows = read("SELECT unit_id, doc, dirty_since FROM metric_rollup WHERE period = :period", {"period": span.code})
    if not rows or span.running or any(row[2] for row in rows):
        return False
    kept, counted = {row[0]: row[1] for row in rows}, recounted(span)
    db.session.rollback()
    if kept != counted:
        units = sorted(unit for unit in kept.keys() | counted.keys() if kept.get(unit) != counted.get(unit))
        with transaction():
            stream.append(STREAM, "FiguresDiffered", {"period": span.code, "units": units}, by_id=0, at=now)
            tell(
                people.holders("admin"), "figures_differ", subject=STREAM, key=f"figures:{span.code}:{epoch(now)}",
                now=now, facts={"title": span.code, "count": len(units)},
            )  # fmt: skip
        keep(span, 0)
    return True
