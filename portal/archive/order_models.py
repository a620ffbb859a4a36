"""The records of orders that have ended (WF3)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db


class OrderRecord(db.Model):
    """An order as it ended: canonical JSON, packed, with the SHA-256 of it unpacked. Written once, never changed.

    `text` is what it is found by, folded, a field a line (`order_records.HEAD` names the first ones).
    """

    __tablename__ = "order_record"
    __table_args__ = (Index("ix_order_record_at", "archived_at", "order_id"),)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("work_order.id"), primary_key=True, autoincrement=False)
    no: Mapped[str] = mapped_column(String(20), unique=True)
    archived_at: Mapped[datetime] = mapped_column(Instant)
    retain_until: Mapped[datetime] = mapped_column(Instant)
    sha256: Mapped[str] = mapped_column(String(64))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    text: Mapped[str] = mapped_column(Text)
