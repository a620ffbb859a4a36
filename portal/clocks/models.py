"""Clocks, their segments, and the versions of calendars and policy that set them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db

_PROMISED = text("kind = 'promise' OR agreed_at IS NOT NULL")


class CalendarVersion(db.Model):
    """One version of a calendar; never changed, only followed by the next."""

    __tablename__ = "calendar_version"
    __table_args__ = (UniqueConstraint("code", "version"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    effective_from: Mapped[datetime] = mapped_column(Instant)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    by_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(String(400), default="", server_default="")


class CalendarDraft(db.Model):
    """Changes of a calendar that wait to be put in force; they become a version and the draft ends."""

    __tablename__ = "calendar_draft"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    revision: Mapped[int] = mapped_column(default=1)
    by_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)


class PolicyVersion(db.Model):
    """One version of the policy tables; a running case keeps the version it was born with.

    `state` is draft, review, effective (approved, never changed again) or discarded. `note` holds the latest words:
    why it was opened, what the review said.
    """

    __tablename__ = "policy_version"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    version: Mapped[int] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(String(12), default="effective")
    effective_from: Mapped[datetime] = mapped_column(Instant)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    by_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime | None] = mapped_column(Instant)
    reviewed_by: Mapped[int | None] = mapped_column(BigInteger)
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(String(400), default="", server_default="")


class Clock(db.Model):
    """One limit of one case: which rule set it, when it started, when it is due, how it ended.

    `due_at` is a cache of a pure function of start, limit, pauses and calendar. `outcome` is running, met, missed or
    cancelled; `breached_at` is the due instant of a missed clock, whenever somebody noticed.
    """

    __tablename__ = "clock"
    __table_args__ = (
        UniqueConstraint("case_id", "kind", "cycle", "round"),
        Index("ix_clock_running", "outcome", "due_at"),
        Index("ix_clock_due", "kind", "due_at"),
        Index(  # promises and new times agreed with the customer (SL7)
            "ix_clock_promised", "outcome", "due_at", sqlite_where=_PROMISED, postgresql_where=_PROMISED
        ),
        Index(  # few clocks are provisional; reports ask which (SL3)
            "ix_clock_provisional",
            "due_at",
            sqlite_where=text("provisional IS 1"),
            postgresql_where=text("provisional IS true"),
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(String(20))
    cycle: Mapped[int]
    round: Mapped[int]
    policy_version: Mapped[int]
    rule: Mapped[str] = mapped_column(String(60))
    clause: Mapped[str] = mapped_column(String(60))
    house: Mapped[bool] = mapped_column(default=False)
    combine: Mapped[str] = mapped_column(String(12), default="")
    losers: Mapped[list[Any]] = mapped_column(JSON, default=list)
    calendar: Mapped[str] = mapped_column(String(40))
    calendar_version: Mapped[int]
    provisional: Mapped[bool] = mapped_column(default=False)
    amount: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[str] = mapped_column(String(8))
    pausable: Mapped[bool] = mapped_column(default=False)
    level: Mapped[str] = mapped_column(String(2), default="")
    judged: Mapped[bool] = mapped_column(default=False)
    department_id: Mapped[int | None] = mapped_column(BigInteger)
    started_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    agreed_at: Mapped[datetime | None] = mapped_column(Instant)
    warn_at: Mapped[datetime | None] = mapped_column(Instant)
    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    stopped_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str] = mapped_column(String(10), default="running")
    breached_at: Mapped[datetime | None] = mapped_column(Instant)
    met_original: Mapped[bool | None]
    told_step: Mapped[int] = mapped_column(default=0)
    answer_by: Mapped[datetime | None] = mapped_column(Instant)  # the last step told waits until then for an answer

    @property
    def effective_due(self) -> datetime:
        """The due instant that binds: the one agreed with the customer, else the policy's."""
        return self.agreed_at or self.due_at


class Segment(db.Model):
    """What kind of time began for a case, and which department held it; it lasts until the next one begins."""

    __tablename__ = "clock_segment"
    __table_args__ = (Index("ix_clock_segment_case", "case_id", "id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    from_at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(20), default="")
    department_id: Mapped[int] = mapped_column(BigInteger)
    by_id: Mapped[int] = mapped_column(BigInteger)
