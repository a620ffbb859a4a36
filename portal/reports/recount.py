"""One figure counted anew from its cases (RO8): each limit behind it by the policy version that set it."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.cases.models import Case
from portal.clocks import book, rules
from portal.clocks.kept import decision_of, segments_of, stretches_for
from portal.clocks.models import Clock
from portal.kernel.db import db
from portal.kernel.errors import Invalid
from portal.kernel.instants import epoch
from portal.reports import quarterly, queries
from portal.reports.metrics.definitions import KPIS

MOST = 20_000  # limits that one page counts anew
PART = 500


class Recounted(NamedTuple):
    """A figure as the report has it and as its limits give it; `other` are limits that came out otherwise."""

    figure: str
    total: int
    hit: int
    counted: int
    counted_hit: int
    other: list[tuple[str, str, str]]  # case, clock, verdict counted anew


def figures() -> list[str]:
    """The figures that count limits."""
    return [code for code in KPIS if queries.has_limits(code)]


def recount(quarter: str, figure: str, now: datetime) -> Recounted:
    """Raises Invalid for a figure that counts no limits, or too many of them for one page."""
    if figure not in figures():
        raise Invalid("no_such_figure", field="figure", figure=figure[:40])
    span = quarterly.quarter_span(quarter, now)
    whole = queries.behind(span, figure, {}).subquery().c
    total = queries.count(select(whole.case_id))
    hit = queries.count(select(whole.case_id).where(whole.hit == 1))
    if total > MOST:
        raise Invalid("recount_too_many", field="quarter", most=MOST)
    met, counted, other = 0, 0, []
    rows = db.session.execute(select(whole.case_id, whole.code, whole.at, whole.hit)).all()
    for start in range(0, len(rows), PART):
        part = rows[start : start + PART]
        ids = {row.case_id for row in part}
        kept, numbers = _clocks(ids), _numbers(ids)
        for row in part:
            clock = _of(kept.get(row.case_id, []), row.code, row.at)
            if clock is None:
                continue
            counted += 1
            fine = _met(clock, row.at, now)
            met += fine
            if fine != bool(row.hit):
                other.append((numbers[row.case_id], row.code, "met" if fine else "missed"))
    return Recounted(figure, total, hit, counted, met, other[:50])


def _clocks(cases: set[int]) -> dict[int, list[Clock]]:
    found: dict[int, list[Clock]] = {}
    for clock in db.session.scalars(select(Clock).where(Clock.case_id.in_(cases))):
        found.setdefault(clock.case_id, []).append(clock)
    return found


def _numbers(cases: set[int]) -> dict[int, str]:
    return {row[0]: row[1] for row in db.session.execute(select(Case.id, Case.no).where(Case.id.in_(cases)))}


def _of(clocks: list[Clock], kind: str, at: int) -> Clock | None:
    """The clock behind a row: of its kind, due or agreed at its instant."""
    return next(
        (c for c in clocks if c.kind == kind and at in (epoch(c.due_at), epoch(c.agreed_at) if c.agreed_at else None)),
        None,
    )


def _met(clock: Clock, at: int, now: datetime) -> bool:
    """Whether the limit was kept: its due instant by policy, calendar and pauses, unless another time was agreed."""
    calendar = book.calendar(clock.calendar, clock.calendar_version)
    stopped = epoch(clock.stopped_at) if clock.stopped_at else None
    lines = rules.explain(
        decision_of(clock), calendar, now=epoch(now), stopped=stopped,
        paused=epoch(clock.paused_at) if clock.paused_at else None,
        segments=stretches_for(clock, segments_of(clock.case_id)),
    )  # fmt: skip
    due = next(line["at"] for line in lines if line["row"] == "due")
    binding = at if clock.agreed_at and at == epoch(clock.agreed_at) else due
    return (epoch(now) if stopped is None else stopped) <= binding
