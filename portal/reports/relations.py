"""What is counted, as one shape of rows: case, instant, level, channel, type, department, code, hit, person.

Every figure and the list of cases behind it read the same relation, so that they cannot differ.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from portal.cases.models import Case
from portal.clocks.models import Clock
from portal.journal.models import Body, Entry
from portal.reports.models import COUNTED_ONLY, REOPENED_ONLY
from portal.reports.rules import Span
from portal.reports.shape import (
    Rows,
    case_of,
    first_unit,
    flag,
    level_of,
    rows,
    seconds,
    stream_of,
    unit_at,
    unit_of,
    within,
)

__all__ = ["MOVES", "RELATIONS", "TOGETHER", "Rows", "case_of", "flag", "level_of", "rows", "seconds", "within"]
MOVES = ("Closed", "Voided", "Merged", "Reopened")
DROPPED = ("void", "merged")
ENDS = ("running", "met", "missed", "cancelled")  # every outcome, named so that an index by outcome and instant serves


def received(span: Span) -> Rows:
    """Requests by the instant they were received."""
    at = seconds(Case.received_at)
    return rows(at, literal(""), literal(1), unit=first_unit()).where(within(at, span))


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
    return rows(at, literal(""), hit, unit=first_unit()).where(within(at, span), Case.state.not_in(DROPPED))


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
        rows(again, code, hit, unit=unit_at(again))
        .join_from(Case, Entry, Entry.stream == stream_of())
        .join(Body, Body.journal_id == Entry.id, isouter=True)
        .where(REOPENED_ONLY, Entry.kind.in_(MOVES), within(again, span))
    )
    both = plain.union_all(told).subquery()
    return select(both)


def endings(span: Span) -> tuple[Rows, ...]:
    """Moves and closings of one reading: `moves` holds the hits of all, `closings` those of closings."""
    c = moves(span).subquery().c
    shape = (c.case_id, c.at, c.level, c.channel, c.type, c.unit, c.code, c.person, c.hit.label("moves"))
    return (select(*shape, case((c.code.not_in((*DROPPED, "reopened")), c.hit)).label("closings")),)


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


def limits(span: Span) -> tuple[Rows, ...]:
    """Clocks whose own or agreed instant lies in the periods; `original` and `agreed`: 1 met, 0 missed, NULL neither.

    By due instant: what is open and late counts as missed when it ran out, for the department that held the case then;
    what was met, for the one that met it. Two parts, each of which finds its rows by an index: those due in the
    periods, and the few that were agreed into them from elsewhere.
    """
    due, new = seconds(Clock.due_at), seconds(Clock.agreed_at)
    binding, runs = func.coalesce(new, due), and_(Clock.outcome == "running", Clock.paused_at.is_(None))
    own = and_(within(due, span), or_(Clock.met_original.is_not(None), and_(runs, due < span.as_of)))
    bound = and_(within(binding, span), or_(Clock.outcome.in_(("met", "missed")), and_(runs, binding < span.as_of)))
    level = func.coalesce(func.nullif(Clock.level, ""), level_of())
    found = (
        rows(due, Clock.kind, literal(0), level=level, unit=unit_of(due))
        .add_columns(
            unit_of(binding).label("agreed_unit"),
            binding.label("agreed_at"),
            case((own, flag(Clock.met_original.is_(True)))).label("original"),
            case((bound, flag(Clock.outcome == "met"))).label("agreed"),
        )
        .join_from(Case, Clock, Clock.case_id == Case.id)
        .where(Clock.outcome.in_(ENDS), Case.state.not_in(DROPPED))
    )
    moved = found.where(within(new, span), or_(due < span.before, due >= span.until))
    return found.where(within(due, span)), moved


def clocks(span: Span, agreed: bool) -> Rows:
    """Clocks with a verdict, by the instant that binds or by the policy's own; hit: met."""
    c = union_all(*limits(span)).subquery().c
    at, hit, unit = (c.agreed_at, c.agreed, c.agreed_unit) if agreed else (c.at, c.original, c.unit)
    shape = (
        c.case_id, at.label("at"), c.level, c.channel, c.type, unit.label("unit"), c.code, hit.label("hit"), c.person,
    )  # fmt: skip
    return select(*shape).where(hit.is_not(None))


def extended(span: Span) -> Rows:
    """Cases whose first result was due; hit: a new time was agreed."""
    at = seconds(Clock.due_at)
    found = rows(at, literal(""), flag(Case.extensions > 0), unit=unit_of(at)).join_from(
        Case, Clock, Clock.case_id == Case.id
    )
    first = and_(Clock.kind == "result", Clock.cycle == 1, Clock.round == 1, Clock.outcome != "cancelled")
    return found.where(within(at, span), first, Case.state.not_in(DROPPED))


def asked(span: Span) -> Rows:
    """Customers asked for a rating, the last one of a case in a quarter; code: means; hit: a rating was given."""
    return _of(ratings(span)[0], "asked")


def rated(span: Span) -> Rows:
    """Ratings given; hit: 4 or 5 of 5."""
    return _of(ratings(span)[0], "rated")


def _of(found: Rows, name: str) -> Rows:
    """One of several relations that were read together: the rows in which its column says anything."""
    c = found.subquery().c
    shape = (c.case_id, c.at, c.level, c.channel, c.type, c.unit, c.code, c[name].label("hit"), c.person)
    return select(*shape).where(c[name].is_not(None))


def ratings(span: Span) -> tuple[Rows, ...]:
    """Customers asked for a rating; `asked`: 1 where one was given; `rated`: 1 for 4 or 5 of 5, NULL without one.

    `monthly` is `rated` once more, to be counted by months.
    """
    at = seconds(Entry.at)
    last = (
        select(Entry.stream.label("stream"), func.max(Entry.n).label("n"))
        .where(COUNTED_ONLY, Entry.kind == "Rated", within(at, span))
        .group_by(Entry.stream, at < span.start)
        .subquery()
    )
    overall = Body.facts["overall"].as_integer()
    good = case((overall.is_not(None), flag(overall >= 4)))
    found = (
        rows(at, func.coalesce(Body.facts["means"].as_string(), ""), literal(0), unit=unit_at(at))
        .add_columns(flag(overall.is_not(None)).label("asked"), good.label("rated"), good.label("monthly"))
        .join_from(Case, last, Case.id == case_of(last.c.stream))
        .join(Entry, and_(Entry.stream == last.c.stream, Entry.n == last.c.n))
        .join(Body, Body.journal_id == Entry.id)
        .where(Case.state.not_in(DROPPED))
    )
    return (found,)


def first_response(span: Span) -> Rows:
    """Seconds from the request to the first answer by a person (hit holds the seconds)."""
    at = seconds(Clock.stopped_at)
    taken, unit = at - seconds(Clock.started_at), func.coalesce(Clock.department_id, Case.unit_id)
    found = rows(at, literal(""), taken, unit=unit).join_from(Case, Clock, Clock.case_id == Case.id)
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
    found = rows(first.c.at, literal(""), first.c.at - seconds(Case.received_at), unit=unit_at(first.c.at))
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
    took = at - seconds(Case.received_at)
    unit = unit_at(at)
    plain = rows(at, literal(""), took, unit=unit).where(Case.reopened == 0, within(at, span), _kept())
    again = rows(at, literal(""), took - func.coalesce(resting, 0), unit=unit).where(
        REOPENED_ONLY, within(at, span), _kept()
    )
    return select(plain.union_all(again).subquery())


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
    at = seconds(Case.received_at)
    told, unit = flag(_waiting(instant)) if hit is None else hit, unit_at(instant, before=True)
    found = rows(at + 0, literal(""), told, unit=unit).where(at + 0 < instant)
    # each part by its own index; "+ 0" keeps that of receipts away, behind which every earlier case lies
    never = [found.where(Case.reopened == 0, one) for one in (end.is_(None), end >= instant)]
    again = found.where(REOPENED_ONLY, ends == 0)
    return select(union_all(*never, again).subquery())


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
# relations of one reading, in parts: which column holds the instant of each; its own holds hits, NULL where not in it
TOGETHER: tuple[tuple[Callable[[Span], tuple[Rows, ...]], dict[str, str]], ...] = (
    (limits, {"original": "at", "agreed": "agreed_at"}),
    (endings, {"moves": "at", "closings": "at"}),
    (ratings, {"asked": "at", "rated": "at", "monthly": "at"}),
)
