"""What people write into a quarterly report, and the index by which figures find what happened in a period."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.journal.models import Entry
from portal.kernel.db import BigId, Instant, db

COUNTED = ("Chased", "Closed", "Merged", "Rated", "Reopened", "Told", "Voided")
# the same words stand in the partial index and in every query that shall use it
COUNTED_ONLY = text("kind IN ('Chased', 'Closed', 'Merged', 'Rated', 'Reopened', 'Told', 'Voided')")
Index("ix_journal_counted", Entry.kind, Entry.at, sqlite_where=COUNTED_ONLY, postgresql_where=COUNTED_ONLY)


class ReportText(db.Model):
    """The text of one section of one quarter's report, as people wrote it last."""

    __tablename__ = "report_text"
    __table_args__ = (UniqueConstraint("quarter", "section"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    quarter: Mapped[str] = mapped_column(String(6))
    section: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    by_id: Mapped[int] = mapped_column(BigInteger)
    by_name: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Instant)
