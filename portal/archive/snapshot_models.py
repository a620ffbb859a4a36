"""The documents of closings, and the daily checks of records (AR1)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db


class ArchivedSnapshot(db.Model):
    """The whole record of a closing: canonical JSON, packed, with the SHA-256 of it unpacked. Written once."""

    __tablename__ = "archived_snapshot"
    id: Mapped[int] = mapped_column(BigId, ForeignKey("archived.id"), primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64))
    body: Mapped[bytes] = mapped_column(LargeBinary)


class SoundnessCheck(db.Model):
    """A day's check of the four properties: what still waits, how many lack which, and the first faults.

    `orders` of the `total` are records of orders; those wait by their number, records of cases by their id.
    """

    __tablename__ = "archive_soundness"
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    total: Mapped[int]
    orders: Mapped[int] = mapped_column(default=0, server_default="0")
    waiting: Mapped[list[int | str]] = mapped_column(JSON)
    failed: Mapped[dict[str, int]] = mapped_column(JSON)
    faults: Mapped[list[Any]] = mapped_column(JSON)
