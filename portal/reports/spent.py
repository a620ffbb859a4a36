"""What was done with time, as grouped readings: who held cases until their result was told, and what was paused.

Lengths are those of the wall clock; the first stretch of a case reaches back to its receipt.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from portal.cases.models import Case
from portal.clocks.models import Clock, Segment
from portal.kernel.db import db
from portal.reports.relations import DROPPED, flag, level_of, seconds
from portal.reports.rules import Span, percentile

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


class Pause(NamedTuple):
    """One pause: why, where, by whom, in which case, how long so far, whether begun when already late."""

    code: str
    unit: int
    person: int
    case_id: int
    hit: int
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
    found = held(span).subquery().c
    query = select(found.unit, found.case_id, found.hit, found.paused)
    rows = db.session.execute(query.where(found.level == level) if level else query)
    units: dict[int, list[tuple[int, int]]] = {}
    cases: dict[int, tuple[int, int]] = {}
    for unit, case_id, hit, paused in rows:
        one = (int(hit), int(paused))
        units.setdefault(unit, []).append(one)
        before = cases.get(case_id, (0, 0))
        cases[case_id] = (before[0] + one[0], before[1] + one[1])
    groups = sorted((_spent(unit, times) for unit, times in units.items()), key=lambda g: (-g.total, g.key))
    return groups, _spent(0, cases.values()) if cases else None


def _spent(key: int, times: Iterable[tuple[int, int]]) -> Spent:
    lengths = sorted(hit for hit, _ in times)
    middle, high = percentile(lengths, 0.5) or 0, percentile(lengths, 0.9) or 0
    return Spent(key, len(lengths), sum(lengths), middle, high, sum(paused for _, paused in times))


def stopped(span: Span) -> tuple[dict[str, list[Stopped]], Stopped]:
    """The pauses by code (the reason), unit and person, most frequent first, and all of them together."""
    c = pauses(span).subquery().c
    rows = [Pause._make(row) for row in db.session.execute(select(c.code, c.unit, c.person, c.case_id, c.hit, c.late))]
    groups: dict[str, list[Stopped]] = {}
    for by in PAUSED_BY:
        found: dict[Any, list[Pause]] = {}
        for row in rows:
            found.setdefault(getattr(row, by), []).append(row)
        many = [_stopped(key, mine) for key, mine in found.items()]
        groups[by] = sorted(many, key=lambda g: (-g.pauses, str(g.key)))
    return groups, _stopped(None, rows)


def _stopped(key: Any, rows: Sequence[Pause]) -> Stopped:
    lengths = sorted(row.hit for row in rows)
    cases, late = len({row.case_id for row in rows}), sum(row.late for row in rows)
    return Stopped(key, len(rows), sum(lengths), percentile(lengths, 0.5) or 0, cases, late)


def worked_on(span: Span) -> int:
    """Cases that were open at any time of the period: what shares of cases are taken of."""
    end = seconds(Case.closed_at)
    query = select(func.count()).select_from(Case).where(
        seconds(Case.received_at) < span.until, or_(end.is_(None), end >= span.start), Case.exercise.is_(False),
        Case.state.not_in(DROPPED),
    )  # fmt: skip
    return db.session.scalar(query) or 0


def _begun_late(span: Span) -> Rows:
    found = pauses(span).subquery()
    return select(found).where(found.c.late == 1)


RELATIONS: dict[str, Callable[[Span], Rows]] = {"held": held, "paused": pauses, "paused_late": _begun_late}
