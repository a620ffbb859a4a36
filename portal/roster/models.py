"""Shifts of the roster."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db


class Shift(db.Model):
    """One person on duty in one role, from an instant up to (not including) another.

    `note` is what this shift leaves to the next; a shift that was taken out keeps its row with `removed_at`. `key` is
    the form by which it was entered: a second post finds the first one's shift.
    """

    __tablename__ = "shift"
    __table_args__ = (
        Index("ix_shift_unit_from", "unit_id", "from_at"),
        Index("ix_shift_person_from", "person_id", "from_at"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(12))
    from_at: Mapped[datetime] = mapped_column(Instant)
    to_at: Mapped[datetime] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(String(600), default="")
    noted_at: Mapped[datetime | None] = mapped_column(Instant)
    by_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
    key: Mapped[str | None] = mapped_column(String(64), unique=True)

    @property
    def unit_ids(self) -> frozenset[int]:
        """The unit whose roster this is."""
        return frozenset((self.unit_id,))


class HandOver(db.Model):
    """A hand-over sheet as it was given (DK2): its lines never change; who accepted it, and which cases, is added.

    A line: case (id), no, title, level, owner_id, owner, why (list of [reason, epoch seconds]). `facts` holds titles of
    announcements and the notes of shifts. `until_at`: how far the sheet looks ahead.
    """

    __tablename__ = "hand_over"
    __table_args__ = (Index("ix_hand_over_unit_at", "unit_id", "at"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    until_at: Mapped[datetime] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(String(600), default="")
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    accepted_by: Mapped[int | None] = mapped_column(BigInteger)
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    taken: Mapped[list[int]] = mapped_column(JSON)
    key: Mapped[str | None] = mapped_column(String(64), unique=True)

    @property
    def unit_ids(self) -> frozenset[int]:
        """The unit whose shift is handed over."""
        return frozenset((self.unit_id,))
