"""Drafts, kept on the server for their author alone; imports with how far they are and which rows they refused."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db


class Draft(db.Model):
    """One person's unfinished form."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("person_id", "form"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    form: Mapped[str] = mapped_column(String(40))
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Instant)


class ImportRun(db.Model):
    """One file of another system: how it is read, how far it is; state: mapping, waiting, running, done, failed."""

    __tablename__ = "import_run"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(160))
    sha256: Mapped[str] = mapped_column(String(64))
    names: Mapped[list[str]] = mapped_column(JSON)  # the file's columns
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), index=True)
    trial: Mapped[bool] = mapped_column(Boolean, default=True)
    total: Mapped[int] = mapped_column(default=0)
    rows: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    already: Mapped[int] = mapped_column(default=0)
    incomplete: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    first_no: Mapped[str] = mapped_column(String(20), default="")
    last_no: Mapped[str] = mapped_column(String(20), default="")
    fault: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(Instant)
    begun_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class ImportRefusal(db.Model):
    """A row of a file that was not brought in, and why: a code with its facts."""

    __tablename__ = "import_refusal"
    __table_args__ = (UniqueConstraint("run_id", "line"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id"))
    line: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    beginning: Mapped[str] = mapped_column(String(80))
