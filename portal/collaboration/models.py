"""Who follows which case; tasks of departments on a case and those ordered without one. Rebuilt from their events."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db


class Follower(db.Model):
    """A person has put a case on the own list 关注; nobody else sees it."""

    __tablename__ = "follower"
    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("person.id"), primary_key=True, autoincrement=False, index=True
    )
    since: Mapped[datetime] = mapped_column(Instant)


class Task(db.Model):
    """What one department, or a person of it, has to do until an instant."""

    __tablename__ = "task"
    shut = False  # whether the reader may not see what it says
    __table_args__ = (
        UniqueConstraint("case_id", "n"),
        Index("ix_task_unit", "unit_id", "state", "due_at"),
        Index("ix_task_person", "person_id", "state", "due_at"),
        Index("ix_task_due", "state", "due_at"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    case_id: Mapped[int | None] = mapped_column(BigInteger)  # None: ordered without a case
    n: Mapped[int]  # its number on the case; 0 without one
    kind: Mapped[str] = mapped_column(String(12))  # case, assigned, supervised
    text: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[str] = mapped_column(String(80))
    person_id: Mapped[int | None] = mapped_column(BigInteger)
    person: Mapped[str] = mapped_column(String(80), default="")
    by_id: Mapped[int] = mapped_column(BigInteger)  # who gave it
    state: Mapped[str] = mapped_column(String(12))  # open, done, returned, dropped
    given_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[int | None] = mapped_column(BigInteger)
    words: Mapped[str] = mapped_column(Text, default="")  # the last word: progress, evidence or why it came back
    chases: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None] = mapped_column(Instant)  # when people heard that its time had run out

    @property
    def stream(self) -> str:
        """The journal of a task that belongs to no case."""
        return f"task:{self.id}"

    @property
    def unit_ids(self) -> frozenset[int]:
        """The department that has to do it."""
        return frozenset((self.unit_id,))


class DailySummary(db.Model):
    """The P2 summary of a day as the supervisor read it (RE1)."""

    __tablename__ = "daily_summary"
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    facts: Mapped[dict[str, object]] = mapped_column(db.JSON)
    by_id: Mapped[int] = mapped_column(BigInteger)
    by_name: Mapped[str] = mapped_column(String(80))
    read_at: Mapped[datetime] = mapped_column(Instant)
