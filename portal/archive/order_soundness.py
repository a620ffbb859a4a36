"""What the record of an ended order lacks of the four properties (四性检测): asked by the daily check (AR1, WF3)."""

from sqlalchemy import select

from portal.archive import order_records
from portal.archive.models import OrderRecord
from portal.journal import stream
from portal.kernel import files as contents
from portal.kernel.db import db, read
from portal.workflows import queries
from portal.workflows.models import WorkOrder

OF_DAY = "SELECT no FROM work_order WHERE disposed = '' AND ended_at >= :since AND ended_at < :until ORDER BY id"
OTHER = "SELECT no FROM work_order WHERE disposed = '' AND ended_at < :since"
# of an order, and what the fault is called: the same words as of a case
NEEDED = (
    ("title", "title"), ("customer_name", "customer"), ("result", "outcome"), ("started_at", "received_at"),
    ("ended_at", "closed_at"),
)  # fmt: skip
PARTS = ("order", "entries", *order_records.PARTS)


def of_day(since: int, until: int) -> list[str]:
    """Numbers of the orders that ended between these instants in epoch seconds and were not disposed of."""
    return [row[0] for row in read(OF_DAY, {"since": since, "until": until})]


def others(since: int) -> list[str]:
    """Numbers of all that ended before."""
    return [row[0] for row in read(OTHER, {"since": since})]


def is_order(no: str) -> bool:
    """Whether a number is one of orders."""
    return no.startswith(queries.SERIES)


def lacks(no: str) -> list[tuple[str, str]]:
    """Which property the record of an order lacks, and a code of why; nothing for one disposed of meanwhile."""
    order = db.session.scalar(select(WorkOrder).where(WorkOrder.no == no))
    if order is None or order.disposed:
        return []
    found = [("authentic", what) for _, _, what in stream.faults([order.stream, f"record:{no}"])]
    row = db.session.get(OrderRecord, order.id)
    found += _of_document(row, len(stream.read(order.stream))) if row else [("complete", "record")]
    found += [("complete", why) for name, why in NEEDED if not getattr(order, name)]
    states = {contents.state(file.sha256) for file in order.files}
    found += [("usable", f"file_{state}") for state in sorted(states - {"sound"})]
    return found + [("safe", "file_kind") for file in order.files if file.kind == "text/html"]


def _of_document(row: OrderRecord, entries: int) -> list[tuple[str, str]]:
    document, _body, sha256 = order_records.read_of(row)
    if not document:
        return [("usable", "document")]
    sealed = sha256 == row.sha256 == order_records.sealed(row.no)
    lacking = any(part not in document for part in PARTS) or len(document["entries"]) != entries
    return [("authentic", "document")] * (not sealed) + [("complete", "document")] * lacking
