"""Reading reports by calendar: the list, one of them, its prose, how many were on time, who is to hear of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select

from portal.cases.models import Case
from portal.clocks import book
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.models import Unit
from portal.identity.policy import allow, may
from portal.kernel.db import db
from portal.kernel.errors import Missing
from portal.kernel.i18n import local
from portal.reports import paper_calendar, relations
from portal.reports.paper_models import Paper, PaperText
from portal.reports.paper_rules import KINDS, WORK, Kind, days_of, drafted_at, midnight
from portal.reports.rules import Span

MOST = 300
YEAR = timedelta(days=366)


class OnTime(NamedTuple):
    """How many reports of a kind fell due in a year, and how many of them were published in time."""

    kind: str
    due: int
    met: int


PEOPLE = ("supervisor", "head", "quality")  # who may see the figures of people, as the table of rights says


def verb_of(paper: Paper) -> str:
    """The right that reading a report needs: one that names people needs that of their figures."""
    if not paper.unit_id:
        return "report.view"
    return "figure.people" if paper.kind == "kpi" else "report.unit"


def viewable(actor: Actor, paper: Paper) -> bool:
    """Whether somebody may read a report: one of a department needs the right there."""
    return may(actor, verb_of(paper), paper if paper.unit_id else None)


def paper(actor: Actor, paper_id: int, *, lock: bool = False) -> Paper:
    """One report that this person may read. Raises Missing."""
    query = select(Paper).where(Paper.id == paper_id)
    found = db.session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise Missing("no_such_report")
    allow(actor, verb_of(found), found if found.unit_id else None)
    return found


def newest(kind: str, period: str, unit_id: int = 0) -> Paper | None:
    """The newest edition of a report."""
    mine = (Paper.kind == kind) & (Paper.period == period) & (Paper.unit_id == unit_id)
    return db.session.scalar(select(Paper).where(mine).order_by(Paper.edition.desc()).limit(1))


def editions(one: Paper) -> list[Paper]:
    """All editions of the same report, the newest first."""
    mine = (Paper.kind == one.kind) & (Paper.period == one.period) & (Paper.unit_id == one.unit_id)
    return list(db.session.scalars(select(Paper).where(mine).order_by(Paper.edition.desc())))


def listed(actor: Actor, kind: str = "", state: str = "") -> list[Paper]:
    """Reports this person may read, the newest period first; `state` open: not published yet."""
    query = select(Paper).order_by(Paper.draft_at.desc(), Paper.kind, Paper.unit_id, Paper.edition.desc())
    if kind:
        query = query.where(Paper.kind == kind)
    if state:
        query = query.where(Paper.state.in_(WORK) if state == "open" else Paper.state == state)
    return [one for one in db.session.scalars(query.limit(MOST)) if viewable(actor, one)]


def on_time(now: datetime, since: datetime | None = None) -> list[OnTime]:
    """By kind, first editions that fell due in the year before `now`; one not published by then counts as missed."""
    met = func.coalesce(relations.seconds(Paper.published_at) <= relations.seconds(Paper.due_at), False)
    rows = db.session.execute(
        select(Paper.kind, func.count(), func.sum(relations.flag(met)))
        .where(Paper.edition == 1, Paper.due_at > (since or now - YEAR), Paper.due_at <= now)
        .group_by(Paper.kind)
    )
    found = {row[0]: OnTime(row[0], row[1], int(row[2] or 0)) for row in rows}
    return [found[code] for code in KINDS if code in found]


def fell_due(start: int, until: int) -> list[Paper]:
    """First editions that fell due in a period (epoch seconds)."""
    due = relations.seconds(Paper.due_at)
    mine = select(Paper).where(Paper.edition == 1, due >= start, due < until)
    return list(db.session.scalars(mine.order_by(Paper.due_at, Paper.id)))


def texts(paper_id: int) -> dict[str, PaperText]:
    """What people wrote into a report, by section."""
    found = db.session.scalars(select(PaperText).where(PaperText.paper_id == paper_id))
    return {row.section: row for row in found}


def instants(kind: Kind, period: str, now: datetime) -> tuple[int, int]:
    """When a report is drafted and by when it is published, in epoch seconds."""
    zone = local(now).tzinfo
    end = midnight(days_of(kind.every, period)[1], zone)  # type: ignore[arg-type]
    days = book.in_force(now).calendars["cn-business"]
    return drafted_at(kind, period, zone), days.end_of_working_day(end - 1, kind.due)  # type: ignore[arg-type]


def tell_at(due: int, now: datetime) -> int:
    """When a report's writers are reminded: the beginning of the working day before the last one, or now."""
    calendar = book.in_force(now).calendars["cn-business"]
    day = calendar.local_date(due) - timedelta(days=1)
    while not calendar.is_working_day(day):
        day -= timedelta(days=1)
    return calendar.next_opening(midnight(day, calendar.tz))


def next_day(now: int, at: datetime) -> int:
    """The beginning of the next working day after an instant."""
    calendar = book.in_force(at).calendars["cn-business"]
    return calendar.next_opening(midnight(calendar.local_date(now) + timedelta(days=1), calendar.tz))


def writers(one: Paper) -> list[int]:
    """Who is to write in it: of a department's own report its heads, else who holds the kind's roles."""
    kind = paper_calendar.kind_of(one.kind)
    own = people.holders("head", {one.unit_id}) if one.unit_id and one.kind in ("unit",) else []
    return own or _holders(kind.write, one)


def reviewers(one: Paper) -> list[int]:
    """Who may approve it: the named people who have not signed yet, else who holds the kind's roles and had no hand."""
    if one.signers:
        return [int(s["id"]) for s in one.signers if not s.get("at")]
    return [person for person in _holders(paper_calendar.kind_of(one.kind).review, one) if person not in one.hands]


def readers(one: Paper) -> list[int]:
    """To whom it is delivered."""
    heads = people.holders("head", {one.unit_id}) if one.unit_id else []
    return sorted({*_holders(paper_calendar.kind_of(one.kind).to, one), *heads})


def _holders(roles: Iterable[str], one: Paper) -> list[int]:
    """People who hold one of these roles and may read the report."""
    named = verb_of(one) == "figure.people"
    return sorted({person for role in roles if not named or role in PEOPLE for person in people.holders(role)})


def signers_offered(one: Paper) -> list[tuple[int, str]]:
    """Who may be named to sign: holders of the kind's roles who had no hand in it, with their names."""
    names = people.names()
    return [
        (person, names[person])
        for person in _holders(paper_calendar.kind_of(one.kind).review, one)
        if person not in one.hands
    ]


def units_with_cases(span: Span) -> list[int]:
    """Departments that received, held or owed anything in a period, in the order of the tree."""
    found: set[int] = set()
    for name in ("received", "agreed"):
        c = relations.RELATIONS[name](span).subquery().c
        found |= set(db.session.scalars(select(c.unit).where(c.at >= span.start).distinct()))
    return [unit.id for unit in people.units() if unit.id in found]


def any_case_before(instant: int) -> bool:
    """Whether anything was received before an instant: a portal that is new owes no report of the time before."""
    at = relations.seconds(Case.received_at)
    return db.session.scalar(select(Case.id).where(at < instant).limit(1)) is not None


def customers_of(span: Span) -> list[str]:
    """Names of the customers whose cases a period had, so that a report cannot tell them."""
    at = relations.seconds(Case.received_at)
    query = select(Case.customer_name).where(at >= span.start, at < span.end).distinct()
    return [name for name in db.session.scalars(query) if name]


def unit_of(unit_id: int) -> tuple[str, str]:
    """A department's Chinese and English name; both empty for the whole house."""
    row = db.session.execute(select(Unit.name, Unit.name_en).where(Unit.id == unit_id)).first() if unit_id else None
    return (row[0], row[1] or row[0]) if row else ("", "")


def facts_of(one: Paper) -> dict[str, Any]:
    """What a notice says of it: the report, its period and last day; whose it is, where it is a department's."""
    unit, english = unit_of(one.unit_id)
    whose = {"paper_unit": unit, "paper_unit_en": english} if unit else {}
    return {"no": one.period, "paper": one.kind, "due": int(one.due_at.timestamp())} | whose
