"""The outbox: one row for each person, channel and step."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db


class Notice(db.Model):
    """Something a person is told. In-app rows are delivered by standing here; others by the worker after the commit."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_person_read", "person_id", "channel", "read_at", "id"),
        Index("ix_outbox_unsent", "sent_at", "id"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    channel: Mapped[str] = mapped_column(String(12), default="app")
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Instant)
    late_seconds: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)


class Told(db.Model):
    """Who was told of which step of a clock's ladder: one row a person, however it was said.

    `role` is the one as which the person was reached, `late_seconds` how long after the step's instant, `notice` the
    key of the outbox row that says it: its own or a digest's.
    """

    __tablename__ = "told"
    __table_args__ = (
        UniqueConstraint("clock_id", "step", "person_id"),
        Index("ix_told_case", "case_id", "id"),
        Index("ix_told_person", "person_id", "at"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    clock_id: Mapped[int] = mapped_column(BigInteger)
    step: Mapped[int]
    person_id: Mapped[int] = mapped_column(BigInteger)
    case_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(12))
    role: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Instant)
    late_seconds: Mapped[int]
    notice: Mapped[str] = mapped_column(String(160))
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
