"""Reading what stands behind a figure, what people wrote, and the basic facts of sections 1 and 2."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, func, null, or_, select, union_all

from portal.cases.models import Case
from portal.cases.rules import LIVE
from portal.clocks.models import Clock
from portal.directory.models import Customer
from portal.identity.models import Membership, Person, Unit
from portal.kernel.db import db, read
from portal.kernel.errors import Invalid
from portal.reports import relations, spent
from portal.reports.metrics import further
from portal.reports.metrics.definitions import KPIS, Kpi, of_link
from portal.reports.paper_models import Paper, PaperText
from portal.reports.rules import Span

PAGE = 50
NAMES = "SELECT id, name, name_en FROM unit ORDER BY position, id"
CODE = "SELECT code FROM unit WHERE id = :id"
PARTS = ("all", "hit", "miss")
SPENT = {name: Kpi(name, "time", "SL4", name, "length", unit="s") for name in spent.RELATIONS}
# figures whose rows carry a length in seconds, the longest listed first
LENGTHS = (*SPENT, *(kpi.code for kpi in KPIS.values() if kpi.mode == "length"))
RELATIONS = further.RELATIONS | spent.RELATIONS
STOCKS = ("opening", "closing", "age")


class Line(NamedTuple):
    """A case behind a figure: no customer, no free text."""

    no: str
    at: int
    level: str
    channel: str
    type: str
    unit: int
    state: str
    code: str
    hit: int
    ended: int | None = None
    provisional: int | None = None
    clock: int | None = None


def behind(
    span: Span, figure: str, want: dict[str, str], part: str = "all", pieces: Sequence[Span] = ()
) -> Select[Any]:  # fmt: skip
    """The rows a figure was counted from; `pieces`: the quarters it was counted by, where it is of several weeks.

    Raises Invalid for a figure that does not exist.
    """
    kpi = SPENT.get(figure) or of_link(figure, want.get("code", ""))
    if kpi is None or not kpi.relation or part not in PARTS:
        raise Invalid("no_such_figure", field="figure", figure=figure[:40])
    counted = [RELATIONS[kpi.relation](one) for one in pieces or (span,)]
    found = (counted[0] if len(counted) == 1 else union_all(*counted)).subquery().c
    query = select(found.case_id, found.at, found.level, found.channel, found.type, found.unit, found.code, found.hit)
    if kpi.relation not in STOCKS:
        query = query.where(found.at >= span.start, found.at < span.until)
    asked = {"code": kpi.only} | want if kpi.only else dict(want)
    if kpi.written or asked.get("live") == "no":
        query = query.where(found.channel.not_in(LIVE))
    asked.pop("live", None)
    if category := asked.pop("category", ""):
        query = query.where(found.case_id.in_(select(Case.id).where(Case.category == category)))
    for name, value in asked.items():
        if name not in found:
            raise Invalid("no_such_figure", field=name, figure=value[:40])
        query = query.where(found[name] == (number_of(value) if name in ("unit", "person") else value))
    if part != "all" and kpi.mode != "length":
        query = query.where(found.hit == (1 if part == "hit" else 0))
    return query


def number_of(text: str) -> int:
    """A department or person of a link. Raises Invalid."""
    if not text.isdigit() or len(text) > 15:
        raise Invalid("no_such_figure", field="unit", figure=text[:20])
    return int(text)


def page_number(text: str) -> int:
    """The page of a list. Raises Invalid."""
    if not text.isdigit() or not 1 <= int(text[:9]) <= 1_000_000:
        raise Invalid("no_such_figure", field="page", figure=text[:20])
    return int(text)


def count(query: Select[Any]) -> int:
    """How many rows."""
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0


def page(query: Select[Any], number: int, *, limits: bool = False, lengths: bool = False) -> list[Line]:
    """One page of the cases behind a figure, the latest first, by `lengths` the longest; `limits`: with their end."""
    c = query.subquery().c
    rows = db.session.execute(
        select(
            Case.no,
            c.at,
            c.level,
            c.channel,
            c.type,
            c.unit,
            Case.state,
            c.code,
            c.hit,
            _ended(c) if limits else null(),
            _provisional(c) if limits else null(),
            _clock(c) if limits else null(),
        )
        .join(Case, Case.id == c.case_id)
        .order_by(*((c.hit.desc(),) if lengths else ()), c.at.desc(), Case.id.desc(), c.code)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    )
    return [Line(*row) for row in rows]


def _ended(c: Any) -> Any:
    """When the limit behind a row ended; NULL while it runs."""
    due, agreed = relations.seconds(Clock.due_at), relations.seconds(Clock.agreed_at)
    mine = (Clock.case_id == c.case_id) & (Clock.kind == c.code) & or_(due == c.at, agreed == c.at)
    return select(func.max(relations.seconds(Clock.stopped_at))).where(mine).scalar_subquery()


def _clock(c: Any) -> Any:
    """The clock behind a row, so that the case opens at it."""
    due, agreed = relations.seconds(Clock.due_at), relations.seconds(Clock.agreed_at)
    mine = (Clock.case_id == c.case_id) & (Clock.kind == c.code) & or_(due == c.at, agreed == c.at)
    return select(func.max(Clock.id)).where(mine).scalar_subquery()


def _provisional(c: Any) -> Any:
    """1 when the limit behind a row used a year whose holidays were not loaded."""
    due, agreed = relations.seconds(Clock.due_at), relations.seconds(Clock.agreed_at)
    mine = (Clock.case_id == c.case_id) & (Clock.kind == c.code) & or_(due == c.at, agreed == c.at)
    return select(func.max(relations.flag(Clock.provisional))).where(mine).scalar_subquery()


def has_limits(figure: str) -> bool:
    """Whether a figure counts limits, each with a due and an actual instant."""
    return figure in KPIS and KPIS[figure].relation in ("agreed", "original")


def texts(quarter: str) -> dict[int, PaperText]:
    """What people wrote into a quarter's report, by section: of its newest edition."""
    mine = (Paper.kind == "quarterly") & (Paper.period == quarter) & (Paper.unit_id == 0)
    last = select(Paper.id).where(mine).order_by(Paper.edition.desc()).limit(1).scalar_subquery()
    return {int(row.section): row for row in db.session.scalars(select(PaperText).where(PaperText.paper_id == last))}


def unit_names() -> dict[int, tuple[str, str]]:
    """Units by id: Chinese and English name."""
    return {row[0]: (row[1], row[2] or row[1]) for row in read(NAMES, {})}


def unit_code(unit_id: int) -> str:
    """A department's code in addresses; empty for none."""
    found = read(CODE, {"id": unit_id})
    return found[0][0] if found else ""


def people_by_unit() -> list[tuple[int, int]]:
    """Active people of each department in the order of the tree."""
    rows = db.session.execute(
        select(Unit.id, func.count(Person.id))
        .join(Person, (Person.unit_id == Unit.id) & Person.active, isouter=True)
        .group_by(Unit.id, Unit.position)
        .order_by(Unit.position, Unit.id)
    )
    return [(row[0], row[1]) for row in rows]


def people_by_role() -> list[tuple[str, int]]:
    """How many active people hold each role."""
    who = func.count(Membership.person_id.distinct())
    rows = db.session.execute(
        select(Membership.role, who)
        .join(Person, (Person.id == Membership.person_id) & Person.active)
        .group_by(Membership.role)
        .order_by(who.desc(), Membership.role)
    )
    return [(row[0], row[1]) for row in rows]


def customers(span: Span) -> list[tuple[str, int, int]]:
    """By category of customer: how many asked for something in the quarter, and with how many cases."""
    at = relations.seconds(Case.received_at)
    rows = db.session.execute(
        select(
            Customer.category,
            func.count(func.coalesce(Customer.merged_into, Customer.id).distinct()),
            func.count(Case.id),
        )
        .join(Case, Case.customer_id == Customer.id)
        .where(Case.exercise.is_(False), at >= span.start, at < span.until)
        .group_by(Customer.category)
        .order_by(func.count(Case.id).desc(), Customer.category)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def has_parts(figure: str) -> bool:
    """Whether a figure is a share, so that both its parts can be listed."""
    return figure in KPIS and KPIS[figure].mode in ("hit", "miss")
