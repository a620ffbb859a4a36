"""The archive: one row per closing of a case, its searched text apart, and the log of who looked."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.archive.audit_models import Finding, Sample, SampleItem
from portal.archive.keeping_models import (
    Disposal,
    DisposalItem,
    DisposalOrder,
    Hold,
    HoldItem,
    HoldOrder,
    RetentionClass,
)
from portal.archive.order_models import OrderRecord
from portal.archive.snapshot_models import ArchivedSnapshot, SoundnessCheck
from portal.kernel.db import BigId, Instant, db


class Archived(db.Model):
    """A case as it was closed. Ids are never used again; `place` is its place in the order of its quarter, made of the
    instant of archiving (`rules.place_of`), under which the index knows it.

    A case that is reopened and closed again is filed anew; only its newest row is current and found by searching.
    """

    __tablename__ = "archived"
    __table_args__ = (
        Index("ix_archived_case", "case_id", "id"),
        Index("ix_archived_no", "no", "id"),
        Index("ix_archived_quarter", "quarter", "id"),
        Index("ix_archived_place", "quarter", "place", unique=True),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    no: Mapped[str] = mapped_column(String(20))
    cycle: Mapped[int]
    archived_at: Mapped[datetime] = mapped_column(Instant)
    retain_until: Mapped[datetime] = mapped_column(Instant)
    quarter: Mapped[str] = mapped_column(String(8))
    place: Mapped[int] = mapped_column(server_default="0")
    current: Mapped[bool] = mapped_column(default=True)
    title: Mapped[str] = mapped_column(String(120))
    customer_name: Mapped[str] = mapped_column(String(120))
    contact: Mapped[str] = mapped_column(String(120))
    level: Mapped[str] = mapped_column(String(2))
    channel: Mapped[str] = mapped_column(String(20))
    department_id: Mapped[int] = mapped_column(BigInteger)
    intake_unit_id: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(String(20))
    request_type: Mapped[str] = mapped_column(String(20))
    category: Mapped[str] = mapped_column(String(20), server_default="")
    rating: Mapped[int | None]
    readers: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))  # of a restricted case (AR6)

    @property
    def unit_ids(self) -> frozenset[int]:
        """The units concerned, as they were at the closing."""
        return frozenset((self.department_id, self.intake_unit_id))


class ArchivedText(db.Model):
    """The text a record is found by, with the version of the tokens made of it."""

    __tablename__ = "archived_text"
    id: Mapped[int] = mapped_column(BigId, ForeignKey("archived.id"), primary_key=True, autoincrement=False)
    tokeniser: Mapped[int]
    text: Mapped[str] = mapped_column(Text)


class ArchivedNumber(db.Model):
    """Which records hold a number: its digest under a key that lies outside the store (AR6)."""

    __tablename__ = "archived_number"
    __table_args__ = (Index("ix_archived_number_row", "archived_id"),)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    archived_id: Mapped[int] = mapped_column(BigId, ForeignKey("archived.id"), primary_key=True, autoincrement=False)


class ArchiveQuarter(db.Model):
    """The quarters that have an index table of their own, with the version of the tokens in it."""

    __tablename__ = "archive_quarter"
    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    version: Mapped[int] = mapped_column(server_default="1")


class SavedSearch(db.Model):
    """A search that a person keeps under a name."""

    __tablename__ = "saved_search"
    __table_args__ = (UniqueConstraint("person_id", "name", name="uq_saved_search_name"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(Text)
    relevant: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(Instant)


class ExportPackage(db.Model):
    """Records with their proofs in one file: asked for, agreed to where they are many, made by a worker, fetched.

    `state` is waiting, refused, making, ready, failed, gone (its time to be fetched is over) or withdrawn (a record in
    it was disposed of).
    """

    __tablename__ = "export_package"
    __table_args__ = (Index("ix_export_package_state", "state", "id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    query: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(String(300))
    count: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    locale: Mapped[str] = mapped_column(String(12))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    words: Mapped[str] = mapped_column(String(300))
    worker: Mapped[str] = mapped_column(String(8))
    seen_at: Mapped[int] = mapped_column(BigInteger)
    done: Mapped[int]
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    sha256: Mapped[str] = mapped_column(String(64))
    manifest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    holds: Mapped[str] = mapped_column(String(6), server_default="cases")  # cases, orders or both


class ArchiveAccess(db.Model):
    """Who searched for what, and who opened which record (AR4). Only ever added to."""

    __tablename__ = "archive_access"
    __table_args__ = (
        Index("ix_archive_access_no", "no", "id"),
        Index("ix_archive_access_person", "person_id", "id"),
        Index("ix_archive_access_at", "at"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    person_id: Mapped[int] = mapped_column(BigInteger)
    what: Mapped[str] = mapped_column(String(12))
    query: Mapped[str] = mapped_column(String(400), default="")
    no: Mapped[str] = mapped_column(String(20), default="")
    at: Mapped[datetime] = mapped_column(Instant)


__all__ = [
    "ArchiveAccess", "ArchiveQuarter", "Archived", "ArchivedNumber", "ArchivedSnapshot", "ArchivedText",
    "Disposal", "DisposalItem", "DisposalOrder", "Finding", "Hold", "HoldItem", "HoldOrder", "OrderRecord",
    "RetentionClass", "Sample", "SampleItem", "SoundnessCheck",
]  # fmt: skip
