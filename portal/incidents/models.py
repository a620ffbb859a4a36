"""Incidents: the latest state of their journals, with who holds which role and what is to be done."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kernel.db import BigId, Instant, db

_OPEN_MEASURE, _TOLD_NEXT = text("state <> 'held'"), text("told_next IS NOT NULL")
_CALL_NEXT = text("next_at IS NOT NULL")
_REPORT_NEXT = text("report_told_next IS NOT NULL")
_REVIEW_NEXT = text("review_told_next IS NOT NULL")
_INJECT_NEXT = text("inject_next IS NOT NULL")
_ONE_COMMANDER = text("role = 'commander' AND until_at IS NULL")


class IncidentRole(db.Model):
    """Who held a role from when until when; exactly one commander at a time."""

    __tablename__ = "incident_role"
    __table_args__ = (
        Index(
            "uq_incident_role_commander",
            "incident_id",
            unique=True,
            sqlite_where=_ONE_COMMANDER,
            postgresql_where=_ONE_COMMANDER,
        ),
        Index("ix_incident_role_person_id", "person_id"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int] = mapped_column(BigInteger)
    person: Mapped[str] = mapped_column(String(80))
    from_at: Mapped[datetime] = mapped_column(Instant)
    until_at: Mapped[datetime | None] = mapped_column(Instant)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)


class IncidentTask(db.Model):
    """Something to be done by a named person until an instant; a plan's task keeps its code."""

    __tablename__ = "incident_task"
    __table_args__ = (UniqueConstraint("incident_id", "n"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    n: Mapped[int]
    code: Mapped[str] = mapped_column(String(40), default="")
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(12))
    role: Mapped[str] = mapped_column(String(20))
    owner_id: Mapped[int] = mapped_column(BigInteger)
    owner: Mapped[str] = mapped_column(String(80))
    added_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    evidence: Mapped[str] = mapped_column(Text, default="")


class IncidentCall(db.Model):
    """One person called out for a role: heard, coming, in place, or passed over at `next_at`."""

    __tablename__ = "incident_call"
    __table_args__ = (
        UniqueConstraint("incident_id", "n"),
        Index("ix_incident_call_next", "next_at", sqlite_where=_CALL_NEXT, postgresql_where=_CALL_NEXT),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    n: Mapped[int]
    role: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int] = mapped_column(BigInteger)
    person: Mapped[str] = mapped_column(String(80))
    called_at: Mapped[datetime] = mapped_column(Instant)
    next_at: Mapped[datetime | None] = mapped_column(Instant)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
    on_post_at: Mapped[datetime | None] = mapped_column(Instant)
    passed_at: Mapped[datetime | None] = mapped_column(Instant)
    by_hand: Mapped[str] = mapped_column(String(8), default="")
    hand_at: Mapped[datetime | None] = mapped_column(Instant)
    words: Mapped[str] = mapped_column(Text, default="")


class IncidentMilestone(db.Model):
    """When a milestone was; `first_at` is what the portal noted or was told first, whatever was set right later."""

    __tablename__ = "incident_milestone"
    __table_args__ = (UniqueConstraint("incident_id", "code"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    code: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(Instant)
    first_at: Mapped[datetime] = mapped_column(Instant)
    basis: Mapped[str] = mapped_column(Text, default="")


class IncidentBack(db.Model):
    """A department told of the end, and its answer that it is back to normal."""

    __tablename__ = "incident_back"
    __table_args__ = (UniqueConstraint("incident_id", "unit_id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    unit_id: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    person_id: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text, default="")


class IncidentMeasure(db.Model):
    """What is to be improved after an incident: open, done, verified by another, and held when tested again."""

    __tablename__ = "incident_measure"
    __table_args__ = (
        UniqueConstraint("incident_id", "n"),
        Index("ix_incident_measure_open", "kind", sqlite_where=_OPEN_MEASURE, postgresql_where=_OPEN_MEASURE),
        Index("ix_incident_measure_told", "told_next", sqlite_where=_TOLD_NEXT, postgresql_where=_TOLD_NEXT),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    n: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    exercise: Mapped[bool]
    text: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    owner: Mapped[str] = mapped_column(String(80))
    due_at: Mapped[datetime] = mapped_column(Instant)
    retest_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(10))
    evidence: Mapped[str] = mapped_column(Text, default="")
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    done_by: Mapped[int | None] = mapped_column(BigInteger)
    verifier: Mapped[str] = mapped_column(String(80), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    tested_at: Mapped[datetime | None] = mapped_column(Instant)
    told_next: Mapped[datetime | None] = mapped_column(Instant)


class Incident(db.Model):
    """An emergency from its report to its declared end, or an exercise of one."""

    __tablename__ = "incident"
    __table_args__ = (
        Index("ix_incident_state", "state", "id"),
        Index("ix_incident_report", "report_told_next", sqlite_where=_REPORT_NEXT, postgresql_where=_REPORT_NEXT),
        Index("ix_incident_inject", "inject_next", sqlite_where=_INJECT_NEXT, postgresql_where=_INJECT_NEXT),
        Index("ix_incident_review", "review_told_next", sqlite_where=_REVIEW_NEXT, postgresql_where=_REVIEW_NEXT),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    no: Mapped[str] = mapped_column(String(20), unique=True)
    version: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(12))
    exercise: Mapped[bool]
    # what was reported
    title: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    extent: Mapped[str] = mapped_column(String(12))
    place: Mapped[str] = mapped_column(String(200))
    scope: Mapped[str] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    reported_at: Mapped[datetime] = mapped_column(Instant)
    reported_by: Mapped[int] = mapped_column(BigInteger)
    reporter: Mapped[str] = mapped_column(String(80))
    # how it is graded
    plan_version: Mapped[int]
    proposed_grade: Mapped[str] = mapped_column(String(12))
    grade: Mapped[str] = mapped_column(String(12), default="")
    affected: Mapped[int | None]
    affected_at: Mapped[datetime | None] = mapped_column(Instant)
    grading: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    # how it is led
    declared_at: Mapped[datetime | None] = mapped_column(Instant)
    commander_id: Mapped[int | None] = mapped_column(BigInteger)
    commander: Mapped[str] = mapped_column(String(80), default="")
    offered: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    reports: Mapped[int] = mapped_column(default=0)
    last_report_at: Mapped[datetime | None] = mapped_column(Instant)
    next_report_at: Mapped[datetime | None] = mapped_column(Instant)
    report_told_next: Mapped[datetime | None] = mapped_column(Instant)
    announcements: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    criteria: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    # how it ended
    end_proposed_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str] = mapped_column(String(12), default="")
    statement: Mapped[str] = mapped_column(Text, default="")
    # what comes after
    review_owner_id: Mapped[int | None] = mapped_column(BigInteger)
    review_owner: Mapped[str] = mapped_column(String(80), default="")
    review_due_at: Mapped[datetime | None] = mapped_column(Instant)
    review_told_next: Mapped[datetime | None] = mapped_column(Instant)
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    review: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    # what a drill has besides (EM9): objectives, injects, observations
    drill: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    inject_next: Mapped[datetime | None] = mapped_column(Instant)

    roles: Mapped[list[IncidentRole]] = relationship(order_by=IncidentRole.id, cascade="all")
    tasks: Mapped[list[IncidentTask]] = relationship(order_by=IncidentTask.n, cascade="all")
    milestones: Mapped[list[IncidentMilestone]] = relationship(
        order_by=IncidentMilestone.id, cascade="all, delete-orphan"
    )
    calls: Mapped[list[IncidentCall]] = relationship(order_by=IncidentCall.n, cascade="all")
    measures: Mapped[list[IncidentMeasure]] = relationship(order_by=IncidentMeasure.n, cascade="all")
    back: Mapped[list[IncidentBack]] = relationship(order_by=IncidentBack.id, cascade="all, delete-orphan")

    @property
    def stream(self) -> str:
        """The name of the incident's journal."""
        return f"incident:{self.id}"

    @property
    def held(self) -> dict[str, IncidentRole]:
        """Who holds which role now."""
        return {r.role: r for r in self.roles if r.until_at is None}

    @property
    def drafts(self) -> list[dict[str, Any]]:
        """Texts for customers that are not said yet."""
        return [a for a in self.announcements if not a["published"] and not a.get("withdrawn")]

    @property
    def said(self) -> dict[str, Any] | None:
        """What customers were told last, or None."""
        published = [a for a in self.announcements if a["published"] and not a.get("withdrawn")]
        return max(published, key=lambda a: (a["published"], a["n"]), default=None)
