"""Rows of group customers and support projects: their facts, services, contacts, documents, and what is due."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.attachments.models import shown_as
from portal.kernel.db import BigId, Instant, db

_WAITS = text("state = 'open' AND notice_at IS NOT NULL")


class Due(db.Model):
    """Something to be done by a day: maintenance, optimisation, report of a customer; milestone, task of a project.

    `due_at` is the last second of its day, `first_at` that of the day first agreed; `notice_at` is when the worker
    next tells of it.
    """

    __tablename__ = "corporate_due"
    __table_args__ = (
        UniqueConstraint("customer_id", "n"),
        UniqueConstraint("project_id", "n"),
        Index("ix_corporate_due_kind", "kind", "due_at"),
        Index("ix_corporate_due_notice", "notice_at", sqlite_where=_WAITS, postgresql_where=_WAITS),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("group_file.customer_id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("support_project.id"))
    n: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    code: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(160))
    period: Mapped[str] = mapped_column(String(10))
    phase: Mapped[str] = mapped_column(String(12))
    owner_id: Mapped[int] = mapped_column(BigInteger)
    owner: Mapped[str] = mapped_column(String(80))
    owner_unit: Mapped[int] = mapped_column(BigInteger)
    ahead: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(Instant)
    first_at: Mapped[datetime] = mapped_column(Instant)
    moves: Mapped[list[Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(8))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[int | None] = mapped_column(BigInteger)
    words: Mapped[str] = mapped_column(Text)
    document_n: Mapped[int]
    notice_at: Mapped[datetime | None] = mapped_column(Instant)

    def late(self, now: datetime) -> bool:
        """Whether its day has passed while it is still to be done."""
        return self.state == "open" and now > self.due_at

    @property
    def on_time(self) -> bool | None:
        """Whether it was done by its day; None while it is open or where it was dropped."""
        return self.ended_at <= self.due_at if self.state == "done" and self.ended_at else None


class Document(db.Model):
    """A document of a customer's dossier or of a project; its content lies outside the store, under its checksum."""

    __tablename__ = "corporate_document"
    __table_args__ = (UniqueConstraint("customer_id", "n"), UniqueConstraint("project_id", "n"))
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("group_file.customer_id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("support_project.id"))
    n: Mapped[int]
    topic: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(160))
    name: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int] = mapped_column(BigInteger)
    withdrawn: Mapped[bool]

    @property
    def shown_as(self) -> str:
        """How a page shows it: picture, sound or file."""
        return shown_as(self.kind)


class Service(db.Model):
    """A service that the customer holds."""

    __tablename__ = "group_service"
    __table_args__ = (UniqueConstraint("customer_id", "n"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("group_file.customer_id"))
    n: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    circuit_no: Mapped[str] = mapped_column(String(60), index=True)
    bandwidth: Mapped[str] = mapped_column(String(40))
    end_a: Mapped[str] = mapped_column(String(120))
    end_z: Mapped[str] = mapped_column(String(120))
    since: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(12))
    order_no: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(200))


class Contact(db.Model):
    """Somebody to speak with, on the customer's side or on ours."""

    __tablename__ = "group_contact"
    __table_args__ = (UniqueConstraint("customer_id", "n"), Index("ix_group_contact_unit", "unit_id", "customer_id"))
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("group_file.customer_id"))
    n: Mapped[int]
    side: Mapped[str] = mapped_column(String(6))
    duty: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(80))
    person_id: Mapped[int] = mapped_column(BigInteger)
    unit_id: Mapped[int] = mapped_column(BigInteger)
    mobile: Mapped[str] = mapped_column(String(30))
    email: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(String(120))


class GroupFile(db.Model):
    """What a group customer's file holds beyond the customer file, whose number it shares."""

    __tablename__ = "group_file"
    VIEW, EDIT, HOME = "corporate.view", "corporate.edit", "corporate"
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(default=0)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    trade: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(200))
    manager_id: Mapped[int] = mapped_column(BigInteger, index=True)
    manager: Mapped[str] = mapped_column(String(80))
    manager_unit: Mapped[int] = mapped_column(BigInteger)
    contract_no: Mapped[str] = mapped_column(String(60))
    contract_from: Mapped[str] = mapped_column(String(10))
    contract_until: Mapped[str] = mapped_column(String(10))
    last_n: Mapped[int]
    opened_at: Mapped[datetime] = mapped_column(Instant)

    services: Mapped[list[Service]] = relationship(order_by=Service.n, cascade="all, delete-orphan")
    contacts: Mapped[list[Contact]] = relationship(order_by=Contact.n, cascade="all, delete-orphan")
    documents: Mapped[list[Document]] = relationship(order_by=Document.n, cascade="all, delete-orphan")
    dues: Mapped[list[Due]] = relationship(order_by=(Due.due_at, Due.n), cascade="all, delete-orphan")

    @property
    def id(self) -> int:
        """The number of the customer file."""
        return self.customer_id

    @property
    def stream(self) -> str:
        """The name of its journal."""
        return f"corporate:{self.customer_id}"

    @property
    def code(self) -> str:
        """The number of the customer file as it is read out."""
        return f"KH{self.customer_id:06d}"

    @property
    def unit_ids(self) -> frozenset[int]:
        """The department in charge, as policy asks."""
        return frozenset((self.unit_id,))

    @property
    def partner_ids(self) -> frozenset[int]:
        """The departments of the colleagues named in the file."""
        units = [c.unit_id for c in self.contacts] + [d.owner_unit for d in self.dues] + [self.manager_unit]
        return frozenset(filter(None, units))

    @property
    def responsible(self) -> tuple[int, str, int]:
        """Whose task it is where nobody else is named: the account manager."""
        return self.manager_id, self.manager, self.manager_unit


class Project(db.Model):
    """支撑项目: work for a customer beside cases and orders. `spells` are (state, since) in epoch seconds."""

    __tablename__ = "support_project"
    __table_args__ = (Index("ix_support_project_state", "state", "id"),)
    VIEW, EDIT, HOME = "project.view", "project.edit", "projects"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    version: Mapped[int] = mapped_column(default=0)
    customer_id: Mapped[int] = mapped_column(ForeignKey("group_file.customer_id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    goal: Mapped[str] = mapped_column(Text)
    leader_id: Mapped[int] = mapped_column(BigInteger, index=True)
    leader: Mapped[str] = mapped_column(String(80))
    leader_unit: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(8))
    orders: Mapped[list[str]] = mapped_column(JSON)
    spells: Mapped[list[Any]] = mapped_column(JSON)
    last_n: Mapped[int]
    opened_at: Mapped[datetime] = mapped_column(Instant, index=True)

    documents: Mapped[list[Document]] = relationship(order_by=Document.n, cascade="all, delete-orphan")
    dues: Mapped[list[Due]] = relationship(order_by=(Due.due_at, Due.n), cascade="all, delete-orphan")

    @property
    def stream(self) -> str:
        """The name of its journal."""
        return f"project:{self.id}"

    @property
    def code(self) -> str:
        """Its number as it is read out."""
        return f"ZC{self.id:05d}"

    @property
    def unit_ids(self) -> frozenset[int]:
        """The department in charge, as policy asks."""
        return frozenset((self.unit_id,))

    @property
    def partner_ids(self) -> frozenset[int]:
        """The departments of the colleagues named in the project."""
        return frozenset(filter(None, [self.leader_unit, *(due.owner_unit for due in self.dues)]))

    @property
    def responsible(self) -> tuple[int, str, int]:
        """Whose task it is where nobody else is named."""
        return self.leader_id, self.leader, self.leader_unit
