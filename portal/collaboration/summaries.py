"""The daily P2 summary and the weekly P4 grooming (RE1): what they list, from the rows as they stand."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select

from portal.cases.models import Case
from portal.collaboration.models import DailySummary
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Refused
from portal.kernel.i18n import local

MOST = 200
FEEDBACK = timedelta(days=30)  # P4: monthly feedback until delivered or dropped


class UnitLine(NamedTuple):
    """One department's P2 cases: open now, late now, decided (told or closed) on the day."""

    unit: str
    open: int
    late: int
    decided: int


def day_bounds(day: datetime) -> tuple[datetime, datetime]:
    """First instant of the local day and of the next one."""
    start = local(day).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)


def by_department(now: datetime) -> list[UnitLine]:
    """Today's P2 figures of every department that has any."""
    start, end = day_bounds(now)
    important, at = Case.level == "P2", int(now.timestamp())
    late = func.count().filter(Case.clock_due < at, Case.state != "waiting")
    rows = db.session.execute(
        select(Case.unit_id, func.count(), late).where(important, Case.open).group_by(Case.unit_id)
    )
    standing = {row[0]: (row[1], row[2]) for row in rows}
    decided = dict(
        db.session.execute(
            select(Case.unit_id, func.count()).where(important, _decided(start, end)).group_by(Case.unit_id)
        ).all()
    )
    return [
        UnitLine(unit.name, *standing.get(unit.id, (0, 0)), decided.get(unit.id, 0))
        for unit in people.units()
        if unit.id in standing or unit.id in decided
    ]


def important_cases(now: datetime) -> tuple[list[Case], list[Case]]:
    """Open P2 cases, the most pressing first, and those decided today."""
    start, end = day_bounds(now)
    running = select(Case).where(Case.level == "P2", Case.open).order_by(Case.press, Case.id).limit(MOST)
    done = select(Case).where(Case.level == "P2", _decided(start, end)).order_by(Case.told_at.desc()).limit(MOST)
    return list(db.session.scalars(running)), list(db.session.scalars(done))


def _decided(start: datetime, end: datetime) -> Any:
    told = (Case.told_at >= start) & (Case.told_at < end)
    return told | ((Case.closed_at >= start) & (Case.closed_at < end))


def read_days(most: int = 14) -> list[DailySummary]:
    """The days that were ticked as read, newest first."""
    return list(db.session.scalars(select(DailySummary).order_by(DailySummary.day.desc()).limit(most)))


def read_daily(actor: Actor, now: datetime) -> DailySummary:
    """The supervisor has read today's summary; its figures are kept as they were. Once a day."""
    allow(actor, "daily.read")
    day = f"{local(now):%Y-%m-%d}"
    if db.session.get(DailySummary, day):
        raise Refused("daily_read_already", day=day)
    facts = {"lines": [list(line) for line in by_department(now)]}
    row = DailySummary(day=day, facts=facts, by_id=actor.id, by_name=actor.name, read_at=now)
    db.session.add(row)
    db.session.flush()
    return row


def to_groom() -> tuple[list[Case], list[Case]]:
    """P4 cases without a schedule, the oldest first, and those planned, by when the customer last heard of it."""
    suggestions = Case.level == "P4"
    new = select(Case).where(suggestions, Case.state.in_(("to_accept", "in_work"))).order_by(Case.received_at, Case.id)
    planned = select(Case).where(suggestions, Case.state == "planned").order_by(Case.contact_at, Case.id)
    return list(db.session.scalars(new.limit(MOST))), list(db.session.scalars(planned.limit(MOST)))


def feedback_due(case: Case) -> datetime:
    """When the customer of a planned suggestion is to hear of it again."""
    heard: datetime = case.contact_at or case.received_at
    return heard + FEEDBACK


def chosen(numbers: list[str]) -> list[str]:
    """The ticked rows. Raises Invalid when there are none."""
    found = [no for no in dict.fromkeys(numbers) if no]
    if not found:
        raise Invalid("tick_rows", field="nos")
    return found[:MOST]
