"""The worker's packages of archived records: a record a tick beside the deadline watch, and old ones removed."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from portal.archive import package_rules, packages
from portal.archive.packing import Packing
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.errors import Refused
from portal.kernel.instants import epoch

LOOKS_EVERY = 3  # seconds between two looks for one that is asked for
TIDY_EVERY = 3_600
SLICE = 0.2  # seconds of a tick, and a record's end


@dataclass
class Packaging:
    """One worker's part."""

    me: str = field(default_factory=lambda: secrets.token_hex(4))
    looked: int = 0
    tidied: int = 0
    run: Packing | None = None
    steps: Iterator[None] = field(default_factory=lambda: iter(()))
    said: int = 0

    def step(self, now: datetime) -> bool:
        """Goes on with a package, or takes one that waits; True while one is under way."""
        if self.run is None:
            if abs(epoch(now) - self.looked) < LOOKS_EVERY:
                return False
            self.looked = epoch(now)
            self._tidy(now)
            self._take(now)
        if self.run is not None:
            self._slice(self.run, now)
        return self.run is not None

    def _take(self, now: datetime) -> None:
        found = packages.waiting(epoch(now))
        if found is None:
            return
        with transaction():
            mine = packages.take(found, self.me, epoch(now))
        if mine:
            row = packages.row(found)
            self.run, self.said = Packing(row, now), epoch(now)
            self.steps = self.run.steps()

    def _slice(self, run: Packing, now: datetime) -> None:
        """A fifth of a second of it; how far it is, once a second. A refusal ends it, and says so."""
        until = clock.elapsed() + SLICE
        try:
            for _ in self.steps:
                if clock.elapsed() > until:
                    break
            else:
                self._end(run, now)
        except (Refused, OSError):  # no libraries for paper, no room on the disk
            run.facts = run.failed()
            self._end(run, now)
        if self.run and epoch(now) != self.said:
            self.said = epoch(now)
            with transaction():
                if not packages.seen(run.id, self.me, epoch(now), run.done):
                    self.run = None  # whoever goes on clears what lies there

    def _end(self, run: Packing, now: datetime) -> None:
        """Keeps what was made; one that broke off because the store was away is begun anew after a while.

        What another worker has taken over meanwhile stays as that one makes it.
        """
        self.run = None
        if run.facts:
            with transaction():
                packages.end(run.id, self.me, now, run.facts)
        packages.discard(run.id, self.me)

    def _tidy(self, now: datetime) -> None:
        """Removes the files of packages that nobody may fetch any more."""
        if abs(epoch(now) - self.tidied) < TIDY_EVERY:
            return
        self.tidied = epoch(now)
        for package_id in packages.outlived(epoch(now - timedelta(days=package_rules.KEPT_DAYS))):
            packages.clear(package_id)
            with transaction():
                packages.let_go(package_id)
        db.session.rollback()
