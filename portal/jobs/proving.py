"""The worker's verifications: the night's and those somebody asks for, a slice a tick beside the deadline watch."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.identity import queries as people
from portal.jobs import verify
from portal.jobs.rules import night_of
from portal.journal import anchors, checks
from portal.journal.anchors import NoAnchors
from portal.journal.proof import TAMPERED, Verification
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.i18n import local
from portal.kernel.instants import epoch
from portal.notices.tell import tell

LOOKS_EVERY = 3  # seconds between two looks for one that is asked for
SLICE = 0.2  # seconds of a tick
CANNOT = 3


@dataclass
class Proving:
    """One worker's part."""

    me: str = field(default_factory=lambda: secrets.token_hex(4))
    night: str = ""
    looked: int = 0
    check_id: int = 0
    run: Verification | None = None
    steps: Iterator[None] = field(default_factory=lambda: iter(()))
    said: int = 0

    def step(self, now: datetime) -> bool:
        """Goes on with a verification, or takes one that waits; True while one is under way."""
        if self.run is None:
            if abs(epoch(now) - self.looked) < LOOKS_EVERY:
                return False
            self.looked = epoch(now)
            self._tonight(now)
            self._take(now)
        if self.run is not None:
            self._slice(self.run, now)
        return self.run is not None

    def _tonight(self, now: datetime) -> None:
        """Asks for the night's verification, once a night whichever worker is first."""
        night = night_of(local(now))
        if night != self.night:
            with transaction():
                checks.ask(0, now, night)
            self.night = night

    def _take(self, now: datetime) -> None:
        found = checks.waiting(epoch(now))
        if found is None:
            return
        with transaction():
            mine = checks.take(found, self.me, epoch(now))
        if mine:
            file = anchors.place()
            self.check_id, self.said = found, epoch(now)
            self.run = Verification(epoch(now), 0, file if file.exists() else None)
            self.steps = verify.whole(self.run)

    def _slice(self, run: Verification, now: datetime) -> None:
        """A fifth of a second of it; how far it is, once a second."""
        until = clock.elapsed() + SLICE
        try:
            for _ in self.steps:
                if clock.elapsed() > until:
                    break
            else:
                self._end(run.facts(), now)
        except (OSError, NoAnchors) as error:
            self._end({"code": CANNOT, "error": str(error)[:200]}, now)
        if self.run and epoch(now) != self.said:
            self.said = epoch(now)
            with transaction():
                if not checks.seen(self.check_id, self.me, epoch(now), run.entries, run.total):
                    self.run = None

    def _end(self, facts: dict[str, Any], now: datetime) -> None:
        """Keeps the result; what was altered is told to auditors, security officers and administrators."""
        check_id, self.run = self.check_id, None
        with transaction():
            if checks.end(check_id, self.me, now, facts) and facts["code"] == TAMPERED:
                who = {one for role in ("auditor", "security", "admin") for one in people.holders(role)}
                told = {"count": facts["found"]}
                tell(who, "tampered", subject=checks.STREAM, key=f"tampered:{check_id}", facts=told, now=now)
