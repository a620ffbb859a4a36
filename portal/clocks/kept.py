"""Rows of clocks and segments as the store keeps them: read, filled from a decision, read as one again."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, select

from portal.clocks import book as books
from portal.clocks.ladder import DUE, Standing, limit_of, next_instant
from portal.clocks.models import Clock, Segment
from portal.clocks.policy import DERIVED, Lost
from portal.clocks.rules import Decision
from portal.journal import stream
from portal.kernel.db import db, read
from portal.kernel.instants import epoch, moment

PAUSING = frozenset(("progress", "answer", "result", "department_result", "step"))  # SL4: the kinds a pause can move
WITH_CUSTOMER = ("result", "answer")  # SL11: the time from told to refused is the customer's

CLOCKS = select(Clock).where(Clock.case_id == bindparam("case")).order_by(Clock.id)
CLOCKS_KEPT = CLOCKS.execution_options(autoflush=False)
SEGMENTS = select(Segment).where(Segment.case_id == bindparam("case")).order_by(Segment.id)


def take(clock: Clock, decision: Decision) -> None:
    """Copies a decision into a clock's row."""
    row = decision.winner
    clock.policy_version, clock.rule, clock.clause, clock.house = (
        decision.policy_version,
        row.id,
        row.clause,
        row.house,
    )
    clock.combine, clock.losers = decision.combine, [[lost.row.id, lost.due] for lost in decision.losers]
    clock.calendar, clock.calendar_version = row.calendar, decision.calendar_version
    clock.amount, clock.unit, clock.pausable = row.amount, row.unit, decision.pausable
    clock.provisional, clock.level, clock.judged = decision.provisional, decision.level, decision.judged
    clock.started_at, clock.due_at = moment(decision.start), moment(decision.due)
    clock.warn_at = moment(decision.warn) if decision.warn else None


def decision_of(clock: Clock) -> Decision:
    """The decision a clock was set by, rebuilt from its policy version."""
    rows = {r.id: r for r in books.policy(clock.policy_version).rows}
    calendar = books.calendar(clock.calendar, clock.calendar_version)
    start, due = epoch(clock.started_at), epoch(clock.due_at)
    losers = tuple(Lost(rows[i], lost_due) for i, lost_due in clock.losers if i in rows)
    if rows[clock.rule].unit in DERIVED:
        rows[clock.rule] = replace(
            rows[clock.rule], amount=clock.amount, unit=clock.unit, calendar=clock.calendar, pausable=clock.pausable
        )
    elif rows[clock.rule].calendar != clock.calendar:  # a voicemail's entry runs on its hotline's hours
        rows[clock.rule] = replace(rows[clock.rule], calendar=clock.calendar)
    return Decision(
        kind=clock.kind, level=clock.level, judged=clock.judged, policy_version=clock.policy_version,
        calendar_version=clock.calendar_version, combine=clock.combine, winner=rows[clock.rule], losers=losers,
        start=start, due=due, warn=epoch(clock.warn_at) if clock.warn_at else None, budget=calendar.between(start, due),
        pausable=clock.pausable, provisional=clock.provisional, met_by_taking=False,
    )  # fmt: skip


def next_threshold(clock: Clock, book: books.Book) -> int | None:
    """The next instant at which somebody is told about this clock (SL8): a step of the ladder, or nobody answered."""
    policy, limit = book.policy, 0
    calendar = office = book.calendars[policy.day_calendar]
    if clock.told_step >= DUE:  # only the steps after the due instant ask for the clock's own calendar
        calendar = books.calendar(clock.calendar, clock.calendar_version)
        limit = limit_of(clock.amount, clock.unit, epoch(clock.started_at), calendar)
    warn, answer = (epoch(at) if at else None for at in (clock.warn_at, clock.answer_by))
    standing = Standing(clock.level, clock.told_step, warn, epoch(clock.effective_due), limit, answer)
    return next_instant(policy.ladder, standing, calendar, office)


def clocks_of(case_id: int) -> list[Clock]:
    """All clocks of a case in the order they were started.

    Where nothing new waits to be stored, what was changed in memory waits too: it goes to the store once, not twice.
    """
    return list(db.session.scalars(CLOCKS if db.session.new else CLOCKS_KEPT, {"case": case_id}))


def segments_of(case_id: int) -> list[Segment]:
    """The stretches of a case in order."""
    return list(db.session.scalars(SEGMENTS, {"case": case_id}))


def stretches_for(clock: Clock, segments: list[Segment]) -> list[tuple[int, int | None, str, str]]:
    """The case's stretches as this clock sees them: only what may stop it is a pause."""
    found: list[tuple[int, int | None, str, str]] = []
    for here, after in zip(segments, [*segments[1:], None], strict=True):
        until = epoch(after.from_at) if after else None
        stops = (here.kind == "paused" and clock.kind in PAUSING) or (
            here.kind == "told" and clock.kind in WITH_CUSTOMER
        )
        found.append((epoch(here.from_at), until, "paused" if stops else "running", here.reason or here.kind))
    return found


FILE = "SELECT category FROM customer WHERE id = :id"


def class_of(customer_id: int, now: datetime) -> str:
    """The class in the customer's file as it was at `now`; asked only where a policy speaks about classes.

    Read from the file's journal, so that a case lived through again finds the class of then; a merged file has the
    class of its main one.
    """
    lines = stream.read(f"customer:{customer_id}")
    into = 0
    for line in lines:
        if line.at <= now and line.kind in ("FileMerged", "FileParted"):
            into = line.facts.get("into_id", 0)
    if into:
        return class_of(into, now)
    later = next((line for line in lines if line.kind == "ClassSet" and line.at > now), None)
    if later:
        return str(later.facts.get("previous", ""))
    rows = read(FILE, {"id": customer_id})
    return str(rows[0][0]) if rows else ""
