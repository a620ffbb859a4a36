"""Weeks as the trends see them: put together from quarters, kept ones where they are fresh, else from the rows."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from portal.cases.models import Case
from portal.kernel.db import db, read
from portal.kernel.i18n import local
from portal.reports import periods, relations
from portal.reports.metrics import source
from portal.reports.metrics.weekly import MEASURES, UNIT, document
from portal.reports.rules import Span

KEPT = (
    "SELECT mine.period, whole.cost, whole.dirty_since, mine.doc FROM metric_rollup AS mine JOIN metric_rollup AS whole"
    " ON whole.period = mine.period AND whole.unit_id = 0 WHERE mine.unit_id = :unit"
)
Leaf = tuple[str, str]  # type of request, category
Place = tuple[str, int]  # category, department


@dataclass
class Weeks:
    """What was counted: requests by day; by Monday the requests of leaves, and rows and hits of measures by place."""

    days: Counter[date] = field(default_factory=Counter)
    leaves: dict[Leaf, Counter[date]] = field(default_factory=dict)
    rows: dict[str, dict[Place, Counter[date]]] = field(default_factory=lambda: {name: {} for name in MEASURES})
    hits: dict[str, dict[Place, Counter[date]]] = field(default_factory=lambda: {name: {} for name in MEASURES})

    def total(self, measure: str, monday: date) -> tuple[int, int]:
        """Rows and hits of a week, all places together."""
        n, hits = (sum(one[monday] for one in side[measure].values()) for side in (self.rows, self.hits))
        return n, hits

    def places(self, measure: str, since: date, until: date) -> dict[Place, tuple[int, int]]:
        """Rows and hits of the weeks in [since, until) by place, where there are rows."""
        found = {}
        for place, by_week in self.rows[measure].items():
            mine = [monday for monday in by_week if since <= monday < until]
            if mine:
                hits = self.hits[measure][place]
                found[place] = sum(by_week[one] for one in mine), sum(hits[one] for one in mine)
        return found


def weeks(now: datetime, since: datetime) -> Weeks:
    """All quarters with requests from that of `since` on."""
    found, first = Weeks(), db.session.scalar(select(func.min(relations.seconds(Case.received_at))))
    if first is None:
        return found
    here, then = local(now), max(local(first), local(since))
    kept = {row[0]: row[1:] for row in read(KEPT, {"unit": UNIT})}
    quarters = (here.year - then.year) * 4 + (here.month + 2) // 3 - (then.month + 2) // 3 + 1
    for code in periods.earlier("quarter", here, max(1, quarters)):
        span = periods.period(code, now, here.tzinfo)  # type: ignore[arg-type]
        cost, dirty, doc = kept.get(code, (0, 0, ""))
        _add(found, span, json.loads(doc if doc and source.fresh(span.as_of, cost, dirty) else document(span)))
    return found


def _add(found: Weeks, span: Span, doc: dict[str, Any]) -> None:
    """Adds a quarter's part to what is there."""
    first = local(span.start).date()
    mondays = [_monday(local(at).date()) for _, at in span.weeks]
    found.days.update({first + timedelta(days=n): count for n, count in enumerate(doc["days"])})
    for kind, category, counts in doc["leaves"]:
        found.leaves.setdefault((kind, category), Counter()).update(dict(_some(mondays, counts)))
    for name in MEASURES:
        for category, unit, rows, hits in doc[name]:
            found.rows[name].setdefault((category, unit), Counter()).update(dict(_some(mondays, rows)))
            found.hits[name].setdefault((category, unit), Counter()).update(dict(_some(mondays, hits)))


def _some(mondays: list[date], counts: list[int]) -> Iterator[tuple[date, int]]:
    return ((monday, n) for monday, n in zip(mondays, counts, strict=True) if n)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
