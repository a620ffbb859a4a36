"""Reading one's own figures: limits missed with why, objections, whose figures may be shown to those who lead."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from portal.cases.models import Case
from portal.clocks.models import Clock
from portal.identity.models import Membership, Person
from portal.kernel.collation import by_name
from portal.kernel.db import db
from portal.kernel.i18n import local
from portal.reports import periods
from portal.reports.models import FiguresRead, Objection
from portal.reports.relations import DROPPED, seconds
from portal.reports.rules import Span

SHOWN_AFTER = timedelta(days=3)  # [H] after a month's end those who lead see it also unread
MOST = 200
WORKING = ("agent", "supervisor", "handler", "head")  # who has figures of their own


class Breach(NamedTuple):
    """A limit of one's own cases that was missed in the period, and what was said about it."""

    clock_id: int
    no: str
    kind: str
    level: str
    due: int
    ended: int | None
    rule: str
    objection: Objection | None


def breaches(person_id: int, span: Span) -> list[Breach]:
    """The latest first; the case page says why, minute by minute."""
    due = func.coalesce(seconds(Clock.agreed_at), seconds(Clock.due_at))
    open_late = (Clock.outcome == "running") & Clock.paused_at.is_(None) & (due < span.as_of)
    mine = func.coalesce(Case.owner_id, Case.agent_id) == person_id
    rows = db.session.execute(
        select(Clock.id, Case.no, Clock.kind, Clock.level, due, seconds(Clock.stopped_at), Clock.rule, Objection)
        .join(Case, Case.id == Clock.case_id)
        .outerjoin(Objection, (Objection.clock_id == Clock.id) & (Objection.person_id == person_id))
        .where(
            mine, (Clock.outcome == "missed") | open_late, due >= span.start, due < span.until,
            Case.exercise.is_(False), Case.state.not_in(DROPPED),
        )
        .order_by(due.desc(), Clock.id)
        .limit(MOST)
    )  # fmt: skip
    return [Breach(*row) for row in rows]


def team(person: Person) -> list[Person]:
    """Active people of the same department, by name."""
    query = select(Person).where(Person.active, Person.unit_id == person.unit_id)
    return by_name(db.session.scalars(query.order_by(Person.id)), lambda one: one.name)


def members(units: Iterable[int] | None) -> list[Person]:
    """Active people of these departments, or of all, by name: nobody is ranked."""
    working = select(Membership.person_id).where(Membership.role.in_(WORKING))
    query = select(Person).where(Person.active, Person.unit_id.is_not(None), Person.id.in_(working))
    query = query if units is None else query.where(Person.unit_id.in_(list(units)))
    return by_name(db.session.scalars(query.order_by(Person.id)), lambda one: one.name)


def read_at(person_id: int, period: str) -> datetime | None:
    """When the person read their figures of a month."""
    mine = (FiguresRead.person_id == person_id) & (FiguresRead.period == period)
    return db.session.scalar(select(FiguresRead.at).where(mine))


def released(people: Iterable[int], span: Span, now: datetime) -> set[int]:
    """Of these people, those whose figures of a period may be shown to those who lead: read, or three days over."""
    wanted = list(people)
    if now >= local(span.end) + SHOWN_AFTER:
        return set(wanted)
    mine = FiguresRead.person_id.in_(wanted) & (FiguresRead.period == span.code)
    return set(db.session.scalars(select(FiguresRead.person_id).where(mine)))


class Waiting(NamedTuple):
    """An objection nobody has answered."""

    row: Objection
    person: str
    no: str
    kind: str


def waiting() -> list[Waiting]:
    """The objections that wait for an answer, the oldest first."""
    query = (
        select(Objection, Person.name, Case.no, Clock.kind)
        .join(Person, Person.id == Objection.person_id)
        .join(Clock, Clock.id == Objection.clock_id)
        .join(Case, Case.id == Clock.case_id)
        .where(Objection.answered_at.is_(None))
        .order_by(Objection.at, Objection.id)
    )
    return [Waiting(*row) for row in db.session.execute(query)]


def month_over(code: str, now: datetime) -> bool:
    """Whether a code names a month that is over."""
    return periods.kind_of(code) == "month" and code < periods.code_of("month", local(now))
