"""Which cases a quarter's report tells: examples chosen by rules, and all that ended not satisfied; without people.

Each names its department as it was: the one that ended it, that held it when its limit ran out, or that had it last in
the quarter.
"""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import and_, func, literal, or_, select

from portal.cases.models import Case
from portal.clocks.models import Clock
from portal.identity.models import Person
from portal.kernel.db import db
from portal.reports import relations
from portal.reports.anonymise import anonymise
from portal.reports.rules import Span
from portal.reports.shape import unit_at, unit_of


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
    chosen: list[tuple[str, Case, int, int]] = []
    for why, queries in _choices(span):
        taken = [found[1].id for found in chosen]
        rows = [db.session.execute(query.where(Case.id.not_in(taken)).limit(1)).first() for query in queries]
        best = min((row for row in rows if row), key=lambda row: (-int(row[1]), row[0].id), default=None)
        if best:
            chosen.append((why, best[0], int(best[1]), best[2]))
    names = list(db.session.scalars(select(Person.name)))
    return [_example(why, case, late, unit, names, span) for why, case, late, unit in chosen]


def ended(span: Span) -> list[Example]:
    """All cases that ended not satisfied in the quarter, in order of their end, to be verified (SL11)."""
    found = relations.closings(replace(span, before=span.start)).subquery()
    c = found.c
    names = list(db.session.scalars(select(Person.name)))
    cases = db.session.execute(
        select(Case, c.unit).join(found, c.case_id == Case.id).where(c.code == "ended").order_by(c.at, Case.id)
    )
    return [_example("ended", case, 0, unit, names, span) for case, unit in cases]


def _overdue(span: Span, kept: Any) -> list[Any]:
    """Results of P1 and P2 that were late, by their own instant or the one agreed: each way has its index."""
    due, agreed = relations.seconds(Clock.due_at), relations.seconds(Clock.agreed_at)
    missed = or_(Clock.outcome == "missed", and_(Clock.outcome == "running", Clock.paused_at.is_(None)))
    found = []
    for at, mine in ((due, agreed.is_(None)), (agreed, and_(Clock.outcome.in_(relations.ENDS), agreed.is_not(None)))):
        late = func.coalesce(relations.seconds(Clock.stopped_at), span.until) - at
        found.append(
            select(Case, late, unit_of(at))
            .join(Clock, Clock.case_id == Case.id)
            .where(kept, mine, Clock.kind == "result", missed, at >= span.start, at < span.until, late > 0)
            .where(Clock.level.in_(("P1", "P2")))
            .order_by(late.desc(), Case.id)
        )
    return found


def _choices(span: Span) -> list[tuple[str, list[Any]]]:
    """Longest overdue P1 or P2, most chased, reopened, worst rated."""
    kept = and_(Case.exercise.is_(False), Case.restricted.is_(None), Case.state.not_in(relations.DROPPED))
    received, closed = relations.seconds(Case.received_at), relations.seconds(Case.closed_at)
    mine = and_(received >= span.start, received < span.until)
    ended = and_(closed >= span.start, closed < span.until)
    none = select(Case, literal(0), unit_at(span.until, before=True)).where(kept)
    low = select(Case, literal(0), unit_at(closed)).where(kept)
    return [
        ("overdue", _overdue(span, kept)),
        ("chased", [none.where(mine, Case.chases > 0).order_by(Case.chases.desc(), Case.id)]),
        ("reopened", [none.where(mine, Case.reopened > 0).order_by(Case.reopened.desc(), Case.id)]),
        ("rated_low", [low.where(ended, Case.rating <= 2).order_by(Case.rating, Case.id)]),
    ]


def _example(why: str, case: Case, late: int, unit: int, names: list[str], span: Span) -> Example:
    known = [
        case.customer_name, case.contact, case.caller, case.order_no, case.no, case.owner_name, *names,
    ]  # fmt: skip
    received = int(case.received_at.timestamp())
    month = max((m for m in span.months if m[1] <= received), default=("", 0))[0]
    return Example(
        why=why, no=case.no, level=case.level_now, type=case.request_type, category=case.category,
        channel=case.channel, unit=unit, month=month, matter=anonymise(case.title, known),
        cause=anonymise(case.cause, known), cause_category=case.cause_category, state=case.state, late=late,
        chases=case.chases, reopened=case.reopened, transfers=case.transfers, extensions=case.extensions,
        rating=case.rating,
    )  # fmt: skip
