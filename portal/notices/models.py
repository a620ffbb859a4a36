"""The outbox: one row for each person, channel and step. What a person wants of it, and the chat robots."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db

WAITING, PARKED = text("state = 'waiting'"), text("state = 'parked'")


class Notice(db.Model):
    """Something a person is told. In-app rows are delivered by standing here; others by the worker after the commit.

    `state` is sent, waiting, parked (given up) or dropped (no longer worth sending); `said` is the code or the words of
    the last failure. A row for a robot names the first person for whom it speaks. `waits`: not in quiet hours.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_person_read", "person_id", "channel", "read_at", "id"),
        Index("ix_outbox_unsent", "sent_at", "id"),
        Index("ix_outbox_waiting", "again_at", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_outbox_parked", "id", sqlite_where=PARKED, postgresql_where=PARKED),
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
    state: Mapped[str] = mapped_column(String(8), default="sent", server_default="sent")
    again_at: Mapped[datetime | None] = mapped_column(Instant)
    leased_until: Mapped[datetime | None] = mapped_column(Instant)
    waits: Mapped[bool] = mapped_column(default=False, server_default=false())
    said: Mapped[str] = mapped_column(String(200), default="", server_default="")
    robot_id: Mapped[int | None] = mapped_column(BigInteger)


class Choice(db.Model):
    """What a person has chosen: channels by group of notices, the address for mail, when the day's digest comes.

    Without a row the shipped choices hold (data/choices.toml). `daily_at` is minutes after midnight.
    """

    __tablename__ = "notice_choice"
    person_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("person.id"), primary_key=True)
    mail: Mapped[str] = mapped_column(String(200), default="")
    ways: Mapped[dict[str, Any]] = mapped_column(JSON)
    quiet: Mapped[bool] = mapped_column(default=True)
    daily_at: Mapped[int]


class Robot(db.Model):
    """A chat robot's webhook: of a department's group, or (unit empty) for everybody whose department has none.

    `secret` signs its messages where the service asks for it; neither it nor the address is ever shown again.
    """

    __tablename__ = "robot"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    unit_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("unit.id"), unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    address: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str] = mapped_column(String(200), default="", server_default="")
    locale: Mapped[str] = mapped_column(String(12), default="zh_Hans_CN")


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
