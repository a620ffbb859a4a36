"""Rows of files: of a case, or waiting beside a form not sent yet. Their contents lie outside the store."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.attachments.rules import PICTURES, SOUNDS
from portal.kernel.db import BigId, Instant, db


class Attachment(db.Model):
    """One file: of the case, or, without one, waiting beside its author's form."""

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_waiting", "person_id", "form"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    person_id: Mapped[int] = mapped_column(BigInteger)
    form: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(Instant)

    @property
    def shown_as(self) -> str:
        """How a page shows it: picture, sound or file."""
        return shown_as(self.kind)


def shown_as(kind: str) -> str:
    """How a page shows a file of this type: picture, sound or file."""
    return "picture" if kind in PICTURES else "sound" if kind in SOUNDS else "file"
