"""The calendar of reports as this installation keeps it: what is shipped, and the changes people made to it."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from portal.identity.policy import TABLE
from portal.kernel.db import db
from portal.reports import paper_rules
from portal.reports.paper_models import PaperPlan
from portal.reports.paper_rules import KINDS, PLANNED, Kind

MOST = 100
RIGHTS = {"write": "report.write", "review": "report.review", "to": "report.view"}


class Change(NamedTuple):
    """One change of the calendar: fields with what they were and became."""

    kind: str
    by: str
    at: datetime
    fields: list[tuple[str, object, object]]


def kinds() -> dict[str, Kind]:
    """Every report with its newest plan."""
    newest = select(func.max(PaperPlan.id)).group_by(PaperPlan.kind)
    plans = {one.kind: one for one in db.session.scalars(select(PaperPlan).where(PaperPlan.id.in_(newest)))}
    return {
        code: paper_rules.planned(kind, plans[code].data) if code in plans else kind for code, kind in KINDS.items()
    }


def kind_of(code: str) -> Kind:
    """The report of this name with its newest plan. Raises Invalid."""
    shipped = paper_rules.kind_of(code)
    row = _newest(code)
    return paper_rules.planned(shipped, row.data) if row else shipped


def version(code: str) -> int:
    """Which plan of a report is the newest; 0 for the one shipped."""
    row = _newest(code)
    return row.id if row else 0


def roles(field: str) -> tuple[str, ...]:
    """Roles that may be named in a field: those with the right it needs."""
    return tuple(role.rstrip("*") for role in TABLE[RIGHTS[field]].split() if role != "system")


def changes(code: str = "") -> list[Change]:
    """What was changed, the newest first: each plan against the one before it, the first against what is shipped."""
    query = select(PaperPlan).order_by(PaperPlan.id)
    rows = list(db.session.scalars(query.where(PaperPlan.kind == code) if code else query))
    before, found = {kind: paper_rules.plan_data(one) for kind, one in KINDS.items()}, []
    for one in rows:
        old, before[one.kind] = before[one.kind], one.data
        fields = [(name, old.get(name), one.data[name]) for name in PLANNED if old.get(name) != one.data[name]]
        found.append(Change(one.kind, one.by_name, one.at, fields))
    return found[: -MOST - 1 : -1]


def _newest(code: str) -> PaperPlan | None:
    return db.session.scalar(select(PaperPlan).where(PaperPlan.kind == code).order_by(PaperPlan.id.desc()).limit(1))
