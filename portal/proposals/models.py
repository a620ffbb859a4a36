"""Versions of what proposes: the rules, and the score learnt from decided cases."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db


class ProposalVersion(db.Model):
    """One version of the rules (`kind` rules) or of the score (`kind` score).

    `state` is draft, review, effective (approved, never changed again), discarded, or refused (a score that was worse
    than the one in force). `since` is the instant from which it proposes; the newest one in force speaks.
    """

    __tablename__ = "proposal_version"
    __table_args__ = (UniqueConstraint("kind", "version"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    since: Mapped[datetime | None] = mapped_column(Instant)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    by_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)
    reviewed_by: Mapped[int | None] = mapped_column(BigInteger)
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(String(400), default="", server_default="")
