"""The customer file: who, how to be reached, what class; pairs of files of one customer; the lists that are edited."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kernel.db import BigId, Instant, db


class CustomerContact(db.Model):
    """One way to recognise or reach a customer. `folded` is what it is found by: digits, or lower case without gaps."""

    __tablename__ = "customer_contact"
    __table_args__ = (
        Index("ix_customer_contact_folded", "folded", "kind"),
        Index("ix_customer_contact_customer", "customer_id"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    kind: Mapped[str] = mapped_column(String(12))
    value: Mapped[str] = mapped_column(String(120))
    folded: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(String(120), default="")


class Customer(db.Model):
    """A person or company we serve. `phone` holds digits only, so that a repeat caller is found."""

    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    name: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(60), index=True, default="")
    phone: Mapped[str] = mapped_column(String(30), index=True, default="")
    email: Mapped[str] = mapped_column(String(120), index=True, default="")
    category: Mapped[str] = mapped_column(String(20), default="person")
    prefers: Mapped[str] = mapped_column(String(20), default="phone")
    prefers_time: Mapped[str] = mapped_column(String(60), default="", server_default="")
    nuisance: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(Instant)
    merged_into: Mapped[int | None] = mapped_column(index=True)

    contacts: Mapped[list[CustomerContact]] = relationship(order_by=CustomerContact.id, cascade="all, delete-orphan")

    @property
    def stream(self) -> str:
        """The name of the file's journal."""
        return f"customer:{self.id}"

    @property
    def code(self) -> str:
        """The number of the file, as it is read out and searched."""
        return f"KH{self.id:06d}"


class CustomerPair(db.Model):
    """Two files that may be one customer's: proposed, merged, refused or parted again."""

    __tablename__ = "customer_pair"
    __table_args__ = (UniqueConstraint("low_id", "high_id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    low_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    high_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    main_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(12), index=True)
    grounds: Mapped[list[str]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(400), default="")
    proposed_by: Mapped[int] = mapped_column(BigInteger)
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)


class ListItem(db.Model):
    """What an administrator has changed or added in a list: a request type with its fields, a customer class."""

    __tablename__ = "list_item"
    __table_args__ = (UniqueConstraint("list", "code"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    list: Mapped[str] = mapped_column(String(12))
    code: Mapped[str] = mapped_column(String(20))
    zh: Mapped[str] = mapped_column(String(40), default="")
    en: Mapped[str] = mapped_column(String(40), default="")
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
