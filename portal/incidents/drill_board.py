"""What the board, the calendar and the review page show of a drill: its goals, injects and observations."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _

from portal.incidents import drill_queries, drill_rules, drills
from portal.incidents.models import Incident
from portal.incidents.queries import history
from portal.journal.stream import Line
from portal.kernel.i18n import instant, span, term


class GoalLine(NamedTuple):
    """An objective with goal and result in words; `met` None while it is open; what an evaluator saw of it."""

    word: str
    goal: str
    actual: str
    met: bool | None
    rating: str
    seen: str


class InjectLine(NamedTuple):
    """Something put in: when it was planned and when it came."""

    n: int
    due: datetime
    came: datetime | None
    text: str


class DrillPicture(NamedTuple):
    """All that is shown of a drill."""

    goals: list[GoalLine]
    met: int
    injects: list[InjectLine]
    waiting: int


def of(incident: Incident, lines: list[Line], now: datetime) -> DrillPicture | None:
    """The picture of a drill, None for a real incident; `lines` is its journal, newest first."""
    if not incident.exercise:
        return None
    waiting = len(drill_queries.waiting(incident))
    seen = {row["objective"]: row for row in (incident.drill or {}).get("seen", ())}
    goals = [_goal(goal, seen) for goal in drill_rules.score(incident, lines[::-1], waiting, now)]
    rows = [_inject(row) for row in (incident.drill or {}).get("injects", ())]
    return DrillPicture(goals, sum(goal.met is True for goal in goals), rows, waiting)


def read(incident: Incident, now: datetime) -> DrillPicture | None:
    """The same for the review page."""
    return of(incident, history(incident), now) if incident.exercise else None


def _inject(row: dict[str, Any]) -> InjectLine:
    came = datetime.fromtimestamp(row["came"], UTC) if row["came"] else None
    return InjectLine(row["n"], datetime.fromtimestamp(row["due"], UTC), came, row["text"])


def amount(code: str, value: int | None) -> str:
    """A goal or result in words: a share, or a length."""
    if value is None:
        return "–"
    return f"{value} %" if code in drills.IN_PER_CENT else str(span(value * 60))


def _goal(goal: drill_rules.Goal, seen: Mapping[str, dict[str, Any]]) -> GoalLine:
    row = seen.get(goal.code)
    sign = "≥" if goal.code in drills.IN_PER_CENT else "≤"
    return GoalLine(
        term(f"objective.{goal.code}"), f"{sign} {amount(goal.code, goal.goal)}", amount(goal.code, goal.actual),
        goal.met,
        term(f"drill_rating.{row['rating']}") if row else "", row["words"] if row else "",
    )  # fmt: skip


def _begun(f: dict[str, Any], plan: Any, language: str) -> str:
    return _("Injects planned: %(n)s", n=len(f["injects"]))


def _came(f: dict[str, Any], plan: Any, language: str) -> str:
    return f"{f['n']}. {f['text']} · {_('planned for %(time)s', time=instant(f['due']))}"


DETAILS: dict[str, Any] = {
    "DrillBegun": _begun,
    "InjectCame": _came,
    "FindingChecked": lambda f, plan, lang: (
        f"{f['no']} {f['text']} · {_('It held') if f['held'] else _('To be done again')} · {f['words']}"
    ),
    "Observed": lambda f, plan, lang: (
        f"{term('objective.' + f['objective'])} · {term('drill_rating.' + f['rating'])} · {f['words']}"
    ),
}
