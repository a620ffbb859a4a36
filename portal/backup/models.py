"""Blocks of numbered sheets, what became of each, what was entered afterwards, phones of the kit, its runs."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db

_TOLD_NEXT = text("told_next IS NOT NULL")


class PaperBlock(db.Model):
    """A run of numbered sheets that a department keeps; `incident_id`: in use for this incident since `opened_at`."""

    __tablename__ = "paper_block"
    __table_args__ = (Index("ix_paper_block_unit", "unit_id", "id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    first: Mapped[str] = mapped_column(String(20))
    last: Mapped[str] = mapped_column(String(20))
    incident_id: Mapped[int | None] = mapped_column(BigInteger)
    opened_at: Mapped[datetime | None] = mapped_column(Instant)
    counted_at: Mapped[datetime | None] = mapped_column(Instant)
    by_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)
    key: Mapped[str | None] = mapped_column(String(64), unique=True)

    @property
    def unit_ids(self) -> frozenset[int]:
        """The department that keeps it."""
        return frozenset((self.unit_id,))


class PaperSheet(db.Model):
    """One number: stock, out (handed out, not accounted for), used, void or missing; a missing one is chased."""

    __tablename__ = "paper_sheet"
    __table_args__ = (
        Index("ix_paper_sheet_block", "block_id", "n"),
        Index("ix_paper_sheet_incident", "incident_id", "state"),
        Index("ix_paper_sheet_told_next", "told_next", sqlite_where=_TOLD_NEXT, postgresql_where=_TOLD_NEXT),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    serial: Mapped[str] = mapped_column(String(20), unique=True)
    block_id: Mapped[int] = mapped_column(ForeignKey("paper_block.id"))
    n: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))
    incident_id: Mapped[int | None] = mapped_column(BigInteger)
    case_no: Mapped[str] = mapped_column(String(20), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    told_next: Mapped[datetime | None] = mapped_column(Instant)
    by_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime | None] = mapped_column(Instant)


class BackEntry(db.Model):
    """补录: a request that was taken down outside the portal; occurred, heard and entered are kept apart."""

    __tablename__ = "back_entry"
    __table_args__ = (Index("ix_back_entry_checked", "checked_at", "id"), Index("ix_back_entry_entered", "entered_at"))
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), unique=True)
    case_no: Mapped[str] = mapped_column(String(20))
    serial: Mapped[str] = mapped_column(String(40))
    means: Mapped[str] = mapped_column(String(8))  # paper, page (offline page) or file
    occurred: Mapped[str] = mapped_column(String(120))
    heard_at: Mapped[datetime] = mapped_column(Instant)
    heard_by: Mapped[str] = mapped_column(String(80))
    entered_at: Mapped[datetime] = mapped_column(Instant)
    entered_by: Mapped[int] = mapped_column(BigInteger)
    incident_id: Mapped[int | None] = mapped_column(BigInteger)
    checked_at: Mapped[datetime | None] = mapped_column(Instant)
    checked_by: Mapped[int | None] = mapped_column(BigInteger)
    agrees: Mapped[bool | None]
    words: Mapped[str] = mapped_column(Text, default="")


class DutyPhone(db.Model):
    """The number under which somebody is reached in an emergency; it stands in the kit and on the call-out sheet."""

    __tablename__ = "duty_phone"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    phone: Mapped[str] = mapped_column(String(40))
    by_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)


class KitRun(db.Model):
    """One day's emergency kit: written, or why not."""

    __tablename__ = "kit_run"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    day: Mapped[str] = mapped_column(String(10), unique=True)
    tried_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    fault: Mapped[str] = mapped_column(String(200), default="")
