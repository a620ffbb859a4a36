"""What the command board and the wall screen show: one picture of an incident in the reader's language."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _

from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.incidents import closing_board, plans, queries
from portal.incidents.deeds import DEEDS
from portal.incidents.force_majeure import grounds
from portal.incidents.models import Incident, IncidentTask
from portal.incidents.offers import may_finish
from portal.journal.stream import Line
from portal.kernel.i18n import hm, locale, term

MANY = ("CaseLinked", "TaskAdded")


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
    """A role and who holds it."""

    code: str
    word: str
    person: str
    since: datetime | None
    in_place: bool


class StoryLine(NamedTuple):
    """An entry of the timeline; `corrected_by` is the number of the entry that took its place."""

    n: int
    at: datetime
    head: str
    after: str
    detail: str
    quote: str
    said: bool
    corrected_by: int | None
    correctable: bool


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
    deeds: list[tuple[str, str]]
    stops_clocks: bool
    closing: closing_board.Closing


def of(actor: Actor, incident: Incident, now: datetime) -> Board:
    """The picture for this person: deeds by rights, titles of cases by rights."""
    plan, language = plans.of(incident.plan_version), locale()
    tasks = [_task(actor, incident, t, plan, language) for t in incident.tasks]
    tasks.sort(key=lambda t: (not t.open, t.clock["due"], t.n))
    linked, linked_open = queries.linked_counts(incident.id)
    names = people.names()
    grade = plan.grades[incident.grade or incident.proposed_grade].word(language)
    return Board(
        incident=incident, kind=plan.classes[incident.kind].word(language), grade=grade,
        started=incident.occurred_at, next_report=_next_report(incident), tasks=tasks,
        open_tasks=sum(t.open for t in tasks),
        late_tasks=sum(t.open and t.clock["due"] <= now for t in tasks),
        roles=_roles(incident, plan, language),
        criteria=[c | {"words": plan.label(c["code"], language) or c["text"]} for c in incident.criteria],
        settled=sum(c["state"] != "open" for c in incident.criteria),
        story=story(incident, queries.history(incident), names), cases=queries.linked(incident.id),
        linked=linked, linked_open=linked_open, said_news=_news(incident), deeds=deeds(actor, incident),
        stops_clocks=bool(linked_open) and grounds(incident) and may(actor, "case.force_majeure"),
        closing=closing_board.of(incident, names),
    )  # fmt: skip


def deeds(actor: Actor, incident: Incident) -> list[tuple[str, str]]:
    """What this person can do now: (name, words)."""
    found = []
    mine = any(r.person_id == actor.id and not r.acknowledged_at for r in incident.held.values())
    owner = any(t.owner_id == actor.id and not t.done_at for t in incident.tasks)
    personal = {"acknowledge": mine, "done": owner or may(actor, "incident.declare", incident)}
    personal["move"] = any(not t.done_at for t in incident.tasks)
    personal["end"] = incident.commander_id == actor.id
    personal["publish"] = any(not a["published"] for a in incident.announcements)
    personal |= closing_board.offered(actor, incident)
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
        lines.append(RoleLine(code, row.word(language), now.person if now else "", since, in_place))
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


def story(incident: Incident, lines: list[Line], names: dict[int, str]) -> list[StoryLine]:
    """The journal as people read it, newest first; what one person did to many things at once is one line."""
    corrected = {line.facts["n"]: line.n for line in lines if line.kind == "Corrected"}
    numbered = {line.n: hm(line.at) for line in lines}
    plan = plans.of(incident.plan_version)
    told: list[StoryLine] = []
    for before, line in zip([None, *lines], lines, strict=False):
        refers = numbered.get(line.facts.get("n", 0), "")
        made = _story_line(incident, line, names, plan, corrected.get(line.n), refers)
        if before and line.kind in MANY and _same_act(before, line):
            told[-1] = told[-1]._replace(detail=_("%(one)s; %(next)s", one=made.detail, next=told[-1].detail))
        else:
            told.append(made)
    return told


def _same_act(one: Line, other: Line) -> bool:
    return (one.kind, one.at, one.by_id) == (other.kind, other.at, other.by_id)


def _story_line(
    incident: Incident, line: Line, names: dict[int, str], plan: plans.Plan, corrected_by: int | None, refers: str
) -> StoryLine:
    f, language = line.facts, locale()
    head = term("entry." + f["kind"]) if line.kind == "Entered" else term("event." + line.kind)
    after, detail, quote = names.get(line.by_id, ""), "", ""
    if line.kind in (
        "Entered",
        "Corrected",
        "SituationReported",
        "AnnouncementPublished",
        "AnnouncementDrafted",
    ):
        quote = f["text"]
        detail = _noted(line, refers)
    elif line.kind in DETAILS:
        detail = DETAILS[line.kind](f, plan, language)
    if f.get("doubts"):
        quote = closing_board.ended(incident, f)
    said = line.kind == "AnnouncementPublished"
    by_hand = line.kind in ("Entered", "Corrected") and corrected_by is None
    return StoryLine(line.n, line.at, head, after, detail, quote, said, corrected_by, by_hand)


def _noted(line: Line, refers: str) -> str:
    f = line.facts
    if line.kind == "Entered":
        return _("Why: %(reason)s", reason=f["reason"]) if f["reason"] else ""
    if line.kind == "Corrected":
        return _("takes the place of the entry of %(time)s", time=refers)
    if line.kind == "SituationReported":
        return _("Report %(n)s, next one by %(time)s", n=f["number"], time=hm(f["next_report"]))
    expected = f["recovery"] and _("expected recovery %(time)s", time=hm(f["recovery"]))
    back = f.get("restored") and _("says that service is back")
    return " · ".join(x for x in (f["channels"], expected, back) if x)


def _role_given(f: dict[str, Any], plan: plans.Plan, language: str) -> str:
    who = f"{f['previous']} → {f['person']}" if f["previous"] else f["person"]
    words = _("%(role)s: %(who)s", role=plan.roles[f["role"]].word(language), who=who)
    moved = _("open tasks taken over: %(n)s", n=len(f["tasks"])) if f.get("tasks") else ""
    return " · ".join(x for x in (words, moved, f["handover"]) if x)


def _declared(f: dict[str, Any], plan: plans.Plan, language: str) -> str:
    words = f"{plan.classes[f['kind']].word(language)} · {plan.grades[f['grade']].word(language)}"
    if f["grade"] != f["proposed_grade"]:
        proposed = plan.grades[f["proposed_grade"]].word(language)
        words += " · " + _("proposed was %(grade)s: %(reason)s", grade=proposed, reason=f["reason"])
    return words


DETAILS: dict[str, Any] = {
    "Reported": lambda f, plan, lang: " · ".join(x for x in (f["title"], f["place"], f["scope"], f["cause"]) if x),
    "Declared": _declared,
    "Dismissed": lambda f, plan, lang: f["reason"],
    "GradeChanged": lambda f, plan, lang: (
        f"{plan.grades[f['previous']].word(lang)} → {plan.grades[f['grade']].word(lang)} · {f['reason']}"
    ),
    "RoleAssigned": _role_given,
    "RoleAcknowledged": lambda f, plan, lang: plan.roles[f["role"]].word(lang),
    "TaskAdded": lambda f, plan, lang: f"{plan.label(f['code'], lang) or f['title']} · {f['owner']} · {hm(f['due'])}",
    "TaskMoved": lambda f, plan, lang: f"{plan.label(f['code'], lang) or f['title']} · {f['previous']} → {f['owner']}",
    "TaskDone": lambda f, plan, lang: f"{plan.label(f['code'], lang) or f['title']} · {f['evidence']}",
    "AffectedEstimated": lambda f, plan, lang: f"{f['count']:,} · {f['basis']}",
    "CaseLinked": lambda f, plan, lang: f["case_no"],
    "CaseUnlinked": lambda f, plan, lang: f"{f['case_no']} · {f['reason']}",
    "ClocksStopped": lambda f, plan, lang: " · ".join((_("Cases: %(n)s", n=len(f["cases"])), f["reason"])),
    "CriterionMet": lambda f, plan, lang: f"{plan.label(f['code'], lang)} · {f['how']}",
    "CriterionWaived": lambda f, plan, lang: f"{plan.label(f['code'], lang)} · {f['reason']}",
    "EndProposed": lambda f, plan, lang: f["reason"],
    "Ended": lambda f, plan, lang: f["statement"],  # _story_line adds what spoke against it
    **closing_board.DETAILS,
}
