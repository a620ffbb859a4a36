"""Who follows which case."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Instant, db


class Follower(db.Model):
    """A person has put a case on the own list 关注; nobody else sees it."""

    __tablename__ = "follower"
    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("person.id"), primary_key=True, autoincrement=False, index=True
    )
    since: Mapped[datetime] = mapped_column(Instant)
