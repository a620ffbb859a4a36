"""Streams and their entries. Header and body are apart: a body may one day be erased, its commitment stays."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
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


class Seal(db.Model):
    """The entries behind the seal before, up to `last_id`, under one root; `root` binds all seals before it as well."""

    __tablename__ = "journal_seal"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    first_id: Mapped[int] = mapped_column(BigInteger)
    last_id: Mapped[int] = mapped_column(BigInteger)
    count: Mapped[int] = mapped_column(BigInteger)
    tree: Mapped[bytes] = mapped_column(LargeBinary(32))
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    prev_root: Mapped[bytes] = mapped_column(LargeBinary(32))
    sealed_at: Mapped[datetime] = mapped_column(Instant)


class Check(db.Model):
    """One verification of all journals: asked for by a person (0: the night), done by a worker, with its result.

    `code` as `portal archive verify` ends with; `done` of `total` entries; `result` as its --json says it.
    """

    __tablename__ = "journal_check"
    __table_args__ = (Index("ix_journal_check_ended_at", "ended_at"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    night: Mapped[str | None] = mapped_column(String(10), unique=True)
    asked_by: Mapped[int] = mapped_column(BigInteger)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    worker: Mapped[str] = mapped_column(String(8), default="")
    seen_at: Mapped[int] = mapped_column(BigInteger, default=0)
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    code: Mapped[int | None]
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
