"""The auditor's own papers: samples drawn by a seed with their sheets, and findings with their answers (RO8)."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db


class Sample(db.Model):
    """A sample of records archived between two instants; the same seed over the same records draws the same cases."""

    __tablename__ = "audit_sample"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    seed: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    of: Mapped[int]  # how many records it was drawn from
    from_at: Mapped[datetime] = mapped_column(Instant)
    to_at: Mapped[datetime] = mapped_column(Instant)
    drawn_by: Mapped[int] = mapped_column(BigInteger)
    drawn_at: Mapped[datetime] = mapped_column(Instant)


class SampleItem(db.Model):
    """One record of a sample with its sheet: what was ticked, and a remark."""

    __tablename__ = "audit_sample_item"
    sample_id: Mapped[int] = mapped_column(BigId, ForeignKey("audit_sample.id"), primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    no: Mapped[str] = mapped_column(String(20))
    ticks: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    words: Mapped[str] = mapped_column(Text, default="")
    checked_by: Mapped[int | None] = mapped_column(BigInteger)
    checked_at: Mapped[datetime | None] = mapped_column(Instant)


class Finding(db.Model):
    """What an auditor found, to which department, and what it answers; state: open, answered, closed."""

    __tablename__ = "audit_finding"
    __table_args__ = (Index("ix_audit_finding_unit", "unit_id", "state"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    state: Mapped[str] = mapped_column(String(10))
    no: Mapped[str] = mapped_column(String(20), default="")
    sample_id: Mapped[int | None] = mapped_column(BigInteger)
    unit_id: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)
    written_by: Mapped[int] = mapped_column(BigInteger)
    written_at: Mapped[datetime] = mapped_column(Instant)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[int | None] = mapped_column(BigInteger)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def code(self) -> str:
        """Its number."""
        return f"SJ{self.id:05d}"

    @property
    def unit_ids(self) -> frozenset[int]:
        """The department that answers."""
        return frozenset((self.unit_id,))
