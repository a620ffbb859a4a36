"""Which cases a quarter's report tells: examples chosen by rules, and all that ended not satisfied; without people."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, literal, or_, select

from portal.cases.models import Case
from portal.clocks.models import Clock
from portal.identity.models import Person
from portal.kernel.db import db
from portal.reports import relations
from portal.reports.anonymise import anonymise
from portal.reports.rules import Span


@dataclass(frozen=True)
class Example:
    """A case without its people: why it was chosen, what it was, how it went."""

    why: str
    no: str  # of an example for the link on screen alone; of a case that ended not satisfied printed too
    level: str
    type: str
    category: str
    channel: str
    unit: int
    month: str
    matter: str
    cause: str
    cause_category: str
    state: str
    late: int
    chases: int
    reopened: int
    transfers: int
    extensions: int
    rating: int | None


def examples(span: Span) -> list[Example]:
    """At most four cases, each for another reason."""
    chosen: list[tuple[str, Case, int]] = []
    for why, query in _choices(span):
        taken = [found[1].id for found in chosen]
        row = db.session.execute(query.where(Case.id.not_in(taken)).limit(1)).first()
        if row:
            chosen.append((why, row[0], int(row[1])))
    names = list(db.session.scalars(select(Person.name)))
    return [_example(why, case, late, names, span) for why, case, late in chosen]


def ended(span: Span) -> list[Example]:
    """All cases that ended not satisfied in the quarter, in order of their end, to be verified (SL11)."""
    closed = relations.seconds(Case.closed_at)
    mine = and_(Case.exercise.is_(False), Case.outcome == "ended", closed >= span.start, closed < span.until)
    names = list(db.session.scalars(select(Person.name)))
    cases = db.session.scalars(select(Case).where(mine).order_by(Case.closed_at, Case.id))
    return [_example("ended", case, 0, names, span) for case in cases]


def _choices(span: Span) -> list[tuple[str, Any]]:
    """Longest overdue P1 or P2, most chased, reopened, worst rated."""
    kept = and_(Case.exercise.is_(False), Case.restricted.is_(None), Case.state.not_in(relations.DROPPED))
    received = relations.seconds(Case.received_at)
    due = func.coalesce(relations.seconds(Clock.agreed_at), relations.seconds(Clock.due_at))
    late = func.coalesce(relations.seconds(Clock.stopped_at), span.until) - due
    missed = or_(Clock.outcome == "missed", and_(Clock.outcome == "running", Clock.paused_at.is_(None)))
    mine = and_(received >= span.start, received < span.until)
    closed = relations.seconds(Case.closed_at)
    return [
        (
            "overdue",
            select(Case, late)
            .join(Clock, Clock.case_id == Case.id)
            .where(kept, Clock.kind == "result", missed, due >= span.start, due < span.until, late > 0)
            .where(Clock.level.in_(("P1", "P2")))
            .order_by(late.desc(), Case.id),
        ),
        ("chased", select(Case, literal(0)).where(kept, mine, Case.chases > 0).order_by(Case.chases.desc(), Case.id)),
        (
            "reopened",
            select(Case, literal(0)).where(kept, mine, Case.reopened > 0).order_by(Case.reopened.desc(), Case.id),
        ),
        (
            "rated_low",
            select(Case, literal(0))
            .where(kept, closed >= span.start, closed < span.until, Case.rating <= 2)
            .order_by(Case.rating, Case.id),
        ),
    ]


def _example(why: str, case: Case, late: int, names: list[str], span: Span) -> Example:
    known = [
        case.customer_name, case.contact, case.caller, case.order_no, case.no, case.owner_name, *names,
    ]  # fmt: skip
    received = int(case.received_at.timestamp())
    month = max((m for m in span.months if m[1] <= received), default=("", 0))[0]
    return Example(
        why=why, no=case.no, level=case.level_now, type=case.request_type, category=case.category,
        channel=case.channel, unit=case.unit_id, month=month, matter=anonymise(case.title, known),
        cause=anonymise(case.cause, known), cause_category=case.cause_category, state=case.state, late=late,
        chases=case.chases, reopened=case.reopened, transfers=case.transfers, extensions=case.extensions,
        rating=case.rating,
    )  # fmt: skip
