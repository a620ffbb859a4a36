"""How long records are kept, what keeps them longer, and how they are disposed of (AR1, AR5)."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db


class RetentionClass(db.Model):
    """A class of records: which request types fall in it (none: all others), and for how many months it is kept."""

    __tablename__ = "retention_class"
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    months: Mapped[int]
    types: Mapped[list[str]] = mapped_column(JSON, default=list)
    basis: Mapped[str] = mapped_column(String(200), default="")


class Hold(db.Model):
    """A legal hold. `scope` is case, order, customer, incident, range or search; `ref` is the id of the first four.

    A range holds what was archived from `from_at` to before `to_at`; a search holds the records it had found.
    """

    __tablename__ = "legal_hold"
    __table_args__ = (Index("ix_legal_hold_open", "released_at", "scope"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    scope: Mapped[str] = mapped_column(String(10))
    ref: Mapped[int | None] = mapped_column(BigInteger)
    from_at: Mapped[int | None] = mapped_column(BigInteger)
    to_at: Mapped[int | None] = mapped_column(BigInteger)
    what: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)
    placed_by: Mapped[int] = mapped_column(BigInteger)
    placed_at: Mapped[datetime] = mapped_column(Instant)
    released_by: Mapped[int | None] = mapped_column(BigInteger)
    released_at: Mapped[datetime | None] = mapped_column(Instant)
    words: Mapped[str] = mapped_column(Text, default="")


class HoldItem(db.Model):
    """A case that a held search had found."""

    __tablename__ = "hold_item"
    hold_id: Mapped[int] = mapped_column(BigId, ForeignKey("legal_hold.id"), primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)


class HoldOrder(db.Model):
    """An ended order that a held search had found."""

    __tablename__ = "hold_order"
    hold_id: Mapped[int] = mapped_column(BigId, ForeignKey("legal_hold.id"), primary_key=True, autoincrement=False)
    order_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)


class Disposal(db.Model):
    """A batch to be disposed of: proposed, approved, refused or done. Proposer and approver are two people."""

    __tablename__ = "disposal"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[int] = mapped_column(BigInteger)
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    words: Mapped[str] = mapped_column(Text, default="")
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    manifest: Mapped[str] = mapped_column(String(64), default="")
    packages: Mapped[int] = mapped_column(default=0, server_default="0")  # export packages that went with its records

    @property
    def code(self) -> str:
        """The number of its certificate."""
        return f"XH{self.id:05d}"


class Disposed:
    """One record of a batch: waiting, disposing (while it is erased), gone, held or kept; `digest` of what went."""

    no: Mapped[str] = mapped_column(String(20))
    archived_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(10))
    entries: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str] = mapped_column(String(64), default="")


class DisposalItem(Disposed, db.Model):
    """The record of a case."""

    __tablename__ = "disposal_item"
    __table_args__ = (Index("ix_disposal_item_case", "case_id", "state"),)
    disposal_id: Mapped[int] = mapped_column(BigId, ForeignKey("disposal.id"), primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)

    @property
    def key(self) -> tuple[int, int]:
        """Batch and case."""
        return self.disposal_id, self.case_id


class DisposalOrder(Disposed, db.Model):
    """The record of an ended order."""

    __tablename__ = "disposal_order"
    __table_args__ = (Index("ix_disposal_order_order", "order_id", "state"),)
    disposal_id: Mapped[int] = mapped_column(BigId, ForeignKey("disposal.id"), primary_key=True, autoincrement=False)
    order_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)

    @property
    def key(self) -> tuple[int, int]:
        """Batch and order."""
        return self.disposal_id, self.order_id
