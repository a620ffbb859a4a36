"""What people keep of the queues for themselves or their department, and who is at a case at this moment."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db


class SavedFilter(db.Model):
    """A selection of a queue under a name. `owner` is whose list it stands on: p<person id> or u<unit id>."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("owner", "name"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    owner: Mapped[str] = mapped_column(String(24))
    person_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(40))
    queue: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(String(300))
    made_at: Mapped[datetime] = mapped_column(Instant)


class Presence(db.Model):
    """Somebody looks at a case or writes on it: the last sign of it (epoch seconds). Nothing else is kept of it."""

    __tablename__ = "presence"
    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80))
    doing: Mapped[str] = mapped_column(String(8))
    at: Mapped[int] = mapped_column(BigInteger, index=True)
