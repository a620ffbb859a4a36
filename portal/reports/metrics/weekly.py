"""What the trends need of a quarter, by its days and weeks: counted from rows, and kept by the worker as a document.

A week belongs to its Monday; where a quarter cuts one, each quarter holds its part of it. As in every figure a case
closed, or rated, more than once counts once in a quarter: with its last closing, its last rating.
"""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from portal.cases.models import Case
from portal.kernel.db import db
from portal.kernel.i18n import local
from portal.reports import relations
from portal.reports.metrics.counting import bucket_of
from portal.reports.rules import Span, previous, quarter_code, span_of

UNIT = -1  # under which it lies beside the documents of departments
MEASURES = {"attainment": "agreed", "reopen": "solved", "rating": "rated"}


def document(span: Span) -> str:
    """A quarter as a document, counted from its rows."""
    own = replace(span, before=span.start)
    found = relations.received(own).subquery().c
    days = [int(_midnight(span, n).timestamp()) for n in range(_length(span))]
    step = bucket_of(found.at, days)
    by_day = {row[0]: row[1] for row in db.session.execute(select(step, func.count()).group_by(step))}
    doc = {"days": [by_day.get(n, 0) for n in range(len(days))], "leaves": _leaves(own)}
    return json.dumps(doc | {name: _places(own, name) for name in MEASURES}, separators=(",", ":"))


def pieces(span: Span) -> list[Span]:
    """The quarters that a stretch of time touches, each by itself, as they are counted here."""
    last = local(span.until - 1)
    codes = [quarter_code(local(span.start))]
    while codes[-1] != quarter_code(last):
        codes.append(previous(codes[-1], -1))
    found = (span_of(code, local(span.as_of), last.tzinfo) for code in codes)  # type: ignore[arg-type]
    return [replace(one, before=one.start) for one in found]


def _length(span: Span) -> int:
    return (local(span.end).date() - local(span.start).date()).days


def _midnight(span: Span, n: int) -> datetime:
    """The beginning of a quarter's day; days are as long as the clock says, also where it is put forward."""
    return local(span.start) + timedelta(days=n)


def _leaves(own: Span) -> list[list[Any]]:
    """Type, category, requests by week."""
    c = relations.received(own).subquery().c
    week = bucket_of(c.at, [at for _, at in own.weeks])
    keys = (Case.request_type, Case.category, week)
    rows = db.session.execute(select(*keys, func.count()).join(Case, Case.id == c.case_id).group_by(*keys))
    found: dict[tuple[str, str], list[int]] = {}
    for kind, category, n, count in rows:
        found.setdefault((kind, category), [0] * len(own.weeks))[n] = count
    return [[*leaf, found[leaf]] for leaf in sorted(found)]


def _places(own: Span, measure: str) -> list[list[Any]]:
    """Category, department, rows by week, hits by week."""
    c = relations.RELATIONS[MEASURES[measure]](own).subquery().c
    week = bucket_of(c.at, [at for _, at in own.weeks])
    keys = (Case.category, c.unit, week)
    query = select(*keys, func.count(), func.sum(c.hit)).join(Case, Case.id == c.case_id).group_by(*keys)
    if measure == "attainment":
        query = query.where(c.code == "result")
    found: dict[tuple[str, int], tuple[list[int], list[int]]] = {}
    for category, unit, n, count, hits in db.session.execute(query):
        rows, good = found.setdefault((category, unit), ([0] * len(own.weeks), [0] * len(own.weeks)))
        rows[n], good[n] = count, int(hits or 0)
    return [[*place, *found[place]] for place in sorted(found)]
