"""What of an ended order is erased when it is disposed of. Only disposal.py calls this.

Flow, departments, times, sheet numbers, rounds and results stay: they say nothing of a customer and figures count them.
"""

from sqlalchemy import delete

from portal.archive import order_index
from portal.archive.erasing import of_customer, unlink
from portal.archive.models import OrderRecord
from portal.kernel.db import db
from portal.notices.models import Notice
from portal.workflows.models import OrderFile, WorkOrder


def everything_else(order: WorkOrder) -> None:
    """Erases record, tokens, documents and notices of the order, and the customer's file when nothing else is known."""
    session, digests = db.session, {file.sha256 for file in order.files}
    record = session.get_one(OrderRecord, order.id)
    order_index.remove(order.id, record.text)
    session.execute(delete(OrderRecord).where(OrderRecord.order_id == order.id))
    session.execute(delete(OrderFile).where(OrderFile.order_id == order.id))
    session.expire(order, ["files"])
    session.execute(delete(Notice).where(Notice.subject == order.stream))
    unlink(digests)
    if order.customer_id is not None:
        of_customer(order.customer_id)
