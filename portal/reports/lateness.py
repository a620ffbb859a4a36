"""Which department was late most often: the limits it missed in a period, and in how many cases."""

from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import func, select

from portal.kernel.collation import name_key
from portal.kernel.db import db
from portal.reports import queries
from portal.reports.metrics import room
from portal.reports.metrics.counting import Counts
from portal.reports.metrics.definitions import LIMITS
from portal.reports.rules import Figure, Span, share
from portal.reports.tables import unit_name

SORTS = ("late", "cases", "share", "due", "unit")


class Late(NamedTuple):
    """One department: limits that ran out in the period, those missed, their share in per cent, cases with one.

    `kind` is the kind of limit it missed most often, `most` how often; `figure` leads to the limits.
    """

    unit: int
    name: str
    due: int
    late: int
    share: float | None
    cases: int
    kind: str
    most: int
    figure: Figure


def lateness(counts: Counts, want: dict[str, Any], by: str = "late") -> list[Late]:
    """Every department with a limit that ran out in the period, the latest first, or sorted as asked."""
    names, cases = queries.unit_names(), late_cases(counts.span, want)
    rows = [
        _late(counts, want, unit, unit_name(names, unit), cases.get(unit, 0))
        for unit in counts.values("agreed", "unit")
    ]
    return sorted((row for row in rows if row.due), key=lambda row: _key(row, by))


def _late(counts: Counts, want: dict[str, Any], unit: int, name: str, cases: int) -> Late:
    asked = want | {"unit": unit}
    figure = room.figure(counts, "attainment", **asked)
    pairs = {code: counts.pair("agreed", code=code, **asked) for code in LIMITS}
    missed = {code: due - met for code, (due, met) in pairs.items()}
    kind = max(missed, key=lambda code: missed[code], default="")
    late = figure.denominator - figure.numerator
    rate = share(late, figure.denominator)
    return Late(unit, name, figure.denominator, late, rate, cases, kind, missed.get(kind, 0), figure)


def _key(row: Late, by: str) -> tuple[Any, ...]:
    if by == "unit":
        return (name_key(row.name),)
    value = {"cases": row.cases, "share": row.share or 0, "due": row.due}.get(by, row.late)
    return -value, -row.late, name_key(row.name)


def late_cases(span: Span, want: dict[str, Any]) -> dict[int, int]:
    """By department, how many different cases missed at least one limit in the period."""
    asked = {name: str(value) for name, value in want.items()}
    c = queries.behind(replace(span, before=span.start), "attainment", asked, "miss").subquery().c
    rows = db.session.execute(select(c.unit, func.count(c.case_id.distinct())).group_by(c.unit))
    return {row[0]: row[1] for row in rows}
