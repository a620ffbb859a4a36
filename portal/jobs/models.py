"""What the worker remembers about rows it could not deal with."""

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db


class Trouble(db.Model):
    """A case whose deadlines could not be announced: tried again later, parked after the last try."""

    __tablename__ = "watch_trouble"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    tries: Mapped[int] = mapped_column(default=0)
    said: Mapped[str] = mapped_column(String(200), default="")
    again_at: Mapped[datetime | None] = mapped_column(Instant)
