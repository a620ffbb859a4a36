"""Drafts, kept for their author alone; imports with their refused rows; hotlines, voicemails; dispatch rules."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, String, UniqueConstraint, false
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


class Hotline(db.Model):
    """A number customers call; outside the hours of its calendar they leave a voicemail."""

    __tablename__ = "hotline"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    calendar: Mapped[str] = mapped_column(String(40))


class Voicemail(db.Model):
    """A recording that waits for somebody to take it down as a request; state: waiting, taken, logged."""

    __tablename__ = "voicemail"
    __table_args__ = (UniqueConstraint("hotline_id", "sha256", "received_at"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    hotline_id: Mapped[int] = mapped_column(ForeignKey("hotline.id"))
    caller: Mapped[str] = mapped_column(String(60))
    received_at: Mapped[datetime] = mapped_column(Instant)
    opens_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    name: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(8), index=True)
    taken_by: Mapped[int | None] = mapped_column(BigInteger)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))


class DispatchRule(db.Model):
    """派单规则: which requests received by machine go where; the first rule by position that fits decides."""

    __tablename__ = "dispatch_rule"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    conditions: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    least_loaded: Mapped[bool] = mapped_column(Boolean)
    on_shift: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    skill: Mapped[str] = mapped_column(String(20), default="", server_default="")


class Call(db.Model):
    """One call of the telephone system, handed in by it (IN7): when it was offered, answered, ended; what it took."""

    __tablename__ = "call_record"
    __table_args__ = (UniqueConstraint("key"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(120))
    hotline_id: Mapped[int] = mapped_column(ForeignKey("hotline.id"))
    offered_at: Mapped[datetime] = mapped_column(Instant, index=True)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime] = mapped_column(Instant)
    hold: Mapped[int] = mapped_column(default=0)  # seconds, within talking
    after: Mapped[int] = mapped_column(default=0)  # seconds of work after it
    handed: Mapped[bool] = mapped_column(Boolean, default=False)  # to another line
    busy: Mapped[bool] = mapped_column(Boolean, default=False)  # the line was busy, as the telephone system says
    token_id: Mapped[int] = mapped_column(BigInteger)


class BusyPeriod(db.Model):
    """A period [from_at, until_at) in which a hotline's line was busy, as the supervisor declared it (IN7)."""

    __tablename__ = "busy_period"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    hotline_id: Mapped[int] = mapped_column(ForeignKey("hotline.id"))
    from_at: Mapped[datetime] = mapped_column(Instant, index=True)
    until_at: Mapped[datetime] = mapped_column(Instant)
    words: Mapped[str] = mapped_column(String(200))
    by_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)
