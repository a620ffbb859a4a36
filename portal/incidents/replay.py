"""The board as it stood at an instant, from the journal alone: what people knew then, not what is known now."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from portal.incidents import plans
from portal.incidents.apply import apply
from portal.incidents.events import from_facts
from portal.incidents.models import Incident
from portal.incidents.story import StoryLine, story
from portal.journal.stream import Line
from portal.kernel.i18n import locale

HARDLY = 200  # entries of the timeline that are shown


class TaskThen(NamedTuple):
    """A task as it stood: open, late, done."""

    title: str
    owner: str
    due_at: datetime
    done_at: datetime | None
    late: bool


class RoleThen(NamedTuple):
    """A role as it was held."""

    word: str
    person: str
    in_place: bool


class Then(NamedTuple):
    """The picture at an instant: the incident rebuilt from its journal up to then, in the reader's language."""

    incident: Incident
    at: datetime
    kind: str
    grade: str
    roles: list[RoleThen]
    tasks: list[TaskThen]
    criteria: list[tuple[str, str]]
    linked: int
    story: list[StoryLine]


def rebuilt(lines: Iterable[Line]) -> Incident:
    """An incident made of these entries, oldest first; it belongs to no store."""
    incident = Incident()
    for line in lines:
        apply(incident, from_facts(line.kind, line.facts), line.at, line.by_id)
    return incident


def of(lines: list[Line], at: datetime, names: dict[int, str]) -> Then | None:
    """The board as it stood at an instant; `lines`: the whole journal, oldest first. None: nothing was reported yet."""
    known = [line for line in lines if line.at <= at]
    if not known:
        return None
    incident, language = rebuilt(known), locale()
    plan = plans.of(incident.plan_version)
    linked = sum({"CaseLinked": 1, "CaseUnlinked": -1}.get(line.kind, 0) for line in known)
    told = story(incident, known[::-1][:HARDLY], names)
    return Then(
        incident, at, plan.classes[incident.kind].word(language),
        plan.grades[incident.grade or incident.proposed_grade].word(language), _roles(incident, plan, language),
        _tasks(incident, plan, at, language),
        [(plan.label(c["code"], language) or c["text"], c["state"]) for c in incident.criteria], linked, told,
    )  # fmt: skip


def _roles(incident: Incident, plan: plans.Plan, language: str) -> list[RoleThen]:
    held = incident.held
    found = []
    for code, row in plan.roles.items():
        holder = held.get(code)
        in_place = holder is not None and holder.acknowledged_at is not None
        found.append(RoleThen(row.word(language), holder.person if holder else "", in_place))
    return found


def _tasks(incident: Incident, plan: plans.Plan, at: datetime, language: str) -> list[TaskThen]:
    rows = sorted(incident.tasks, key=lambda t: (t.done_at is not None, t.due_at))
    return [
        TaskThen(
            plan.label(t.code, language) or t.title, t.owner, t.due_at, t.done_at, (t.done_at or at) > t.due_at
        )
        for t in rows
    ]  # fmt: skip
