"""Reading disposals: what is due, and the records of a batch."""

from datetime import datetime

from sqlalchemy import select

from portal.archive import keeping_rules as rules
from portal.archive.keeping_models import DisposalItem, RetentionClass
from portal.archive.models import Archived
from portal.cases.models import Case
from portal.kernel.db import db

MOST = 2_000  # records of one batch


def due_rows(now: datetime, most: int = MOST) -> list[tuple[Archived, datetime]]:
    """(record, since when it may go) of closed cases whose time is over, the oldest first; held ones among them."""
    classes = list(db.session.scalars(select(RetentionClass)))
    waiting = select(DisposalItem.case_id).where(DisposalItem.state.in_(("waiting", "disposing", "gone")))
    query = (
        select(Archived)
        .join(Case, Case.id == Archived.case_id)
        .where(Archived.current, Archived.retain_until <= now, Case.open.is_(False), Archived.case_id.not_in(waiting))
        .order_by(Archived.archived_at, Archived.id)
        .execution_options(yield_per=500)
    )
    found: list[tuple[Archived, datetime]] = []
    for row in db.session.scalars(query):
        if len(found) == most:
            break
        at = rules.due(row.archived_at, row.retain_until, rules.class_of(row.request_type, classes).months)
        if at <= now:
            found.append((row, at))
    return found


def items(batch_id: int) -> list[DisposalItem]:
    """The records of a batch, oldest first."""
    order = (DisposalItem.archived_at, DisposalItem.case_id)
    return list(db.session.scalars(select(DisposalItem).where(DisposalItem.disposal_id == batch_id).order_by(*order)))
