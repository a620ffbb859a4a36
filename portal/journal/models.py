"""Streams and their entries. Header and body are apart: a body may one day be erased, its commitment stays."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db


class Stream(db.Model):
    """The head of one subject's chain of entries."""

    __tablename__ = "journal_stream"
    stream: Mapped[str] = mapped_column(String(60), primary_key=True)
    n: Mapped[int] = mapped_column(default=0)
    head: Mapped[bytes] = mapped_column(LargeBinary(32))


class Entry(db.Model):
    """One thing that happened: who, when, what; chained to the entry before it by hash."""

    __tablename__ = "journal"
    __table_args__ = (UniqueConstraint("stream", "n", name="uq_journal_stream_n"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    stream: Mapped[str] = mapped_column(String(60))
    n: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant)
    occurred_at: Mapped[datetime | None] = mapped_column(Instant)
    by_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(40))
    commitment: Mapped[bytes] = mapped_column(LargeBinary(32))
    prev: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class Body(db.Model):
    """What an entry says, with the salt that keeps its commitment from being guessed."""

    __tablename__ = "journal_body"
    journal_id: Mapped[int] = mapped_column(BigId, ForeignKey("journal.id"), primary_key=True, autoincrement=False)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
