"""The deadline watch (SL8): tells the right people once when a clock is about to run out, and when it has.

It only tells. How a case stands is read from its clocks by whoever looks: a stopped watch changes no figure.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.exc import OperationalError

from portal.cases.clockwork import refresh
from portal.cases.models import Case
from portal.clocks.keeper import Keeper, epoch
from portal.clocks.models import Clock
from portal.identity import queries as people
from portal.identity.models import Person
from portal.jobs.beat import GAP_NAME
from portal.jobs.digest import Digests
from portal.jobs.models import Trouble
from portal.jobs.rules import DUE, TRIES, gap_of, pause_before_next_try, step_reached
from portal.kernel.db import db, transaction
from portal.notices.tell import tell

BATCH = 50
MOST_BATCHES = 400
log = logging.getLogger("portal.watch")


def look(now: datetime) -> int:
    """Tells whom it concerns of every threshold passed by `now`; returns how many clocks were announced."""
    told = 0
    for _ in range(MOST_BATCHES):
        if db.session.scalar(_waiting(now).limit(1)) is None:
            break
        with transaction():
            batch = Round(now)
            claimed = batch.work()
        told += batch.told
        if not claimed:
            break
    return told


def parked() -> list[Trouble]:
    """Cases the watch has given up on, for the administrator."""
    return list(db.session.scalars(select(Trouble).where(Trouble.tries >= TRIES).order_by(Trouble.id)))


def _waiting(now: datetime) -> Select[Any]:
    """Open cases with a threshold passed, the oldest first, without those that failed and are to wait."""
    held = exists().where(Trouble.case_id == Case.id, (Trouble.again_at > now) | (Trouble.tries >= TRIES))
    return select(Case).where(Case.open, Case.notice_at <= epoch(now), ~held).order_by(Case.notice_at)


class Round:
    """One batch of cases, claimed and announced in one transaction; another worker takes others."""

    def __init__(self, now: datetime) -> None:
        db.session.expire_all()
        self.now = now
        self.told = 0
        self.digests = Digests(now, gap_of(people.fact(GAP_NAME)))
        self._supervisors: dict[frozenset[int], list[int]] = {}

    def work(self) -> int:
        """Announces what is due in up to fifty cases; returns how many cases were claimed."""
        claim = _waiting(self.now).limit(BATCH).with_for_update(skip_locked=True, of=Case)
        claimed: list[Case] = list(db.session.scalars(claim))
        for case in claimed:
            self._one(case, case.id)
        self.digests.write()
        return len(claimed)

    def _one(self, case: Case, case_id: int) -> None:
        """A case that cannot be announced stops no other: it is tried again, and parked at last."""
        mark = self.digests.mark()
        try:
            with db.session.begin_nested():
                told = self._announce(case)
        except OperationalError:
            raise
        except Exception as error:
            log.exception("deadlines of case %s could not be announced", case_id)
            self.digests.back_to(mark)
            self._failed(case_id, error)
        else:
            self.told += told

    def _announce(self, case: Case) -> int:
        """Looks at the clocks as they are now, in this transaction: what was met or paused is not told."""
        keeper, told = Keeper(case, self.now), 0
        for clock in keeper.clocks:
            reached = _reached(clock, self.now)
            if reached:
                clock.told_step = reached[0]
                self._tell(case, clock, *reached)
                told += 1
        refresh(case, keeper)
        return told

    def _tell(self, case: Case, clock: Clock, step: int, at: int) -> None:
        facts: dict[str, Any] = {
            "no": case.no,
            "title": case.title,
            "level": case.level_now,
            "clock": clock.kind,
            "due": epoch(clock.effective_due),
        }
        for person in self._concerned(case, step):
            notice: dict[str, Any] = {
                "kind": "due" if step == DUE else "warn",
                "subject": case.stream,
                "facts": facts,
            }
            key, late = f"clock:{clock.id}:{step}", epoch(self.now) - at
            if self.digests.takes(at):
                self.digests.add(person, key, notice, at)
            else:
                tell([person], key=key, now=self.now, late_seconds=late, **notice)

    def _concerned(self, case: Case, step: int) -> list[int]:
        """Who is told: the assignee, from the due instant supervisors too; unclaimed: supervisors at once."""
        owner = db.session.get(Person, case.owner_id) if case.owner_id else None
        mine = [owner.id] if owner and owner.active else []
        if mine and step != DUE:
            return mine
        found = sorted({*mine, *self._above(case.unit_ids)})
        if not found:
            log.warning("nobody can be told about %s", case.no)
        return found

    def _above(self, units: frozenset[int]) -> list[int]:
        """Supervisors of these units; where there are none the heads, then the administrators."""
        if units not in self._supervisors:
            self._supervisors[units] = (
                people.holders("supervisor", units) or people.holders("head", units) or people.holders("admin")
            )
        return self._supervisors[units]

    def _failed(self, case_id: int, error: Exception) -> None:
        trouble = db.session.scalar(select(Trouble).where(Trouble.case_id == case_id))
        if trouble is None:
            trouble = Trouble(case_id=case_id, tries=0)
            db.session.add(trouble)
        trouble.tries += 1
        trouble.said = f"{type(error).__name__}: {error}"[:200]
        wait = pause_before_next_try(trouble.tries)
        trouble.again_at = self.now + timedelta(seconds=wait) if wait else None
        db.session.flush()


def _reached(clock: Clock, now: datetime) -> tuple[int, int] | None:
    """The step a running clock has reached; a stopped or paused one has nothing to say."""
    if clock.outcome != "running" or clock.paused_at:
        return None
    warn = epoch(clock.warn_at) if clock.warn_at else None
    return step_reached(clock.told_step, warn, epoch(clock.effective_due), epoch(now))
