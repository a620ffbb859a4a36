"""Deadlines of a quarter reckoned over a year whose holidays were not loaded (SL3): told beside the period."""

from typing import NamedTuple

from sqlalchemy import func, select

from portal.clocks import book
from portal.clocks.models import Clock
from portal.kernel.db import db
from portal.kernel.i18n import listed, local, term
from portal.reports import relations
from portal.reports.rules import Span


class Provisional(NamedTuple):
    """How many deadlines, and which years were not loaded in the calendars they ran on."""

    deadlines: int
    years: tuple[int, ...]


def provisional(span: Span) -> Provisional | None:
    """What is to be said of a quarter; None when every year that its deadlines used was loaded."""
    due, started = relations.seconds(Clock.due_at), relations.seconds(Clock.started_at)
    rows = db.session.execute(
        select(Clock.calendar, Clock.calendar_version, func.count(), func.min(started), func.max(due))
        .where(
            due >= span.start, due < span.until, Clock.provisional.is_(True),
            Clock.outcome != "cancelled",
        )
        .group_by(Clock.calendar, Clock.calendar_version)
    ).all()  # fmt: skip
    years: set[int] = set()
    for code, version, _count, first, last in rows:
        loaded = book.calendar(code, version).loaded_years or frozenset()
        years |= set(range(local(int(first)).year, local(int(last)).year + 1)) - loaded
    return Provisional(sum(row[2] for row in rows), tuple(sorted(years))) if rows else None


def warning(found: Provisional | None) -> str:
    """That in words; empty when every year was loaded."""
    if found is None:
        return ""
    return term("report.provisional") % {"count": f"{found.deadlines:,}", "years": listed(map(str, found.years))}
