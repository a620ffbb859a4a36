"""The worker's wall clock beside one that cannot jump (F-20) and beside the store's on another machine (F-23)."""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.clocks import book as books
from portal.identity.actions import CLOCK_STREAM as STREAM
from portal.jobs.rules import LEAP, leap_of
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db, read, transaction
from portal.kernel.feed import LEAP_NAME, Installation
from portal.kernel.instants import epoch

BEGUN = text("INSERT INTO installation(name, value) VALUES(:name, '0 0 0') ON CONFLICT DO NOTHING")
ASKED = text(
    "SELECT id, policy_version, level, answer_by FROM clock WHERE answer_by IS NOT NULL AND outcome = 'running'"
    " ORDER BY id"
)
LATER = text("UPDATE clock SET answer_by = :until WHERE id = :id")
LOOK = text(
    "UPDATE cases SET notice_at = :now WHERE notice_at IS NOT NULL AND id IN"
    " (SELECT case_id FROM clock WHERE answer_by IS NOT NULL AND outcome = 'running')"
)
STORE_NOW = "SELECT EXTRACT(EPOCH FROM clock_timestamp())"
ASK_STORE_EVERY = 60
log = logging.getLogger("portal.watch")


def beside_store(now: datetime) -> int:
    """Seconds by which this machine's clock is ahead of the store's; 0 where the store has no clock of its own."""
    if db.engine.dialect.name != "postgresql":
        return 0
    return epoch(now) - int(read(STORE_NOW, {})[0][0])


def _wait_as_long(session: Session, now: datetime, by: int) -> None:
    """Whoever was told and is to answer has as long as before the jump; the watch reckons these cases at once.

    Times of day are not moved: they are what the wall clock says, right or wrong. Of levels with quiet hours nobody is
    told outside working time, so their answer is awaited until the next opening.
    """
    day = books.in_force(now)
    asked = session.execute(ASKED).all()
    for clock_id, version, level, answer_by in asked:
        ladder, until = books.policy(version).ladder, answer_by + by
        if level in ladder.quiet_levels:
            until = ladder.opening(until, day.calendars[day.policy.day_calendar])
        session.execute(LATER, {"id": clock_id, "until": until})
    if asked:
        session.execute(LOOK, {"now": epoch(now)})


@dataclass
class StoreClock:
    """What one worker knows of the store's clock: when it last asked, and whether both agreed."""

    asked: float | None = None
    agrees: bool = True

    def trusted(self, now: datetime, elapsed: float) -> bool:
        """Whether this worker may act on its clock: at most LEAP seconds from the store's. Asks once a minute."""
        if self.asked is None or elapsed - self.asked >= ASK_STORE_EVERY:
            off, agreed = beside_store(now), self.agrees
            self.asked, self.agrees = elapsed, abs(off) <= LEAP
            if not self.agrees:
                log.error("this clock is %s s from the store's: nothing is announced until it is set", off)
            elif not agreed:
                log.warning("this clock agrees with the store's again")
        return self.agrees


@dataclass
class WallClock:
    """What one worker knows: wall clock and true time at its start, and how far off it has said the clock to be."""

    wall: int = 0
    true: float = 0.0
    said: int = 0

    def look(self, now: datetime, elapsed: float) -> bool:
        """Compares both; whether the wall clock has jumped since the last look. `elapsed` in true seconds."""
        if not self.wall:
            self.wall, self.true = epoch(now), elapsed
        off = round(epoch(now) - self.wall - (elapsed - self.true))
        by = off - self.said
        if abs(by) <= LEAP:
            return False
        note(now, by)
        self.said = off
        return True


def note(now: datetime, by: int) -> None:
    """Keeps a jump by so many seconds, once however many workers see it."""
    with transaction() as session:
        session.execute(BEGUN, {"name": LEAP_NAME})
        row = session.get_one(Installation, LEAP_NAME, with_for_update=True, populate_existing=True)
        before = leap_of(row.value)
        if before.same(by, epoch(now)):
            return
        after = before.then(by, epoch(now))
        row.value = f"{after.off} {after.by} {after.at}"
        _wait_as_long(session, now, by)
        stream.append(STREAM, "ClockLeapt", {"seconds": by, "off": after.off}, by_id=0, at=now)
        feed.touch("installation", 0)
    log.warning("the wall clock has jumped by %s s; it is %s s from where it was", by, after.off)
