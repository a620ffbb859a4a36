"""The one shape of rows that figures are counted from, and whose a case was at an instant."""

from typing import Any

from sqlalchemy import BigInteger, Select, String, and_, case, cast, func, literal, or_, select, type_coerce

from portal.cases.models import Case
from portal.clocks.models import Clock, Segment
from portal.reports.rules import Span

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


def first_unit() -> Any:
    """The department that had a case when it came."""
    return func.coalesce(Case.first_unit_id, Case.unit_id)


def unit_at(at: Any, *, before: bool = False) -> Any:
    """The department that held a case at an instant (`before`: up to it): figures follow the department as it was.

    Its stretches are asked only where it has passed to another department since.
    """
    passed, since = seconds(Case.handed_at), seconds(Segment.from_at)
    held = select(Segment.department_id).where(Segment.case_id == Case.id, since < at if before else since <= at)
    then = held.order_by(Segment.id.desc()).limit(1).scalar_subquery()
    still = or_(passed.is_(None), passed < at if before else passed <= at)
    return case((still, Case.unit_id), else_=func.coalesce(then, first_unit()))


def unit_of(due: Any) -> Any:
    """Whose a limit is: of the department that met it, else of the one that held the case when it ran out."""
    in_time = and_(Clock.department_id.is_not(None), seconds(Clock.stopped_at) <= due)
    return case((in_time, Clock.department_id), else_=unit_at(due))
