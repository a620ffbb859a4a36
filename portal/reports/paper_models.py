"""A report of the calendar as one object: what it is about, how far it is, its figures, its prose, its frozen text."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db

_WAITING, _TOLD_NEXT = text("state = 'waiting'"), text("notice_at IS NOT NULL")


class PaperPlan(db.Model):
    """One change of the calendar of reports; the newest of a kind holds, without one what is shipped. Never changed."""

    __tablename__ = "paper_plan"
    __table_args__ = (Index("ix_paper_plan_kind", "kind", "id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(12))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    by_id: Mapped[int] = mapped_column(BigInteger)
    by_name: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Instant)


class Paper(db.Model):
    """One edition of one report: of a kind, about a period, for a department (unit 0: for the whole house).

    `state` is waiting (the worker drafts it at `draft_at`), draft, review or published. `data` holds the figures of
    the draft in both languages; `frozen` what was published, word for word, and `digest` its SHA-256.
    """

    __tablename__ = "paper"
    __table_args__ = (
        UniqueConstraint("kind", "period", "unit_id", "edition"),
        Index("ix_paper_waiting", "draft_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_paper_notice", "notice_at", sqlite_where=_TOLD_NEXT, postgresql_where=_TOLD_NEXT),
        Index("ix_paper_due", "due_at"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    version: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str] = mapped_column(String(12))
    period: Mapped[str] = mapped_column(String(10))
    unit_id: Mapped[int] = mapped_column(BigInteger)
    edition: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    draft_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    notice_at: Mapped[int | None] = mapped_column(BigInteger)  # when somebody is next told that it is due
    drafted_at: Mapped[datetime | None] = mapped_column(Instant)
    handed_in_at: Mapped[datetime | None] = mapped_column(Instant)
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    hands: Mapped[list[int]] = mapped_column(JSON, default=list)  # who wrote in it: none of them approves it
    signers: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # id, name, at: who signs, who has
    changed: Mapped[str] = mapped_column(Text, default="")  # what a further edition corrects
    note: Mapped[str] = mapped_column(Text, default="")  # why it was sent back
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    answer_due: Mapped[datetime | None] = mapped_column(Instant)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str] = mapped_column(String(8), default="")
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    data: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    frozen: Mapped[str] = mapped_column(Text, default="", deferred=True)
    digest: Mapped[str] = mapped_column(String(64), default="")

    @property
    def unit_ids(self) -> frozenset[int]:
        """The department it is for; none for a report of the whole house, which no right in one department reaches."""
        return frozenset((self.unit_id,)) if self.unit_id else frozenset()

    @property
    def on_time(self) -> bool:
        """Whether it was published by its day."""
        return self.published_at is not None and self.published_at <= self.due_at

    @property
    def stream(self) -> str:
        """The name of its journal."""
        return f"paper:{self.id}"


class PaperText(db.Model):
    """The prose of one section as people wrote it last."""

    __tablename__ = "paper_text"
    __table_args__ = (UniqueConstraint("paper_id", "section"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("paper.id"))
    section: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    by_id: Mapped[int] = mapped_column(BigInteger)
    by_name: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Instant)
