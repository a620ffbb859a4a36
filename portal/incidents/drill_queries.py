"""Reading drills: the calendar by class, what is planned, which findings wait to be tested again."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from portal.incidents import drill_rules, drills, plan_view, plans
from portal.incidents.drill_models import Drill
from portal.incidents.models import Incident, IncidentMeasure
from portal.kernel.db import db
from portal.kernel.errors import Missing
from portal.kernel.i18n import locale


class Required(NamedTuple):
    """One class in the calendar of required drills; `due_at` None: its plan was never exercised.

    `findings` of its drills: (how many, how many have held when tested again). `by`: until when it is asked for, also
    of a plan never exercised; `stage`: what is said of it now, of drill_rules.STAGES, empty for nothing.
    """

    kind: str
    word: str
    last_no: str
    last_at: datetime | None
    due_at: datetime | None
    overdue: bool
    soon: bool
    planned: Drill | None
    findings: tuple[int, int]
    by: datetime
    stage: str


def drill(number: int) -> Drill:
    """The planned drill with this id. Raises Missing."""
    found = db.session.get(Drill, number)
    if found is None:
        raise Missing("no_such_drill")
    return found


def drill_to_change(number: int) -> Drill:
    """The same, locked for this transaction."""
    drill(number)
    return db.session.get_one(Drill, number, with_for_update=True, populate_existing=True)


def made_by(key: str) -> Drill | None:
    """What a form with this key has planned."""
    return db.session.scalar(select(Drill).where(Drill.key == key)) if key else None


def planned() -> list[Drill]:
    """Drills not begun and not dropped, the next first."""
    query = select(Drill).where(Drill.incident_id.is_(None), Drill.dropped_at.is_(None))
    return list(db.session.scalars(query.order_by(Drill.planned_at, Drill.id)))


def held(limit: int = 50) -> list[Incident]:
    """Exercises that are running or over, the newest first."""
    query = select(Incident).where(Incident.exercise, Incident.outcome != "dismissed", Incident.state != "reported")
    return list(db.session.scalars(query.order_by(Incident.id.desc()).limit(limit)))


def last_exercised() -> dict[str, tuple[str, datetime]]:
    """By class the drill that was ended last: (number, when)."""
    query = select(Incident.kind, Incident.no, Incident.ended_at).where(
        Incident.exercise, Incident.outcome == "ended", Incident.ended_at.is_not(None)
    )
    rows = db.session.execute(query.order_by(Incident.ended_at))
    return {kind: (no, ended) for kind, no, ended in rows if ended is not None}


def exercised(kind: str) -> tuple[str, datetime] | None:
    """When the plan of a class was last exercised: (number, when), or None."""
    return last_exercised().get(kind)


def required(now: datetime) -> list[Required]:
    """The calendar of required drills, one line a class."""
    last, findings, begin = last_exercised(), _findings(), plan_view.since(plans.of(max(plans.shipped())))
    coming: dict[str, Drill] = {}
    for one in planned():
        coming.setdefault(one.kind, one)
    lines = []
    for kind, row in plans.latest().classes.items():
        no, at = last.get(kind, ("", None))
        due, by = drill_rules.next_due(at), drill_rules.next_due(at) or drill_rules.first_due(begin)
        soon, late = due is not None and by - timedelta(days=drills.REMIND_DAYS) <= now, due is None or due <= now
        stage = drill_rules.stage(at, by, kind in coming, now)
        found, next_one = findings.get(kind, (0, 0)), coming.get(kind)
        lines.append(Required(kind, row.word(locale()), no, at, due, late, soon, next_one, found, by, stage))
    return lines


def overdue(now: datetime) -> int:
    """How many required drills are overdue; 0 in a house that has neither planned nor held one."""
    lines = required(now)
    begun = any(line.last_at or line.planned for line in lines)
    return sum(line.overdue for line in lines) if begun else 0


def _findings() -> dict[str, tuple[int, int]]:
    query = select(IncidentMeasure.kind, IncidentMeasure.state, func.count()).where(IncidentMeasure.exercise)
    found: dict[str, tuple[int, int]] = {}
    for kind, state, n in db.session.execute(query.group_by(IncidentMeasure.kind, IncidentMeasure.state)):
        every, kept = found.get(kind, (0, 0))
        found[kind] = (every + n, kept + (n if state == "held" else 0))
    return found


def waiting(incident: Incident) -> list[tuple[IncidentMeasure, str]]:
    """Measures of earlier incidents of the class that wait to be tested again, with the incident's number."""
    query = (
        select(IncidentMeasure, Incident.no).join(Incident, Incident.id == IncidentMeasure.incident_id)
        .where(IncidentMeasure.kind == incident.kind, IncidentMeasure.state == "verified")
        .where(IncidentMeasure.incident_id != incident.id)
    )  # fmt: skip
    return [
        (row[0], row[1]) for row in db.session.execute(query.order_by(IncidentMeasure.retest_at, IncidentMeasure.id))
    ]
