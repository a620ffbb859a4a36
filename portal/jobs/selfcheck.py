"""Counts every running clock's due instant again from start, limit and pauses; nothing may differ (SL9)."""

from dataclasses import dataclass

from sqlalchemy import select

from portal.cases.models import Case
from portal.clocks import book
from portal.clocks.deadlines import deadline
from portal.clocks.keeper import epoch, segments_of, stretches_for
from portal.clocks.models import Clock, Segment
from portal.journal import stream
from portal.kernel.db import db

BATCH = 500


@dataclass(frozen=True)
class Difference:
    """A clock whose kept due instant is not the one that counts; epoch seconds."""

    no: str
    kind: str
    kept: int
    counted: int


def differences() -> list[Difference]:
    """All running clocks whose due instant differs from what their start, limit and pauses give."""
    found: list[Difference] = []
    last = 0
    running = select(Clock, Case.no).join(Case, Case.id == Clock.case_id).where(Clock.outcome == "running")
    while True:
        rows = db.session.execute(running.where(Clock.id > last).order_by(Clock.id).limit(BATCH)).all()
        if not rows:
            return found
        found += [d for clock, no in rows for d in (_difference(clock, no),) if d]
        last = rows[-1][0].id


def _difference(clock: Clock, no: str) -> Difference | None:
    """None when the kept instant is one that the rules give for this clock."""
    segments, kept = segments_of(clock.case_id), epoch(clock.due_at)
    counted = _counted(clock, segments)
    if kept in (counted, _unpaused(clock)) or _level_changed(clock):
        return None
    return Difference(no, clock.kind, kept, counted)


def _counted(clock: Clock, segments: list[Segment]) -> int:
    calendar = book.calendar(clock.calendar, clock.calendar_version)
    stretches = stretches_for(clock, segments)
    return deadline(clock.amount, clock.unit, calendar, epoch(clock.started_at), stretches)


def _unpaused(clock: Clock) -> int | None:
    """A clock that may not stop keeps its limit whatever the case does."""
    if clock.pausable:
        return None
    calendar = book.calendar(clock.calendar, clock.calendar_version)
    return deadline(clock.amount, clock.unit, calendar, epoch(clock.started_at))


def _level_changed(clock: Clock) -> bool:
    """After a change of level the earlier of old and new instant binds (SL5); the limit alone cannot tell."""
    lines = stream.read(f"case:{clock.case_id}")
    return any(line.kind == "Judged" and line.facts.get("basis") == "changed" for line in lines)
