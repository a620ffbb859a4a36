"""Reading consultations that ran out, how often a level was disputed, and what came after the end of a case."""

from datetime import UTC, datetime

from sqlalchemy import select

from portal.cases.models import Case
from portal.cases.queries import reopen_within
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


def first_message(case: Case) -> datetime:
    """When the customer first wrote after the end of the case; the case has such a message."""
    return datetime.fromtimestamp((case.messages or [])[0]["at"], tz=UTC)


def reopens(case: Case, now: datetime) -> bool:
    """Whether the message brings the case itself back; later than the policy's days it becomes a new one (QU9)."""
    ended = case.closed_at
    return ended is not None and first_message(case) - ended <= reopen_within(case, now)
