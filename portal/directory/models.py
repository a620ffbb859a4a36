"""The customer file: who, how to be reached, what class."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db


class Customer(db.Model):
    """A person or company we serve. `phone` holds digits only, so that a repeat caller is found."""

    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(60), index=True, default="")
    phone: Mapped[str] = mapped_column(String(30), index=True, default="")
    email: Mapped[str] = mapped_column(String(120), index=True, default="")
    category: Mapped[str] = mapped_column(String(20), default="person")
    prefers: Mapped[str] = mapped_column(String(20), default="phone")
    created_at: Mapped[datetime] = mapped_column(Instant)
    merged_into: Mapped[int | None]
