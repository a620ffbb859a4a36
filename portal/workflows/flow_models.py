"""The versions of flows."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db


class FlowVersion(db.Model):
    """One version of a flow; an approved one is never changed, for orders run on it to their end.

    `state` is draft, review, effective or discarded. `data` is the definition as definition.to_data writes it. `hands`
    are the ids of those who wrote it; `revision` counts what was written. `key` is the form by which it was made: a
    second post finds the first one's draft.
    """

    __tablename__ = "flow_version"
    __table_args__ = (UniqueConstraint("flow", "version"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    flow: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default="draft")
    effective_from: Mapped[datetime] = mapped_column(Instant)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    hands: Mapped[list[int]] = mapped_column(JSON, default=list)
    revision: Mapped[int] = mapped_column(default=1)
    by_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime | None] = mapped_column(Instant)
    reviewed_by: Mapped[int | None] = mapped_column(BigInteger)
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(String(400), default="")
    key: Mapped[str | None] = mapped_column(String(64), unique=True)
