"""The work list of an announcement: one row for each linked case that it is passed to."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db

WAITING = text("state = 'waiting'")


class IncidentReach(db.Model):
    """An announcement (`n`, published or withdrawn) on its way to one linked case; once for ever by the unique key.

    `state` is waiting, done (the case's journal holds it), left (`why`: ended, unlinked) or failed (`why`: the code of
    the last failure, after so many tries).
    """

    __tablename__ = "incident_reach"
    __table_args__ = (
        UniqueConstraint("incident_id", "n", "what", "case_id"),
        Index("ix_incident_reach_waiting", "id", sqlite_where=WAITING, postgresql_where=WAITING),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    n: Mapped[int]
    what: Mapped[str] = mapped_column(String(12))
    case_id: Mapped[int] = mapped_column(BigInteger)
    unit_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    why: Mapped[str] = mapped_column(String(40), default="")
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
