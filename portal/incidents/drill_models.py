"""Drills that are planned: what is practised, when, with what, against which goals."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db

_TOLD_NEXT = text("told_next IS NOT NULL")


class Drill(db.Model):
    """A planned drill; `incident_id` once it has begun. `objectives` by code, `injects` as {minutes, text}."""

    __tablename__ = "drill"
    __table_args__ = (
        Index("ix_drill_told_next", "told_next", sqlite_where=_TOLD_NEXT, postgresql_where=_TOLD_NEXT),
        Index("ix_drill_kind", "kind", "planned_at"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(120))
    extent: Mapped[str] = mapped_column(String(12))
    place: Mapped[str] = mapped_column(String(200))
    scenario: Mapped[str] = mapped_column(Text)
    planned_at: Mapped[datetime] = mapped_column(Instant)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    owner: Mapped[str] = mapped_column(String(80))
    objectives: Mapped[dict[str, int]] = mapped_column(JSON)
    injects: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    told_next: Mapped[datetime | None] = mapped_column(Instant)
    incident_id: Mapped[int | None] = mapped_column(BigInteger)
    dropped_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)
    key: Mapped[str | None] = mapped_column(String(64), unique=True)
