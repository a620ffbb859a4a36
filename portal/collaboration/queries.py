"""Reading consultations: those that ran out, and how often a level was disputed."""

from datetime import datetime

from sqlalchemy import func, select

from portal.cases.models import Case
from portal.journal import stream
from portal.kernel.db import db

BATCH = 50


def lapsed(now: datetime) -> list[int]:
    """Ids of cases whose consultation ran out without a verdict."""
    due = select(Case.id).where(Case.dispute_until < int(now.timestamp())).order_by(Case.dispute_until)
    return list(db.session.scalars(due.limit(BATCH)))


def disputes_since_judgement(case: Case) -> int:
    """How often the level was disputed since it was last judged."""
    found = 0
    for line in stream.read(case.stream):
        if line.kind == "Judged":
            found = 0
        elif line.kind == "Disputed":
            found += 1
    return found


def open_cases_of(unit_id: int) -> int:
    """Open cases that a department leads."""
    return db.session.scalar(select(func.count()).select_from(Case).where(Case.unit_id == unit_id, Case.open)) or 0
