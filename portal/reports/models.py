"""What people write into reports and say about figures; kept counts; the index by which figures find events."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.journal.models import Entry
from portal.kernel.db import BigId, Instant, db
from portal.reports.paper_models import Paper, PaperText

__all__ = ["COUNTED", "COUNTED_ONLY", "FiguresRead", "Objection", "Paper", "PaperText"]
COUNTED = ("Chased", "Closed", "Merged", "Rated", "Reopened", "Told", "Voided")
# the same words stand in the partial index and in every query that shall use it
COUNTED_ONLY = text("kind IN ('Chased', 'Closed', 'Merged', 'Rated', 'Reopened', 'Told', 'Voided')")
# of few cases; the same words stand in the index and in the queries
REOPENED_ONLY = text("cases.reopened > 0")
Index("ix_journal_counted", Entry.kind, Entry.at, sqlite_where=COUNTED_ONLY, postgresql_where=COUNTED_ONLY)


class Objection(db.Model):
    """A person says why a missed limit is not theirs; somebody else answers. The limit's verdict stays as it is."""

    __tablename__ = "figure_objection"
    __table_args__ = (UniqueConstraint("person_id", "clock_id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    clock_id: Mapped[int] = mapped_column(ForeignKey("clock.id"))
    words: Mapped[str] = mapped_column(String(1000))
    at: Mapped[datetime] = mapped_column(Instant)
    accepted: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(String(1000), default="")
    answered_by: Mapped[int | None] = mapped_column(BigInteger)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)


class FiguresRead(db.Model):
    """A person has read their own figures of a month: from now on those who lead may see them."""

    __tablename__ = "figures_read"
    __table_args__ = (UniqueConstraint("person_id", "period"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    period: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Instant)


class Rollup(db.Model):
    """A period's counts as the worker made them last, for all departments (unit 0) or one; a copy, never a source."""

    __tablename__ = "metric_rollup"
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    counted_at: Mapped[int] = mapped_column(BigInteger)
    upto: Mapped[int] = mapped_column(BigInteger)  # the newest journal entry then
    cost: Mapped[int]  # milliseconds that counting took
    dirty_since: Mapped[int] = mapped_column(BigInteger, default=0)  # 0: nothing has touched it since
    doc: Mapped[str] = mapped_column(Text)
