"""What was done with time, as grouped readings: who held cases until their result was told, and what was paused.

Lengths are those of the wall clock; the first stretch of a case reaches back to its receipt.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from portal.cases.models import Case
from portal.clocks.models import Clock, Segment
from portal.kernel.db import db
from portal.reports.relations import DROPPED, flag, level_of, seconds
from portal.reports.rules import Span

Rows = Select[Any]
PAUSED_BY = ("code", "unit", "person")


class Spent(NamedTuple):
    """One group's cases, their times in seconds, and what was paused meanwhile."""

    key: Any
    cases: int
    total: int
    median: int
    p90: int
    paused: int


class Stopped(NamedTuple):
    """One group's pauses: how many, how long in all and in the middle, in how many cases, how many begun too late."""

    key: Any
    pauses: int
    total: int
    median: int
    cases: int
    late: int


def held(span: Span) -> Rows:
    """A row a case and department whose first result was told in the period: `hit` seconds held, `paused` seconds."""
    told = (
        select(Segment.case_id, func.min(Segment.id).label("id"), func.min(seconds(Segment.from_at)).label("at"))
        .where(Segment.kind == "told")
        .group_by(Segment.case_id)
        .subquery()
    )
    since, order = seconds(Segment.from_at), Segment.id
    before, after = (f(since).over(partition_by=Segment.case_id, order_by=order) for f in (func.lag, func.lead))
    begun = case((and_(before.is_(None), seconds(Case.received_at) < since), seconds(Case.received_at)), else_=since)
    parts = (
        select(
            *_case(), told.c.at, Segment.department_id.label("unit"), Segment.kind, order.label("order"),
            told.c.id.label("told"), (after - begun).label("length"),
        )
        .join_from(told, Case, Case.id == told.c.case_id)
        .join(Segment, Segment.case_id == Case.id)
        .where(told.c.at >= span.start, told.c.at < span.until, Case.exercise.is_(False), Case.state.not_in(DROPPED))
        .subquery()
    )  # fmt: skip
    c = parts.c
    keys = (c.case_id, c.at, c.level, c.channel, c.type, c.unit)
    hit, paused = (func.sum(case((c.kind == kind, c.length), else_=0)) for kind in ("running", "paused"))
    return (
        select(*keys, literal("").label("code"), hit.label("hit"), paused.label("paused"))
        .where(c.order < c.told)
        .group_by(*keys)
        .having(func.sum(c.length) > 0)
    )


def _case() -> tuple[Any, ...]:
    """What every row says about its case."""
    return (
        Case.id.label("case_id"), level_of().label("level"), Case.channel.label("channel"),
        Case.request_type.label("type"),
    )  # fmt: skip


def whole(span: Span) -> Rows:
    """The same a case, all departments together."""
    c = held(span).subquery().c
    hit, paused = func.sum(c.hit).label("hit"), func.sum(c.paused).label("paused")
    unit = literal(0).label("unit")
    return select(c.case_id, c.at, c.level, unit, hit, paused).group_by(c.case_id, c.at, c.level)


def pauses(span: Span) -> Rows:
    """A row a pause begun in the period: code (the reason), department, person, `hit` its seconds, `late` 1 or 0.

    A judgement in between writes the reason once more; it is the same pause.
    """
    since, prior, later = seconds(Segment.from_at), aliased(Segment), aliased(Segment)
    before = (
        select(prior.reason)
        .where(prior.case_id == Segment.case_id, prior.id < Segment.id)
        .order_by(prior.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    ended = (
        select(func.min(seconds(later.from_at)))
        .where(later.case_id == Segment.case_id, later.id > Segment.id, later.reason != Segment.reason)
        .scalar_subquery()
    )
    return (
        select(
            *_case(), since.label("at"), Segment.department_id.label("unit"), Segment.reason.label("code"),
            Segment.by_id.label("person"),
            (func.coalesce(ended, span.as_of) - since).label("hit"), flag(_late(since)).label("late"),
        )
        .join_from(Segment, Case, Case.id == Segment.case_id)
        .where(
            Segment.reason != "", since >= span.start, since < span.until, Case.exercise.is_(False),
            Case.state.not_in(DROPPED), func.coalesce(before, "") != Segment.reason,
        )
    )  # fmt: skip


def _late(at: Any) -> Any:
    """Whether a clock that a pause can stop had run out by then: such a pause cures nothing."""
    due, stopped = func.coalesce(seconds(Clock.agreed_at), seconds(Clock.due_at)), seconds(Clock.stopped_at)
    running = and_(seconds(Clock.started_at) <= at, or_(stopped.is_(None), stopped > at))
    mine = and_(Clock.case_id == Segment.case_id, Clock.pausable, running, due < at)
    return select(Clock.id).where(mine).exists()


def spent(span: Span, *, level: str = "") -> tuple[list[Spent], Spent | None]:
    """Each department's times, longest total first, and those of all cases together (None of nothing)."""
    groups = [Spent._make(row[:6]) for row in _ranked(_of(held(span), level), "unit", "paused")]
    total = [Spent._make(row[:6]) for row in _ranked(_of(whole(span), level), "unit", "paused")]
    return sorted(groups, key=lambda g: (-g.total, g.key)), total[0] if total else None


def _of(rows: Rows, level: str) -> Rows:
    found = rows.subquery()
    return select(found).where(found.c.level == level) if level else select(found)


def stopped(span: Span, by: str) -> list[Stopped]:
    """The pauses grouped by code (the reason), unit or person, most frequent first."""
    rows = _ranked(pauses(span), by, "late")
    found = [Stopped(r[0], r[1], r[2], r[3], r[6], r[5]) for r in rows]
    return sorted(found, key=lambda g: (-g.pauses, str(g.key)))


def _ranked(rows: Rows, by: str, more: str) -> list[Any]:
    """(key, rows, sum, median, P90, sum of `more`, cases) a group; percentiles by the nearest rank, as elsewhere."""
    base = rows.subquery().c
    key = base[by]
    n = func.row_number().over(partition_by=key, order_by=base.hit)
    size = func.count().over(partition_by=key)
    ranked = select(
        key.label("key"), base.hit, base[more].label("more"), base.case_id, n.label("n"), size.label("size")
    ).subquery()  # fmt: skip
    c = ranked.c
    middle, high = (func.max(case((c.n == (c.size * share + 99) // 100, c.hit))) for share in (50, 90))
    query = select(
        c.key, func.count(), func.sum(c.hit), middle, high, func.sum(c.more), func.count(c.case_id.distinct())
    ).group_by(c.key)  # fmt: skip
    return [(row[0], row[1], *(int(n or 0) for n in row[2:])) for row in db.session.execute(query)]


def worked_on(span: Span) -> int:
    """Cases that were open at any time of the period: what shares of cases are taken of."""
    end = seconds(Case.closed_at)
    query = select(func.count()).select_from(Case).where(
        seconds(Case.received_at) < span.until, or_(end.is_(None), end >= span.start), Case.exercise.is_(False),
        Case.state.not_in(DROPPED),
    )  # fmt: skip
    return db.session.scalar(query) or 0


def paused_cases(span: Span) -> int:
    """Cases with at least one pause begun in the period."""
    c = pauses(span).subquery().c
    return db.session.scalar(select(func.count(c.case_id.distinct()))) or 0


def middle(span: Span) -> int:
    """The median length of all pauses begun in the period."""
    found = pauses(span).subquery()
    rows = _ranked(select(found, literal(0).label("all")), "all", "late")
    return rows[0][3] if rows else 0


def provisional(span: Span) -> int:
    """Limits due in the period that were computed with a year whose holidays were not loaded."""
    due = seconds(Clock.due_at)
    query = select(func.count()).select_from(Clock).where(Clock.provisional, due >= span.start, due < span.end)
    return db.session.scalar(query) or 0


def _begun_late(span: Span) -> Rows:
    found = pauses(span).subquery()
    return select(found).where(found.c.late == 1)


RELATIONS: dict[str, Callable[[Span], Rows]] = {"held": held, "paused": pauses, "paused_late": _begun_late}
