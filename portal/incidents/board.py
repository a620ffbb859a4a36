"""What the command board and the wall screen show: one picture of an incident in the reader's language."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _

from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.incidents import (
    calling_deeds,
    calling_queries,
    closing_board,
    drill_board,
    drill_deeds,
    drill_queries,
    grading_words,
    merging,
    news_board,
    news_deeds,
    plans,
    queries,
    review_board,
    review_offers,
)
from portal.incidents.deeds import DEEDS
from portal.incidents.force_majeure import grounds
from portal.incidents.models import Incident, IncidentTask
from portal.incidents.offers import may_finish
from portal.incidents.story import StoryLine, story
from portal.kernel.i18n import hm, listed, locale, term


class TaskLine(NamedTuple):
    """A task with its countdown."""

    n: int
    title: str
    group: str
    owner: str
    kind: str
    clock: dict[str, Any]
    evidence: str
    open: bool
    mine: bool


class RoleLine(NamedTuple):
    """A role, its group and who holds it; `members`: who else has a task in the group, by name."""

    code: str
    word: str
    person: str
    since: datetime | None
    in_place: bool
    gone: bool = False  # the account was closed, or the commander may command no longer
    group: str = ""
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Board:
    """All that the board shows of an incident at one moment."""

    incident: Incident
    kind: str
    grade: str
    started: datetime
    next_report: dict[str, Any] | None
    tasks: list[TaskLine]
    open_tasks: int
    late_tasks: int
    roles: list[RoleLine]
    criteria: list[dict[str, Any]]
    settled: int
    story: list[StoryLine]
    cases: list[queries.LinkedCase]
    linked: int
    linked_open: int
    said_news: dict[str, Any] | None
    news: news_board.News | None
    twins: list[tuple[str, str]]
    inherited: tuple[int, str]
    asked_grade: str
    asked_why: str
    deeds: list[tuple[str, str]]
    stops_clocks: bool
    closing: closing_board.Closing
    calls: calling_queries.Sheet
    measures: list[review_board.MeasureLine]
    earlier: list[review_board.MeasureLine]
    drill: drill_board.DrillPicture | None
    exercised: tuple[str, datetime] | None


def of(actor: Actor, incident: Incident, now: datetime) -> Board:
    """The picture for this person: deeds by rights, titles of cases by rights."""
    plan, language = plans.of(incident.plan_version), locale()
    tasks = [_task(actor, incident, t, plan, language) for t in incident.tasks]
    tasks.sort(key=lambda t: (not t.open, t.clock["due"], t.n))
    linked, linked_open = queries.linked_counts(incident.id)
    names, lines = people.names(), queries.history(incident)
    grade = plan.grades[incident.grade or incident.proposed_grade].word(language)
    asked = (incident.grading or {}).get("asked") or {}
    return Board(
        incident=incident, kind=plan.classes[incident.kind].word(language), grade=grade,
        started=incident.occurred_at, next_report=_next_report(incident), tasks=tasks,
        open_tasks=sum(t.open for t in tasks),
        late_tasks=sum(t.open and t.clock["due"] <= now for t in tasks),
        roles=_roles(incident, plan, language),
        criteria=[c | {"words": plan.label(c["code"], language) or c["text"]} for c in incident.criteria],
        settled=sum(c["state"] != "open" for c in incident.criteria),
        story=story(incident, lines, names), cases=queries.linked(incident.id),
        linked=linked, linked_open=linked_open, said_news=_news(incident),
        twins=[(one.no, one.title) for one in merging.twins(incident)],
        inherited=_inherited(incident, plan, language),
        asked_grade=plan.grades[asked["grade"]].word(language) if asked else "",
        asked_why=grading_words.reasons(asked.get("because", ())),
        news=news_board.after(incident, names, now), deeds=deeds(actor, incident),
        stops_clocks=bool(linked_open) and grounds(incident) and may(actor, "case.force_majeure"),
        closing=closing_board.of(incident, names), calls=calling_queries.sheet(incident),
        measures=review_board.own(incident, now),
        earlier=review_board.earlier(incident, now) if incident.state != "ended" else [],
        drill=drill_board.of(incident, lines, now), exercised=drill_queries.exercised(incident.kind),
    )  # fmt: skip


def _inherited(incident: Incident, plan: plans.Plan, language: str) -> tuple[int, str]:
    """How many open tasks the commander has because nobody holds their roles, and those roles."""
    left = [t for t in incident.tasks if not t.done_at and t.role not in incident.held]
    mine = [t.role for t in left if t.owner_id == incident.commander_id] if incident.state == "active" else []
    return len(mine), listed(plan.roles[role].word(language) for role in dict.fromkeys(mine))


def deeds(actor: Actor, incident: Incident) -> list[tuple[str, str]]:
    """What this person can do now: (name, words)."""
    found = []
    mine = any(r.person_id == actor.id and not r.acknowledged_at for r in incident.held.values())
    owner = any(t.owner_id == actor.id and not t.done_at for t in incident.tasks)
    personal = {"acknowledge": mine, "done": owner or may(actor, "incident.declare", incident)}
    personal["move"] = any(not t.done_at for t in incident.tasks)
    personal["end"] = incident.commander_id == actor.id
    personal |= closing_board.offered(actor, incident) | review_offers.offered(actor, incident)
    personal |= calling_deeds.offered(actor, incident) | drill_deeds.offered(actor, incident)
    personal |= news_deeds.offered(actor, incident)
    personal["merge"] = bool(merging.twins(incident))
    for name, deed in DEEDS.items():
        offered = incident.state in deed.states and may(actor, deed.verb, incident) and personal.get(name, True)
        if offered:
            found.append((name, str(deed.title)))
    return found


def _task(actor: Actor, incident: Incident, task: IncidentTask, plan: plans.Plan, language: str) -> TaskLine:
    clock: dict[str, Any] = {"kind": "task", "state": "running", "due": task.due_at, "started": task.added_at}
    if task.done_at:
        kept = task.done_at <= task.due_at
        text = "✓ " + hm(task.done_at) if kept else _("Done late %(time)s", time=hm(task.done_at))
        clock |= {"state": "met" if kept else "missed", "text": text}
    elif incident.state == "ended":
        clock |= {"state": "idle", "text": _("Left open")}
    group = plan.roles[task.role].group(language)
    title = plan.label(task.code, language) or task.title
    kind = term("task_kind." + task.kind)
    mine = may_finish(actor, incident, task.owner_id)
    return TaskLine(task.n, title, group, task.owner, kind, clock, task.evidence, task.done_at is None, mine)


def _roles(incident: Incident, plan: plans.Plan, language: str) -> list[RoleLine]:
    held, lines = incident.held, []
    for code, row in plan.roles.items():
        now = held.get(code)
        since, in_place = (now.from_at, now.acknowledged_at is not None) if now else (None, False)
        gone = now is not None and incident.state == "active" and not queries.still_here(now.person_id, code)
        leader, group = now.person if now else "", row.group(language)
        others = sorted({t.owner for t in incident.tasks if t.role == code} - {leader})
        place = in_place and not gone
        lines.append(RoleLine(code, row.word(language), leader, since, place, gone, group, tuple(others)))
    return lines


def _next_report(incident: Incident) -> dict[str, Any] | None:
    if incident.next_report_at is None or incident.state != "active":
        return None
    started = incident.last_report_at or incident.declared_at
    return {"kind": "report", "state": "running", "due": incident.next_report_at, "started": started}


def _news(incident: Incident) -> dict[str, Any] | None:
    said = incident.said
    if said is None or not said["next_news"] or incident.state != "active":
        return None
    return {"kind": "news", "state": "running", "due": said["next_news"], "started": said["published"]}
