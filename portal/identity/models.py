"""People, units, roles held, sessions, and failed sign-ins."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db


class Unit(db.Model):
    """A node of the organisation tree: headquarters, province, branch or department."""

    __tablename__ = "unit"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80), default="")
    kind: Mapped[str] = mapped_column(String(20), default="department")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    position: Mapped[int] = mapped_column(default=0)


class Person(db.Model):
    """A member of staff with an account."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    login: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str] = mapped_column(String(200))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    locale: Mapped[str | None] = mapped_column(String(12))
    theme: Mapped[str] = mapped_column(String(8), default="auto")
    keys: Mapped[bool] = mapped_column(default=True)
    queue_look: Mapped[str] = mapped_column(String(160), default="", server_default="")
    active: Mapped[bool] = mapped_column(default=True)
    skills: Mapped[str] = mapped_column(String(200), default="", server_default="")  # parted by commas
    provisional: Mapped[bool] = mapped_column(default=False)  # the password was somebody else's choice
    created_at: Mapped[datetime] = mapped_column(Instant)
    second_nonce: Mapped[str] = mapped_column(String(16), default="", server_default="")  # empty: no app is known
    second_step: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # its last used code's


class Membership(db.Model):
    """A role held by a person, in one unit or (unit empty) in all."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("person_id", "role", "unit_id"),
        Index("ix_membership_role_unit", "role", "unit_id"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(20))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))


class Absence(db.Model):
    """A person is away from an instant up to another, and a deputy gets what is new (DK3); `ended_at`: taken back."""

    __tablename__ = "absence"
    __table_args__ = (Index("ix_absence_to", "to_at"), Index("ix_absence_person", "person_id", "to_at"))
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    deputy_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    from_at: Mapped[datetime] = mapped_column(Instant)
    to_at: Mapped[datetime] = mapped_column(Instant)
    words: Mapped[str] = mapped_column(String(200), default="")
    by_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    key: Mapped[str | None] = mapped_column(String(64), unique=True)


class SessionRow(db.Model):
    """A signed-in browser. The token itself is only in the browser's cookie, here is its SHA-256."""

    __tablename__ = "session"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    input_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    second: Mapped[bool] = mapped_column(default=False, server_default=false())  # a code of the person's app was given


class SignInFailure(db.Model):
    """A wrong password, counted by account and address together, so that nobody can lock others out."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index("ix_sign_in_failure_login_address_at", "login", "address", "at"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    login: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)
