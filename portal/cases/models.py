"""The case row: the latest state of its journal, kept for queues, searches and figures."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import BigId, Instant, db

_OPEN_SQLITE, _OPEN_POSTGRES = text("open = 1"), text("open")
_AGAIN = text("call_again_at IS NOT NULL")
_CONFIRMED, _REOPENED = text("confirmed_at IS NOT NULL"), text("reopened > 0")
_CAPPED, _WROTE = text("pause_until IS NOT NULL"), text("messages IS NOT NULL")


class Case(db.Model):
    """A customer's request from its first word to its confirmation."""

    __tablename__ = "cases"
    __table_args__ = (
        Index(
            "ix_cases_queue",
            "unit_id",
            "press",
            "id",
            "owner_id",
            "state",
            "clock_warn",
            "open",  # the last four: counting segments reads the index alone
            sqlite_where=_OPEN_SQLITE,
            postgresql_where=_OPEN_POSTGRES,
        ),
        Index("ix_cases_press", "press", "id", sqlite_where=_OPEN_SQLITE, postgresql_where=_OPEN_POSTGRES),
        Index(
            "ix_cases_owner",
            "owner_id",
            "press",
            "id",
            "open",
            sqlite_where=_OPEN_SQLITE,
            postgresql_where=_OPEN_POSTGRES,
        ),
        Index(
            "ix_cases_agent",
            "agent_id",
            "press",
            "id",
            sqlite_where=_OPEN_SQLITE,
            postgresql_where=_OPEN_POSTGRES,
        ),
        Index(
            "ix_cases_state",
            "state",
            "press",
            "id",
            sqlite_where=_OPEN_SQLITE,
            postgresql_where=_OPEN_POSTGRES,
        ),
        Index("ix_cases_notice", "notice_at", sqlite_where=_OPEN_SQLITE, postgresql_where=_OPEN_POSTGRES),
        Index("ix_cases_stale", "entry_at", sqlite_where=_OPEN_SQLITE, postgresql_where=_OPEN_POSTGRES),
        Index("ix_cases_pause", "pause_until", sqlite_where=_CAPPED, postgresql_where=_CAPPED),
        Index("ix_cases_messages", "id", sqlite_where=_WROTE, postgresql_where=_WROTE),
        Index("ix_cases_call_again", "call_again_at", sqlite_where=_AGAIN, postgresql_where=_AGAIN),
        Index("ix_cases_received", "received_at"),
        Index("ix_cases_closed", "closed_at"),
        Index("ix_cases_confirmed", "confirmed_at", sqlite_where=_CONFIRMED, postgresql_where=_CONFIRMED),
        Index("ix_cases_reopened", "id", sqlite_where=_REOPENED, postgresql_where=_REOPENED),
        Index("ix_cases_customer", "customer_id", "id"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    no: Mapped[str] = mapped_column(String(20), unique=True)
    version: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(16), default="registered")
    open: Mapped[bool] = mapped_column(Boolean, default=True)
    cycle: Mapped[int] = mapped_column(default=1)
    round: Mapped[int] = mapped_column(default=1)
    # what was asked
    channel: Mapped[str] = mapped_column(String(20))
    request_type: Mapped[str] = mapped_column(String(20))
    category: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text)
    demand: Mapped[str] = mapped_column(Text)
    happened: Mapped[str] = mapped_column(String(120))
    order_no: Mapped[str] = mapped_column(String(60), default="")
    product: Mapped[str] = mapped_column(String(120), default="")
    symptom: Mapped[str] = mapped_column(String(200), default="")
    complexity: Mapped[str] = mapped_column(String(10), default="simple")
    urgency: Mapped[str] = mapped_column(String(10), default="normal")
    read_back: Mapped[list[str]] = mapped_column(JSON, default=list)
    assumed: Mapped[list[str]] = mapped_column(JSON, default=list)
    incomplete: Mapped[list[str]] = mapped_column(JSON, default=list)
    source: Mapped[str] = mapped_column(String(80), default="")
    extra: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))  # fields of the type (IN2)
    checked: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))  # facts of the identity check (IN14)
    exercise: Mapped[bool] = mapped_column(default=False)
    # whose
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    customer_name: Mapped[str] = mapped_column(String(120))
    contact: Mapped[str] = mapped_column(String(120))
    caller: Mapped[str] = mapped_column(String(120), default="")
    prefers: Mapped[str] = mapped_column(String(20), default="phone")
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    intake_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    first_unit_id: Mapped[int | None] = mapped_column(BigInteger)  # the department that had it when it came
    handed_at: Mapped[datetime | None] = mapped_column(Instant)  # when it last passed to another one
    agent_id: Mapped[int] = mapped_column(BigInteger)
    owner_id: Mapped[int | None] = mapped_column(BigInteger)
    owner_name: Mapped[str] = mapped_column(String(80), default="")
    # level
    proposed_level: Mapped[str] = mapped_column(String(2))
    level: Mapped[str] = mapped_column(String(2), default="")
    impact: Mapped[str] = mapped_column(String(10), default="")
    harm: Mapped[bool] = mapped_column(default=False)
    # when
    received_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    expected_at: Mapped[datetime | None] = mapped_column(Instant)
    judged_at: Mapped[datetime | None] = mapped_column(Instant)
    responded_at: Mapped[datetime | None] = mapped_column(Instant)
    result_at: Mapped[datetime | None] = mapped_column(Instant)
    told_at: Mapped[datetime | None] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    contact_at: Mapped[datetime | None] = mapped_column(Instant)
    inward_at: Mapped[datetime | None] = mapped_column(Instant)
    call_again_at: Mapped[datetime | None] = mapped_column(Instant)  # nobody was reached: when it is tried again
    entry_at: Mapped[datetime] = mapped_column(Instant)
    # how it went
    result: Mapped[str] = mapped_column(Text, default="")
    cause_category: Mapped[str] = mapped_column(String(20), default="")
    cause: Mapped[str] = mapped_column(Text, default="")
    verdict: Mapped[str] = mapped_column(String(20), default="")
    outcome: Mapped[str] = mapped_column(String(20), default="")
    rating: Mapped[int | None]
    rated: Mapped[bool] = mapped_column(default=False)
    chases: Mapped[int] = mapped_column(default=0)
    reopened: Mapped[int] = mapped_column(default=0)
    transfers: Mapped[int] = mapped_column(default=0)
    returns: Mapped[int] = mapped_column(default=0, server_default="0")
    handed_by: Mapped[int | None] = mapped_column(BigInteger)  # the department that transferred it here
    tier: Mapped[int] = mapped_column(default=1, server_default="1")  # first line, second, expert (SL12)
    extensions: Mapped[int] = mapped_column(default=0)
    extension: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # waiting for approval (SL7)
    dispute: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # the running consultation (SL6)
    dispute_until: Mapped[int | None] = mapped_column(BigInteger, index=True)
    pauses: Mapped[int] = mapped_column(default=0)
    paused: Mapped[str] = mapped_column(String(20), default="")
    pause_until: Mapped[int | None] = mapped_column(
        BigInteger
    )  # last second of the pause's cap (SL4); 0: to be counted
    plan: Mapped[str] = mapped_column(String(120), default="")
    merged_into: Mapped[int | None] = mapped_column(BigInteger)
    incident_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    # who works on it beside the lead department, and what is still owed (QU3-QU7, QU9)
    partners: Mapped[str] = mapped_column(String(60), default="", server_default="")  # unit ids with commas
    duties: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    tasks_given: Mapped[int] = mapped_column(default=0, server_default="0")
    tasks_open: Mapped[int] = mapped_column(default=0, server_default="0")
    owed: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # the oldest chase without an answer
    links: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    correction: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # waiting for approval (QU7)
    ending: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # who agreed to an ending (SL11)
    messages: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))  # after the end, unsorted
    restricted: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # to named readers (AR6)
    disposed: Mapped[str] = mapped_column(String(10), default="", server_default="")  # the certificate (AR5)
    # the clock that presses most (a cache of the clock rows, recomputed by record())
    press: Mapped[int] = mapped_column(BigInteger, default=0)
    clock_kind: Mapped[str] = mapped_column(String(20), default="")
    clock_start: Mapped[int | None] = mapped_column(BigInteger)
    clock_due: Mapped[int | None] = mapped_column(BigInteger)
    clock_warn: Mapped[int | None] = mapped_column(BigInteger)
    notice_at: Mapped[int | None] = mapped_column(BigInteger)

    @property
    def unit_ids(self) -> frozenset[int]:
        """The units concerned: who holds the case and who took it in."""
        return frozenset((self.unit_id, self.intake_unit_id))

    @property
    def partner_ids(self) -> frozenset[int]:
        """The units that cooperate without holding the case (QU3)."""
        return frozenset(int(one) for one in (self.partners or "").split(",") if one)

    @property
    def readers(self) -> list[int] | None:
        """Who alone may read the case; None where it is not restricted."""
        return self.restricted["readers"] if self.restricted else None

    @property
    def stream(self) -> str:
        """The name of the case's journal."""
        return f"case:{self.id}"

    @property
    def level_now(self) -> str:
        """The level that governs: as judged, until then as proposed; while it is disputed the stricter one (SL6)."""
        if self.dispute:
            return str(self.dispute["governs"])
        return self.level or self.proposed_level


class Counter(db.Model):
    """The last number given in a series (case numbers of a month), under the same transaction."""

    __tablename__ = "counter"
    series: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger, default=0)


class Submission(db.Model):
    """What a form made, by the key it was rendered with: a second post finds the first one's result.

    `digest` is the SHA-256 of what another system sent under its key, empty for forms.
    """

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("key"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(BigInteger)
    ref: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)
    digest: Mapped[str] = mapped_column(String(64), default="", server_default="")
