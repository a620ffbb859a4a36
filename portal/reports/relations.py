"""What is counted, as one shape of rows: case, instant, level, channel, type, department, code, hit, person.

Every figure and the list of cases behind it read the same relation, so that they cannot differ.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, Select, String, and_, case, cast, func, literal, or_, select, type_coerce
from sqlalchemy.orm import aliased

from portal.cases.models import Case
from portal.clocks.models import Clock, Segment
from portal.journal.models import Body, Entry
from portal.reports.models import COUNTED_ONLY
from portal.reports.rules import Span

MOVES = ("Closed", "Voided", "Merged", "Reopened")
DROPPED = ("void", "merged")
Rows = Select[Any]


def seconds(column: Any) -> Any:
    """An instant's column as whole epoch seconds."""
    return type_coerce(column, BigInteger)


def stream_of(case_id: Any = Case.id) -> Any:
    """The name of a case's journal."""
    return literal("case:") + cast(case_id, String)


def case_of(stream: Any) -> Any:
    """The case a journal belongs to, NULL for other subjects."""
    return case((stream.like("case:%"), cast(func.substr(stream, 6), BigInteger)))


def level_of() -> Any:
    """The level that governs: as judged, until then as proposed."""
    return func.coalesce(func.nullif(Case.level, ""), Case.proposed_level)


def rows(at: Any, code: Any, hit: Any, *, level: Any = None, unit: Any = None) -> Rows:
    """The one shape; exercises never count."""
    return select(
        Case.id.label("case_id"),
        at.label("at"),
        (level_of() if level is None else level).label("level"),
        Case.channel.label("channel"),
        Case.request_type.label("type"),
        (Case.unit_id if unit is None else unit).label("unit"),
        code.label("code"),
        hit.label("hit"),
        func.coalesce(Case.owner_id, Case.agent_id).label("person"),
    ).where(Case.exercise.is_(False))


def within(at: Any, span: Span) -> Any:
    """From the start of the comparison quarter to the end of counting."""
    return and_(at >= span.before, at < span.until)


def flag(condition: Any) -> Any:
    """1 where it holds."""
    return case((condition, 1), else_=0)


def received(span: Span) -> Rows:
    """Requests by the instant they were received."""
    at = seconds(Case.received_at)
    return rows(at, literal(""), literal(1)).where(within(at, span))


def chased(span: Span) -> Rows:
    """Requests received; hit: the customer pressed for progress at least once."""
    at = seconds(Case.received_at)
    pressed = (
        select(Entry.id)
        .join(Body, Body.journal_id == Entry.id)
        .where(Entry.stream == stream_of(), Entry.kind == "Chased", Body.facts["by_customer"].as_boolean())
        .exists()
    )
    hit = flag(and_(Case.chases > 0, pressed))
    return rows(at, literal(""), hit).where(within(at, span), Case.state.not_in(DROPPED))


def moves(span: Span) -> Rows:
    """Closings by outcome, voidings, mergings and reopenings; hit: a closing that was reopened later."""
    at, again = seconds(Case.closed_at), seconds(Entry.at)
    plain = rows(at, Case.outcome, literal(0)).where(Case.reopened == 0, within(at, span))
    later = aliased(Entry)
    undone = select(later.id).where(later.stream == Entry.stream, later.kind == "Reopened", later.n > Entry.n)
    outcome = func.coalesce(Body.facts["outcome"].as_string(), "confirmed")
    code = case(
        (Entry.kind == "Closed", outcome), (Entry.kind == "Voided", "void"), (Entry.kind == "Merged", "merged"),
        else_="reopened",
    )  # fmt: skip
    hit = flag(and_(Entry.kind == "Closed", undone.exists()))
    told = (
        rows(again, code, hit, unit=func.coalesce(held_at(again), Case.unit_id))
        .join_from(Case, Entry, Entry.stream == stream_of())
        .join(Body, Body.journal_id == Entry.id, isouter=True)
        .where(Case.reopened > 0, Entry.kind.in_(MOVES), within(again, span))
    )
    both = plain.union_all(told).subquery()
    return select(both)


def held_at(at: Any) -> Any:
    """The department that held a case at an instant: figures follow the department as it was."""
    held = select(Segment.department_id).where(Segment.case_id == Case.id, seconds(Segment.from_at) <= at)
    return held.order_by(Segment.id.desc()).limit(1).scalar_subquery()


def closings(span: Span) -> Rows:
    """Endings of work by outcome (neither void nor merged nor reopened)."""
    found = moves(span).subquery()
    return select(found).where(found.c.code.not_in((*DROPPED, "reopened")))


def solved(span: Span) -> Rows:
    """Cases closed, once in a quarter; hit: one of the closings was reopened later."""
    found = closings(span).subquery()
    c = found.c
    return select(
        c.case_id, func.max(c.at).label("at"), c.level, c.channel, c.type, c.unit,
        literal("").label("code"), func.max(c.hit).label("hit"), c.person,
    ).group_by(c.case_id, c.level, c.channel, c.type, c.unit, c.person, c.at < span.start)  # fmt: skip


def clocks(span: Span, agreed: bool) -> Rows:
    """Clocks with a verdict, by due instant: what is open and late counts as missed when it ran out; hit: met."""
    due, new = seconds(Clock.due_at), seconds(Clock.agreed_at)
    at = func.coalesce(new, due) if agreed else due
    if agreed:
        ended, met = Clock.outcome.in_(("met", "missed")), Clock.outcome == "met"
    else:
        ended, met = Clock.met_original.is_not(None), Clock.met_original.is_(True)
    overdue = and_(Clock.outcome == "running", Clock.paused_at.is_(None), at < span.as_of)
    level = func.coalesce(func.nullif(Clock.level, ""), level_of())
    unit = func.coalesce(Clock.department_id, Case.unit_id)
    found = rows(at, Clock.kind, flag(met), level=level, unit=unit).join_from(Case, Clock, Clock.case_id == Case.id)
    return found.where(within(at, span), or_(ended, overdue), Case.state.not_in(DROPPED))


def extended(span: Span) -> Rows:
    """Cases whose first result was due; hit: a new time was agreed."""
    at = seconds(Clock.due_at)
    found = rows(at, literal(""), flag(Case.extensions > 0)).join_from(Case, Clock, Clock.case_id == Case.id)
    first = and_(Clock.kind == "result", Clock.cycle == 1, Clock.round == 1, Clock.outcome != "cancelled")
    return found.where(within(at, span), first, Case.state.not_in(DROPPED))


def asked(span: Span) -> Rows:
    """Customers asked for a rating, the last one of a case in a quarter; code: means; hit: a rating was given."""
    return _ratings(span, given=False)


def rated(span: Span) -> Rows:
    """Ratings given; hit: 4 or 5 of 5."""
    return _ratings(span, given=True)


def _ratings(span: Span, *, given: bool) -> Rows:
    at = seconds(Entry.at)
    last = (
        select(Entry.stream.label("stream"), func.max(Entry.n).label("n"))
        .where(COUNTED_ONLY, Entry.kind == "Rated", within(at, span))
        .group_by(Entry.stream, at < span.start)
        .subquery()
    )
    overall = Body.facts["overall"].as_integer()
    hit = flag(overall >= 4) if given else flag(overall.is_not(None))
    found = (
        rows(at, func.coalesce(Body.facts["means"].as_string(), ""), hit)
        .join_from(Case, last, Case.id == case_of(last.c.stream))
        .join(Entry, and_(Entry.stream == last.c.stream, Entry.n == last.c.n))
        .join(Body, Body.journal_id == Entry.id)
        .where(Case.state.not_in(DROPPED))
    )
    return found.where(overall.is_not(None)) if given else found


def first_response(span: Span) -> Rows:
    """Seconds from the request to the first answer by a person (hit holds the seconds)."""
    at = seconds(Clock.stopped_at)
    found = rows(at, literal(""), at - seconds(Clock.started_at)).join_from(Case, Clock, Clock.case_id == Case.id)
    answered = or_(Clock.outcome == "met", and_(Clock.outcome == "missed", Case.responded_at.is_not(None)))
    return found.where(Clock.kind == "first_response", Clock.cycle == 1, answered, within(at, span), _kept())


def first_told(span: Span) -> Any:
    """Streams whose first telling of a result lies in the period or the one before, with its instant."""
    at, earlier = seconds(Entry.at), aliased(Entry)
    before = select(earlier.id).where(earlier.stream == Entry.stream, earlier.kind == "Told", earlier.n < Entry.n)
    told = and_(COUNTED_ONLY, Entry.kind == "Told", within(at, span), ~before.exists())
    return select(Entry.stream.label("stream"), at.label("at")).where(told).subquery()


def staff_solved(span: Span) -> Rows:
    """Seconds from the request to the first telling of a result."""
    first = first_told(span)
    found = rows(first.c.at, literal(""), first.c.at - seconds(Case.received_at))
    return found.join_from(Case, first, Case.id == case_of(first.c.stream)).where(_kept())


def final_solved(span: Span) -> Rows:
    """Seconds from the request to the customer's last confirmation, without the time it was closed in between."""
    at, when = seconds(Case.confirmed_at), seconds(Entry.at)
    later = aliased(Entry)
    last = select(func.max(later.n)).where(later.stream == Entry.stream, later.kind == "Reopened").scalar_subquery()
    resting = (
        select(func.sum(case((Entry.kind == "Reopened", when), else_=-when)))
        .where(Entry.stream == stream_of(), Entry.kind.in_(MOVES), Entry.n <= last)
        .scalar_subquery()
    )
    shut = case((Case.reopened > 0, func.coalesce(resting, 0)), else_=0)
    return rows(at, literal(""), at - seconds(Case.received_at) - shut).where(within(at, span), _kept())


def _kept() -> Any:
    return Case.state.not_in(DROPPED)


def open_at(instant: int, hit: Any = None) -> Rows:
    """Cases that were open at an instant, each judged by its own history; hit: told and waiting for confirmation."""
    end, when = seconds(Case.closed_at), seconds(Entry.at)
    ends = (
        select(func.coalesce(func.sum(case((Entry.kind == "Reopened", -1), else_=1)), 0))
        .where(Entry.stream == stream_of(), Entry.kind.in_(MOVES), when < instant)
        .scalar_subquery()
    )
    never = and_(Case.reopened == 0, or_(end.is_(None), end >= instant))
    again = and_(Case.reopened > 0, ends == 0)
    at = seconds(Case.received_at)
    found = rows(at, literal(""), flag(_waiting(instant)) if hit is None else hit)
    return found.where(at < instant, or_(never, again))


def _waiting(instant: int) -> Any:
    since, stopped = seconds(Clock.started_at), seconds(Clock.stopped_at)
    waits = and_(since < instant, or_(stopped.is_(None), stopped >= instant))
    return select(Clock.id).where(Clock.case_id == Case.id, Clock.kind == "confirmation", waits).exists()


RELATIONS: dict[str, Callable[[Span], Rows]] = {
    "received": received,
    "chased": chased,
    "moves": moves,
    "closings": closings,
    "solved": solved,
    "original": lambda span: clocks(span, agreed=False),
    "agreed": lambda span: clocks(span, agreed=True),
    "extended": extended,
    "asked": asked,
    "rated": rated,
    "first_response": first_response,
    "staff_solved": staff_solved,
    "final_solved": final_solved,
    "opening": lambda span: open_at(span.start),
    "closing": lambda span: open_at(span.until),
}
