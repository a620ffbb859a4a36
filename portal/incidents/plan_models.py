"""The versions of the emergency plans that this house has written, and when each plan was evaluated."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db


class PlanVersion(db.Model):
    """One version of all plans; an approved one is never changed, for incidents run on it to their end.

    `state` is draft, review, effective or discarded. `data` is the whole document as data/plans.toml spells it. `base`
    is the version it began from, `hands` the ids of those who wrote it; `revision` counts what was written.
    """

    __tablename__ = "incident_plan"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(12))
    base: Mapped[int]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    hands: Mapped[list[int]] = mapped_column(JSON)
    revision: Mapped[int] = mapped_column(default=1)
    by_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)
    effective_from: Mapped[datetime | None] = mapped_column(Instant)
    reviewed_by: Mapped[int | None] = mapped_column(BigInteger)
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(String(400), default="")


class PlanEvaluation(db.Model):
    """A plan was looked at as a whole (EM8): when, by whom, with which result."""

    __tablename__ = "incident_plan_evaluation"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(20), index=True)
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int] = mapped_column(BigInteger)
    words: Mapped[str] = mapped_column(Text)
