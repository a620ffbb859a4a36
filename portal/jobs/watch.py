"""The deadline watch (SL8): tells the right people, step by step and each step once, when a clock is about to run out.

It only tells. How a case stands is read from its clocks by whoever looks: a stopped watch changes no figure.
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from portal.identity import absences
from portal.identity import queries as people
from portal.jobs.beat import GAP_NAME
from portal.jobs.calls import Call, Id
from portal.jobs.chain import Chain
from portal.jobs.digest import Digests
from portal.jobs.models import Trouble
from portal.jobs.rules import BATCH, PART, SPAN, TRIES, gap_of, pause_before_next_try
from portal.jobs.steps import CASE, CLOCK, CaseRow, ClockRow, Plan, Planner
from portal.kernel import clock
from portal.kernel.db import db, read, transaction, write, write_many
from portal.kernel.engines import holds, passing_over, sqlite
from portal.kernel.instants import epoch
from portal.kernel.line import somebody_waits
from portal.notices.outside import News
from portal.notices.tell import note_told, tell_all, touch_people

MOST_CASES = 80_000  # of one look
WAITING = (
    " FROM cases c WHERE {open} AND notice_at <= :now AND NOT EXISTS (SELECT 1 FROM watch_trouble t"
    " WHERE t.case_id = c.id AND (t.again_at > :now OR t.tries >= :tries)) ORDER BY notice_at LIMIT :most{lock}"
)
CLOCKS = f"SELECT {', '.join(CLOCK)} FROM clock WHERE outcome = 'running' AND case_id IN ({{}}) ORDER BY case_id, id"
TOLD = "UPDATE clock SET told_step = :step, answer_by = :answer_by WHERE id = :id"
NEXT = "UPDATE cases SET notice_at = :notice_at WHERE id = :case_id"
log = logging.getLogger("portal.watch")


def look(now: datetime) -> int:
    """Tells whom it concerns of every step reached by `now`; returns how many clocks were announced."""
    told, seen, part = 0, 0, PART if sqlite() else BATCH
    while seen < MOST_CASES and read(waiting("1", lock=False), _bound(now, 1)):
        with transaction():
            batch = Round(now)
            claimed = batch.work(part)
        told, seen = told + batch.told, seen + claimed
        if not claimed:
            break
    return told


def waiting(wanted: str, *, lock: bool = True) -> str:
    """The question for open cases with a step reached, the oldest first, without those that failed and are to wait."""
    return f"SELECT {wanted}" + WAITING.format(open=holds("open"), lock=passing_over("c") if lock else "")


def _bound(now: datetime, most: int) -> dict[str, int]:
    return {"now": epoch(now), "tries": TRIES, "most": most}


def parked() -> list[Trouble]:
    """Cases the watch has given up on, for the administrator."""
    return list(db.session.scalars(select(Trouble).where(Trouble.tries >= TRIES).order_by(Trouble.id)))


class Round:
    """One batch of cases, claimed and announced in one transaction; another worker takes others."""

    def __init__(self, now: datetime) -> None:
        db.session.expire_all()
        self.now = now
        self.told = 0
        self.digests = Digests(now, gap_of(people.fact(GAP_NAME)))
        self.chain = Chain(absences.deputies(now))
        self.planner = Planner(now, self.chain, self.digests)
        self.places: dict[Id, str] = {}

    def work(self, part: int) -> int:
        """Announces what is due in up to BATCH cases, so many at a time; returns how many were claimed.

        SQLite has one writer at a time: after SPAN seconds the part at hand is the last, if somebody waits to write.
        """
        claimed, begun = 0, clock.monotonic()
        while claimed < BATCH:
            most = min(part, BATCH - claimed)
            some = self._part(most)
            claimed += some
            if some < most or (clock.monotonic() - begun > SPAN and somebody_waits(db.engine)):
                break
        self.digests.write()
        return claimed

    def _part(self, most: int) -> int:
        """Announces what is due in so many cases; returns how many there were."""
        cases = [CaseRow._make(row) for row in write(waiting(", ".join(CASE)), _bound(self.now, most))]
        if not cases:
            return 0
        plans = self._plans(cases)
        touch_people({call.person_id for one in plans for call in one.calls})
        self.places = self.digests.places(call for one in plans for call in one.calls)
        made = self._write(plans)
        self.told += sum(len(one.steps) for one in made)
        for call in (call for one in made for call in one.calls):
            if self.places[call.id]:
                self.digests.add(call, self.places[call.id])
        return len(cases)

    def _plans(self, cases: list[CaseRow]) -> list[Plan]:
        """What is to be told of each case, by its clocks as they are now: what was met or paused is not told."""
        rows = write(CLOCKS.format(",".join(str(case.id) for case in cases)), {})
        running = groupby((ClockRow._make(row) for row in rows), attrgetter("case_id"))
        clocks = {case_id: list(some) for case_id, some in running}
        self.chain.ask(case.owner_id for case in cases)
        found = []
        for case in cases:
            try:
                found.append(self.planner.plan(case, clocks.get(case.id, ())))
            except OperationalError:
                raise
            except Exception as error:
                self._failed(case.id, error)
        return found

    def _write(self, plans: list[Plan]) -> list[Plan]:
        """All plans at once; if that fails each by itself, so that a case that cannot be announced stops no other."""
        try:
            with db.session.begin_nested():
                self._store(plans)
        except OperationalError:
            raise
        except Exception as error:
            if len(plans) > 1:
                return [done for one in plans for done in self._write([one])]
            self._failed(plans[0].case_id, error)
            return []
        return plans

    def _store(self, plans: list[Plan]) -> None:
        write_many(TOLD, [step for one in plans for step in one.steps])
        write_many(NEXT, [{"case_id": one.case_id, "notice_at": one.notice_at} for one in plans])
        calls = [call for one in plans for call in one.calls]
        tell_all(self._news(calls), self.now)
        note_told(self._rows(calls))

    def _news(self, calls: Iterable[Call]) -> Iterator[News]:
        """The notices of what is told by itself."""
        for c in calls:
            if not self.places[c.id]:
                late = epoch(self.now) - c.at
                yield News(f"{c.key}:{c.person_id}", c.person_id, c.kind, c.subject, c.facts, late)

    def _rows(self, calls: Iterable[Call]) -> Iterator[dict[str, Any]]:
        """Who was told of which step, and which notice says it."""
        at = epoch(self.now)
        for c in calls:
            yield {
                "clock_id": c.clock_id, "step": c.step, "person_id": c.person_id, "case_id": c.case_id, "kind": c.kind,
                "role": c.role, "at": at, "late_seconds": at - c.at,
                "notice": f"{self.places[c.id] or c.key}:{c.person_id}",
            }  # fmt: skip

    def _failed(self, case_id: int, error: Exception) -> None:
        """It is tried again, and parked at last."""
        log.error("deadlines of case %s could not be announced", case_id, exc_info=error)
        trouble = db.session.scalar(select(Trouble).where(Trouble.case_id == case_id))
        if trouble is None:
            trouble = Trouble(case_id=case_id, tries=0)
            db.session.add(trouble)
        trouble.tries += 1
        trouble.said = f"{type(error).__name__}: {error}"[:200]
        wait = pause_before_next_try(trouble.tries)
        trouble.again_at = self.now + timedelta(seconds=wait) if wait else None
        db.session.flush()
