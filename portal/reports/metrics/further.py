"""Further relations of the same shape as `reports.relations`: what came of cases, and what came back."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import and_, func, literal, or_, select
from sqlalchemy.orm import aliased

from portal.cases.models import Case
from portal.cases.rules import LIVE
from portal.clocks.models import Clock, Segment
from portal.journal.models import Body, Entry
from portal.reports import relations as base
from portal.reports.rules import Span
from portal.reports.shape import Rows, case_of, first_unit, flag, rows, seconds, stream_of, unit_at, within

AGAIN_WITHIN = 7 * 86_400  # IN8 [H]
TALK = 1_800  # [H] seconds from taking a call up to which telling belongs to the same talk
OFTEN = 3  # IN8: a question is repeated when so many cases of the period ask it


def resolved(span: Span) -> Rows:
    """Closings; hit: the customer confirmed."""
    found = base.closings(span).subquery()
    c = found.c
    return select(
        c.case_id, c.at, c.level, c.channel, c.type, c.unit, c.code, flag(c.code == "confirmed").label("hit"), c.person
    )


def first_contact(span: Span) -> Rows:
    """Cases whose result was told in the period; hit: in the first contact, so that no second one was needed."""
    return _first_contact(span, net=False)


def first_contact_net(span: Span) -> Rows:
    """The same; hit: besides, neither reopened nor asked again within seven days. Code: the channel."""
    return _first_contact(span, net=True)


def _first_contact(span: Span, *, net: bool) -> Rows:
    first, met = base.first_told(span), seconds(Clock.stopped_at)
    spoken = (
        select(Clock.id)
        .where(Clock.case_id == Case.id, Clock.kind == "first_response", Clock.cycle == 1, met == first.c.at)
        .exists()
    )
    in_talk = and_(Case.channel.in_(LIVE), first.c.at <= seconds(Case.received_at) + TALK)
    at_once = or_(spoken, and_(in_talk, ~_spoken_before(first.c.at)))
    hit = and_(at_once, Case.reopened == 0, ~_came_back(first.c.at)) if net else at_once
    found = rows(first.c.at, Case.channel if net else literal(""), flag(hit), unit=unit_at(first.c.at))
    return found.join_from(Case, first, Case.id == case_of(first.c.stream)).where(Case.state.not_in(base.DROPPED))


def _spoken_before(told: Any) -> Any:
    """Another contact with the customer before the telling; taking a call is none."""
    return (
        select(Entry.id)
        .join(Body, Body.journal_id == Entry.id)
        .where(
            Entry.stream == stream_of(), Entry.kind == "Contacted", seconds(Entry.at) < told,
            Body.facts["direction"].as_string() == "out", Body.facts["reached"].as_boolean(),
        )
        .exists()
    )  # fmt: skip


def _came_back(told: Any) -> Any:
    """The same customer with the same matter in a new case within seven days after the result was told."""
    later = aliased(Case)
    at = seconds(later.received_at)
    same = and_(
        later.customer_id == Case.customer_id, later.id != Case.id, later.category == Case.category,
        later.request_type == Case.request_type, later.exercise.is_(False), later.state.not_in(base.DROPPED),
    )  # fmt: skip
    return select(later.id).where(same, at > told, at <= told + AGAIN_WITHIN).exists()


def repeated(span: Span) -> Rows:
    """Cases whose result was told in the period; hit: the customer asked the same again within seven days (IN8)."""
    first = base.first_told(span)
    found = rows(first.c.at, literal(""), flag(_came_back(first.c.at)), unit=unit_at(first.c.at))
    return found.join_from(Case, first, Case.id == case_of(first.c.stream)).where(Case.state.not_in(base.DROPPED))


def questions(span: Span) -> Rows:
    """Requests received; hit: at least three of the period ask the same: category and type (IN8)."""
    at = seconds(Case.received_at)
    asked = func.count().over(partition_by=(Case.category, Case.request_type, at < span.start))
    found = (
        rows(at, literal(""), asked, unit=first_unit())
        .where(within(at, span), Case.state.not_in(base.DROPPED))
        .subquery()
    )
    c = found.c
    return select(
        c.case_id, c.at, c.level, c.channel, c.type, c.unit, c.code, flag(c.hit >= OFTEN).label("hit"), c.person
    )


def returned(span: Span) -> Rows:
    """Requests received that were handed on; hit: a department gave the case back."""
    at = seconds(Case.received_at)
    handed = or_(Case.transfers > 0, Case.returns > 0)
    found = rows(at, literal(""), flag(Case.returns > 0), unit=first_unit())
    return found.where(within(at, span), handed, Case.state.not_in(base.DROPPED))


def judged(span: Span) -> Rows:
    """Requests received and judged; hit: no judgement was corrected as wrong (SL5)."""
    at = seconds(Case.received_at)
    wrong = (
        select(Entry.id)
        .join(Body, Body.journal_id == Entry.id)
        .where(Entry.stream == stream_of(), Entry.kind == "Judged", Body.facts["basis"].as_string() == "misjudged")
        .exists()
    )
    found = rows(at, literal(""), flag(~wrong), unit=first_unit())
    return found.where(within(at, span), Case.judged_at.is_not(None), Case.state.not_in(base.DROPPED))


def moved(span: Span) -> Rows:
    """Cases that passed from one department to another; code: in, for the one that took it over, and out."""
    since, unit = seconds(Segment.from_at), Segment.department_id
    was = func.lag(unit).over(partition_by=Segment.case_id, order_by=Segment.id)
    parts = (
        select(Segment.case_id, since.label("at"), unit.label("unit"), was.label("was"))
        .join(Case, Case.id == Segment.case_id)
        .where(seconds(Case.handed_at) >= span.before, seconds(Case.received_at) < span.until)
        .cte("parts")
    )
    c = parts.c
    took, gave = (
        rows(c.at, literal(code), literal(1), unit=whose)
        .join_from(Case, parts, Case.id == c.case_id)
        .where(c.was != c.unit, within(c.at, span))
        for code, whose in (("in", c.unit), ("out", c.was))
    )
    return select(took.union_all(gave).subquery())


def confirmed_wall(span: Span) -> Rows:
    """Seconds from the request to the customer's last confirmation, everything in between included."""
    at = seconds(Case.confirmed_at)
    found = rows(at, literal(""), at - seconds(Case.received_at), unit=unit_at(at))
    return found.where(within(at, span), Case.state.not_in(base.DROPPED))


def reply(span: Span) -> Rows:
    """Seconds from the first unanswered message of a customer to the next contact by a person."""
    at = seconds(Clock.stopped_at)
    taken, unit = at - seconds(Clock.started_at), func.coalesce(Clock.department_id, Case.unit_id)
    found = rows(at, literal(""), taken, unit=unit).join_from(Case, Clock, Clock.case_id == Case.id)
    answered = and_(Clock.kind == "next_reply", Clock.outcome.in_(("met", "missed")))
    return found.where(answered, within(at, span), Case.state.not_in(base.DROPPED))


def age_at(span: Span, *, end: bool) -> Rows:
    """Seconds since receipt of the cases open at the start or the end of a period (now, while it runs)."""
    if not end:
        return base.open_at(span.start, span.start - seconds(Case.received_at))
    return base.open_at(span.until, min(span.end, span.as_of) - seconds(Case.received_at))


RELATIONS: dict[str, Callable[[Span], Rows]] = base.RELATIONS | {
    "resolved": resolved,
    "moved": moved,
    "first_contact": first_contact,
    "first_contact_net": first_contact_net,
    "repeated": repeated,
    "questions": questions,
    "returned": returned,
    "judged": judged,
    "confirmed_wall": confirmed_wall,
    "reply": reply,
    "age": lambda span: age_at(span, end=True),
}
