"""Versions of wording and articles, and what each was used for."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db


class KnowledgeVersion(db.Model):
    """One version of a wording or an article; an approved one is never changed, only followed by the next.

    `state` is draft, review, effective or discarded. `data` holds the texts by language (`zh`, `en`), where they belong
    (step and channel, or category), `off` (no longer offered) and `hands`, the ids of those who wrote it. `key` is the
    form by which a new one was made: a second post finds the first one's draft.
    """

    __tablename__ = "knowledge_version"
    __table_args__ = (UniqueConstraint("kind", "code", "version"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default="draft")
    effective_from: Mapped[datetime] = mapped_column(Instant)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    revision: Mapped[int] = mapped_column(default=1)
    by_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime | None] = mapped_column(Instant)
    reviewed_by: Mapped[int | None] = mapped_column(BigInteger)
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(String(400), default="")
    key: Mapped[str | None] = mapped_column(String(64), unique=True)


class KnowledgeUse(db.Model):
    """A wording said, or an article given as the answer, in one entry of a case's journal.

    `solved`: what the customer said of an answer; None for wording, about which nobody is asked.
    """

    __tablename__ = "knowledge_use"
    __table_args__ = (Index("ix_knowledge_use_what", "kind", "code"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    case_id: Mapped[int] = mapped_column(BigInteger, index=True)
    entry: Mapped[int]
    deed: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)
    solved: Mapped[bool | None]
