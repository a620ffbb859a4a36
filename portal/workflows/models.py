"""Rows of orders: the order, its steps and sheets, what is reserved for it, its documents."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kernel.db import BigId, Instant, db

_OPEN = text("state = 'open'")
_RUNS = text("state <> 'ended'")
_HELD = text("state = 'held'")
_TOLD = text("next_at IS NOT NULL")


def _where(name: str, *columns: str, where: Any) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


class OrderStep(db.Model):
    """One round of one step, or one sheet of a step that asks several units (`parent` is that step's `n`).

    `state`: open, done, returned (sent back from here), reset (done, but a return made it count no more), cancelled.
    `told_step` and `next_at` are the watch's: how far people were told, and when they are told next.
    """

    __tablename__ = "order_step"
    __table_args__ = (
        UniqueConstraint("order_id", "n"),
        _where("ix_order_step_open", "unit_id", "due_at", where=_OPEN),
        _where("ix_order_step_here", "order_id", "n", where=_OPEN),
        _where("ix_order_step_next", "next_at", where=_TOLD),
        Index("ix_order_step_unit", "unit_id", "order_id"),
        Index("ix_order_step_done", "done_at"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"))
    n: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(12))
    round: Mapped[int]
    parent: Mapped[int] = mapped_column(default=0)
    part: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(12))
    # who holds it; of a party outside, the unit that asks and chases it
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    role: Mapped[str] = mapped_column(String(20), default="")
    person_id: Mapped[int | None] = mapped_column(BigInteger)
    person: Mapped[str] = mapped_column(String(80), default="")
    outside: Mapped[bool] = mapped_column(default=False)
    party: Mapped[str] = mapped_column(String(120), default="")
    contact: Mapped[str] = mapped_column(String(120), default="")
    outside_no: Mapped[str] = mapped_column(String(60), default="")
    sheet: Mapped[str] = mapped_column(String(24), default="")
    # its time
    amount: Mapped[int] = mapped_column(BigInteger, default=0)
    unit: Mapped[str] = mapped_column(String(4), default="")
    calendar: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    warn_at: Mapped[datetime | None] = mapped_column(Instant)
    head_at: Mapped[datetime | None] = mapped_column(Instant)
    next_at: Mapped[datetime | None] = mapped_column(Instant)
    told_step: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    received_late: Mapped[int] = mapped_column(BigInteger, default=0)
    late: Mapped[int] = mapped_column(BigInteger, default=0)
    spans: Mapped[list[list[int]]] = mapped_column(JSON, default=list)  # units before: [unit, since, until, due]
    # what came of it
    outcome: Mapped[str] = mapped_column(String(40), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    chosen: Mapped[int] = mapped_column(BigInteger, default=0)
    done_by: Mapped[int | None] = mapped_column(BigInteger)
    chased: Mapped[int] = mapped_column(default=0)


class Reservation(db.Model):
    """Resources kept for a customer until an instant: held, released or expired."""

    __tablename__ = "reservation"
    __table_args__ = (
        UniqueConstraint("order_id", "r"),
        _where("ix_reservation_until", "until_at", where=_HELD),
        _where("ix_reservation_next", "next_at", where=_TOLD),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"))
    r: Mapped[int]
    n: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    what: Mapped[str] = mapped_column(String(300))
    since: Mapped[datetime] = mapped_column(Instant)
    until_at: Mapped[datetime] = mapped_column(Instant)
    next_at: Mapped[datetime | None] = mapped_column(Instant)  # when people are warned
    state: Mapped[str] = mapped_column(String(12))
    prolonged: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(300), default="")
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class OrderFile(db.Model):
    """A document of a step; its content lies beside the store under its checksum."""

    __tablename__ = "order_file"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"), index=True)
    n: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    person_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)


class WorkOrder(db.Model):
    """One piece of work that goes from department to department along one version of a flow."""

    __tablename__ = "work_order"
    __table_args__ = (
        _where("ix_work_order_running", "flow", "due_at", "id", "state", where=_RUNS),
        _where("ix_work_order_next", "next_at", where=_TOLD),
        _where("ix_work_order_paused", "pause_until", where=text("pause_until IS NOT NULL")),
        Index("ix_work_order_ended", "ended_at"),
        Index("ix_work_order_started", "started_at", "id"),
        Index("ix_work_order_customer", "customer_id"),
        Index("ix_work_order_raising", "raising_unit_id", "id"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    no: Mapped[str] = mapped_column(String(20), unique=True)
    version: Mapped[int] = mapped_column(default=0)
    flow: Mapped[str] = mapped_column(String(40))
    flow_version: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    customer_name: Mapped[str] = mapped_column(String(120))
    customer_class: Mapped[str] = mapped_column(String(20), default="")
    customer_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    raising_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    raised_by: Mapped[int] = mapped_column(BigInteger)
    raised_by_name: Mapped[str] = mapped_column(String(80))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(12))  # running, paused, ended
    # its time
    amount: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[str] = mapped_column(String(4))
    calendar: Mapped[str] = mapped_column(String(40))
    calendars: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # the versions it began with
    started_at: Mapped[datetime] = mapped_column(Instant)
    first_due_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    warn_at: Mapped[datetime | None] = mapped_column(Instant)
    head_at: Mapped[datetime | None] = mapped_column(Instant)
    next_at: Mapped[datetime | None] = mapped_column(Instant)
    told_step: Mapped[int] = mapped_column(default=0)
    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    pause_until: Mapped[datetime | None] = mapped_column(Instant)
    pause_words: Mapped[str] = mapped_column(Text, default="")
    pauses: Mapped[list[list[int]]] = mapped_column(JSON, default=list)
    # how it went
    returns: Mapped[int] = mapped_column(default=0)
    sheets: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    result: Mapped[str] = mapped_column(String(12), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    late: Mapped[int] = mapped_column(BigInteger, default=0)
    disposed: Mapped[str] = mapped_column(String(10), default="", server_default="")  # the certificate (AR5)

    steps: Mapped[list[OrderStep]] = relationship(order_by=OrderStep.n, cascade="all")
    reservations: Mapped[list[Reservation]] = relationship(order_by=Reservation.r, cascade="all")
    files: Mapped[list[OrderFile]] = relationship(order_by=OrderFile.id, cascade="all")

    @property
    def stream(self) -> str:
        """The name of the order's journal."""
        return f"order:{self.no}"

    @property
    def unit_ids(self) -> frozenset[int]:
        """The units this order concerns: who raised it, the customer's, and all that hold or held a step."""
        return frozenset((self.raising_unit_id, self.customer_unit_id, *(s.unit_id for s in self.steps)))

    def step(self, n: int) -> OrderStep | None:
        """The step with this number, or None."""
        return next((s for s in self.steps if s.n == n), None)
