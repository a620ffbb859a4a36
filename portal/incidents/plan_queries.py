"""Reading the versions of plans, who holds the roles they name, and when each plan was evaluated."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select

from portal.identity.reviewing import OPEN
from portal.incidents import in_line, plan_lint, plans
from portal.incidents.models import IncidentMeasure
from portal.incidents.plan_models import PlanEvaluation, PlanVersion
from portal.kernel.db import db, read
from portal.kernel.errors import Missing

YEAR = timedelta(days=365)
HELD = (
    "SELECT m.role, count(DISTINCT m.person_id) FROM membership m JOIN person p ON p.id = m.person_id AND p.active"
    " GROUP BY m.role"
)


class Evaluated(NamedTuple):
    """When a plan was looked at last, with which words, and until when it is looked at again."""

    at: datetime | None
    by_id: int | None
    words: str
    due: datetime


class Call(NamedTuple):
    """Who is called for a role: its code and the people in line, the first to be called first."""

    code: str
    people: list[str]


def versions() -> list[PlanVersion]:
    """The versions of the house, the newest first."""
    return list(db.session.scalars(select(PlanVersion).order_by(PlanVersion.version.desc())))


def one(version: int, *, lock: bool = False) -> PlanVersion:
    """One version's row; `lock` keeps other writers away until the transaction ends. Raises Missing."""
    query = select(PlanVersion).where(PlanVersion.version == version)
    found = db.session.scalar(query.with_for_update().execution_options(populate_existing=True) if lock else query)
    if found is None:
        raise Missing("no_such_plan", version=version)
    return found


def open_draft() -> PlanVersion | None:
    """The version that is being written or reviewed; there is at most one."""
    return db.session.scalar(select(PlanVersion).where(PlanVersion.state.in_(OPEN)))


def held() -> dict[str, int]:
    """How many active people hold each role of the portal."""
    return {row[0]: row[1] for row in read(HELD, {})}


def findings(data: dict[str, Any]) -> list[plan_lint.Finding]:
    """What the linter says of a document in this house."""
    return plan_lint.lint(data, held())


def calls(plan: plans.Plan, now: datetime, most: int = 3) -> list[Call]:
    """Whom to call for each role, the first to be called first, with who is on duty and who is away."""
    return [Call(code, [one.word for one in line[:most]]) for code, line in in_line.lines(plan, now).items()]


def evaluated(kind: str, since: datetime) -> Evaluated:
    """The newest evaluation of a plan; without one it is due a year after the plan is in force (`since`)."""
    query = select(PlanEvaluation).where(PlanEvaluation.kind == kind).order_by(PlanEvaluation.at.desc()).limit(1)
    last = db.session.scalar(query)
    if last is None:
        return Evaluated(None, None, "", since + YEAR)
    return Evaluated(last.at, last.by_id, last.words, last.at + YEAR)


def open_measures() -> dict[str, int]:
    """How many measures of real incidents are not yet held, by class."""
    still = (IncidentMeasure.state != "held") & IncidentMeasure.exercise.is_(False)
    query = select(IncidentMeasure.kind, func.count()).where(still).group_by(IncidentMeasure.kind)
    return {row[0]: row[1] for row in db.session.execute(query)}
