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


class Announcement(db.Model):
    """What everybody of a department (of all without one) says about something, from an instant up to another (DK8)."""

    __tablename__ = "announcement"
    __table_args__ = (Index("ix_announcement_to", "to_at"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    title: Mapped[str] = mapped_column(String(120))
    wording: Mapped[str] = mapped_column(String(1000))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    from_at: Mapped[datetime] = mapped_column(Instant)
    to_at: Mapped[datetime] = mapped_column(Instant)
    incident_no: Mapped[str] = mapped_column(String(20), default="")
    by_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    key: Mapped[str | None] = mapped_column(String(64), unique=True)

    @property
    def unit_ids(self) -> frozenset[int]:
        """The department concerned; none where all are."""
        return frozenset((self.unit_id,) if self.unit_id else ())


class AnnouncementRead(db.Model):
    """A person has confirmed reading an announcement."""

    __tablename__ = "announcement_read"
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcement.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
