"""Reading disposals: what is due, and the records of a batch."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.archive import keeping_rules as rules
from portal.archive.holds import held, held_order
from portal.archive.keeping_models import DisposalItem, DisposalOrder, RetentionClass
from portal.archive.models import Archived, OrderRecord
from portal.cases.models import Case
from portal.kernel.db import db
from portal.workflows.models import WorkOrder

MOST = 2_000  # records of one batch, of each kind
UNDER_WAY = ("waiting", "disposing", "gone")
Item = DisposalItem | DisposalOrder


class Due(NamedTuple):
    """What is over its time: the records, and since when each may go; held ones among them."""

    cases: list[tuple[Archived, datetime]]
    orders: list[tuple[OrderRecord, datetime]]

    def __len__(self) -> int:
        return len(self.cases) + len(self.orders)

    def held(self) -> int:
        """How many of them a hold keeps."""
        return sum(1 for row, _ in self.cases if held(row.case_id)) + sum(
            1 for row, _ in self.orders if held_order(row.order_id)
        )


def due(now: datetime, most: int = MOST) -> Due:
    """Records of closed cases and ended orders whose time is over, the oldest first."""
    classes = list(db.session.scalars(select(RetentionClass)))
    return Due(_cases(now, most, classes), _orders(now, most, classes))


def _cases(now: datetime, most: int, classes: list[RetentionClass]) -> list[tuple[Archived, datetime]]:
    waiting = select(DisposalItem.case_id).where(DisposalItem.state.in_(UNDER_WAY))
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


def _orders(now: datetime, most: int, classes: list[RetentionClass]) -> list[tuple[OrderRecord, datetime]]:
    months = rules.class_of(rules.ORDER, classes).months
    waiting = select(DisposalOrder.order_id).where(DisposalOrder.state.in_(UNDER_WAY))
    query = (
        select(OrderRecord)
        .join(WorkOrder, WorkOrder.id == OrderRecord.order_id)
        .where(OrderRecord.retain_until <= now, WorkOrder.state == "ended", OrderRecord.order_id.not_in(waiting))
        .order_by(OrderRecord.archived_at, OrderRecord.order_id)
        .limit(most)
    )
    rows = ((row, rules.due(row.archived_at, row.retain_until, months)) for row in db.session.scalars(query))
    return [(row, at) for row, at in rows if at <= now]


def items(batch_id: int) -> list[Item]:
    """The records of a batch, cases before orders, each the oldest first."""
    cases = (DisposalItem.archived_at, DisposalItem.case_id)
    orders = (DisposalOrder.archived_at, DisposalOrder.order_id)
    of_cases = select(DisposalItem).where(DisposalItem.disposal_id == batch_id).order_by(*cases)
    of_orders = select(DisposalOrder).where(DisposalOrder.disposal_id == batch_id).order_by(*orders)
    return [*db.session.scalars(of_cases), *db.session.scalars(of_orders)]
