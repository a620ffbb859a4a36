"""The worker: looks at the deadlines every second, gives a sign of life, tidies up. One process or many."""

import logging
import threading
from dataclasses import dataclass, field
from datetime import datetime

from flask import Flask
from sqlalchemy.exc import DBAPIError

from portal.archive import blind, disposal, erasing, soundness
from portal.archive.ahead import open_ahead
from portal.attachments.holding import tidy
from portal.collaboration.disputes import lapse
from portal.collaboration.queries import lapsed
from portal.collaboration.task_queries import overdue
from portal.collaboration.tasks import tell_overdue
from portal.identity.actor import SYSTEM
from portal.intake.dispatch_actions import pass_on
from portal.intake.dispatch_queries import waits
from portal.intake.import_job import Importing
from portal.jobs.beat import beat
from portal.jobs.deliverer import start
from portal.jobs.drafter import start as start_drafting
from portal.jobs.drills import bring_injects, remind_of_drills, remind_of_required
from portal.jobs.dues import remind as remind_of_dues
from portal.jobs.incidents import pass_calls, remind_of_incidents, remind_of_reports
from portal.jobs.kit import Kit
from portal.jobs.leaps import StoreClock, WallClock
from portal.jobs.learning import Learning
from portal.jobs.news import pass_on_news
from portal.jobs.night import Night
from portal.jobs.orders import look_at_orders
from portal.jobs.packaging import Packaging
from portal.jobs.papers import chase_sheets
from portal.jobs.pauses import end_pauses
from portal.jobs.plans import remind_of_plans
from portal.jobs.proving import Proving
from portal.jobs.prune import prune
from portal.jobs.reminders import remind
from portal.jobs.reporting import chase, open_due
from portal.jobs.rolling import start as start_counting
from portal.jobs.sealing import Sealing
from portal.jobs.status import StatusExport
from portal.jobs.watch import look
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.errors import Busy, Stale
from portal.kernel.instants import epoch

BEAT_EVERY = 5
PRUNE_EVERY = 600
PAUSES_EVERY = 60
QUARTERS_EVERY = 3600
REMIND_EVERY = 15
LONGEST_WAIT = 10.0
BREATH = 0.05  # seconds between two ticks while an import or a verification is under way
AWAY = (DBAPIError, OSError, Busy, Stale)
log = logging.getLogger("portal.worker")


@dataclass
class Worker:
    """When this worker last did each of its duties (epoch seconds)."""

    beat_at: int = 0
    pruned_at: int = 0
    pauses_at: int = 0
    quarters_at: int = 0
    reminded_at: int = 0
    night: Night = field(default_factory=Night)
    wall: WallClock = field(default_factory=WallClock)
    learning: Learning = field(default_factory=Learning)
    importing: Importing = field(default_factory=Importing)
    sealing: Sealing = field(default_factory=Sealing)
    proving: Proving = field(default_factory=Proving)
    kit: Kit = field(default_factory=Kit)
    packaging: Packaging = field(default_factory=Packaging)
    status: StatusExport = field(default_factory=StatusExport)
    disposing: bool = False
    checking: bool = False

    def tick(self, now: datetime, elapsed: float | None = None) -> int:
        """Does whatever is to be done at `now`, without sleeping; returns how many clocks were announced.

        `elapsed` are true seconds since any moment, to see a jump of the wall clock by; None: nobody asks.
        """
        at = epoch(now)
        leapt = elapsed is not None and self.wall.look(now, elapsed)
        if leapt or abs(at - self.beat_at) >= BEAT_EVERY:
            beat(now, leapt=leapt)
            self.beat_at = at
        if lapsed(now):
            with transaction():
                lapse(now)
        if overdue(now):
            with transaction():
                tell_overdue(now)
        pass_calls(now)
        remind_of_reports(now)
        bring_injects(now)
        pass_on_news(now)
        self.status.step(now)
        told = look(now)
        look_at_orders(now)
        self._now_and_then(now, at)
        if not self.night.step(now):
            self.learning.step(now)
        self.importing.step(now)
        self.sealing.step(now)
        self.proving.step(now)
        self.packaging.step(now)
        self.disposing = disposal.step(now) > 0
        self.checking = soundness.step(now)
        return told

    def _now_and_then(self, now: datetime, at: int) -> None:
        """What is done less often than every second."""
        if abs(at - self.reminded_at) >= REMIND_EVERY:
            remind(now)
            remind_of_dues(now)
            remind_of_incidents(now)
            remind_of_drills(now)
            chase_sheets(now)
            self.kit.step(now)
            chase(now)
            self.reminded_at = at
        if abs(at - self.pruned_at) >= PRUNE_EVERY:
            prune(now)
            open_due(now)
            self.pruned_at = at
        if abs(at - self.pauses_at) >= PAUSES_EVERY:
            end_pauses(now)
            blind.catch_up()
            if waits(now):
                with transaction():
                    pass_on(SYSTEM, now)
            self.pauses_at = at
        if abs(at - self.quarters_at) >= QUARTERS_EVERY:
            open_ahead(now)
            remind_of_plans(now)
            remind_of_required(now)
            tidy(now)
            erasing.checkpoint()
            self.quarters_at = at


def run(app: Flask, stop: threading.Event, *, every: float = 1.0) -> None:
    """Ticks until told to stop; notices are sent beside it.

    While the store is away it says so once and tries again, more patiently.
    """
    worker, store, wait = Worker(), StoreClock(), every
    end = start(app, stop)
    start_counting(app, stop)
    start_drafting(app, stop)
    with app.app_context():
        while not stop.is_set():
            try:
                now, elapsed = clock.now(), clock.elapsed()
                if store.trusted(now, elapsed):
                    worker.tick(now, elapsed)
            except AWAY as error:
                if wait == every:
                    log.warning("the store is away (%s); trying again", type(error).__name__)
                wait = min(wait * 2, LONGEST_WAIT)
            else:
                if wait != every:
                    log.warning("the store is back")
                wait = every
            finally:
                db.session.remove()
            under_way = (worker.importing.run_id, worker.proving.run, worker.packaging.run)
            busy = any(under_way) or worker.disposing or worker.checking
            stop.wait(BREATH if busy else wait)
    end()
