"""What staff do in an incident: report, declare, lead, end. Policy first, then a rule, then the record."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from portal.cases.submissions import note_made
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.incidents import (
    calling_actions,
    closing_actions,
    force_majeure_actions,
    grading_actions,
    grading_rules,
    plans,
    queries,
    rules,
)
from portal.incidents import events as e
from portal.incidents.models import Incident
from portal.incidents.record import one_step, record, record_all, tell_of
from portal.kernel.errors import Forbidden, Invalid, Refused
from portal.kernel.i18n import listed, locale


def report(
    actor: Actor,
    now: datetime,
    *,
    title: str,
    kind: str,
    extent: str,
    place: str,
    scope: str,
    cause: str,
    occurred: datetime,
    affected: int | None = None,
    exercise: bool = False,
    key: str = "",
    **answers: Any,
) -> Incident:
    """Reports what may be an emergency (EM1); `key` is the form's, kept against second posts.

    `answers` are core (bool), lasts (minutes) and attention, which propose a grade together with extent and affected.
    """
    allow(actor, "incident.report")
    if exercise:
        allow(actor, "incident.declare")
    if occurred > now:
        raise Invalid("occurred_ahead", field="occurred")
    plan = plans.latest()
    rules.one_of(kind, plan.classes, "kind")
    rules.one_of(extent, plans.EXTENTS, "extent")
    incident, more = Incident(), grading_rules.checked(answers)
    found = grading_rules.propose(plan, grading_rules.Answers(extent, affected, **more))
    event = e.Reported(
        no=queries.next_number(now), title=rules.require(title, "title"), kind=kind, extent=extent,
        place=rules.require(place, "place"), scope=rules.require(scope, "scope"), cause=cause.strip(),
        occurred=int(occurred.timestamp()), reporter=actor.name, plan_version=plan.number,
        proposed_grade=found.grade, affected=affected, exercise=exercise, because=found.because, **more,
    )  # fmt: skip
    record(incident, event, by=actor, at=now, occurred_at=occurred)
    note_made(key, incident.id, by=actor, at=now)
    leaders = people.holders("commander") + people.holders("watch") + people.holders("supervisor")
    tell_of(leaders, "incident_reported", incident, now)
    return incident


def declare(
    actor: Actor,
    now: datetime,
    incident: Incident,
    *,
    kind: str,
    grade: str,
    reason: str = "",
    roles: dict[str, int],
) -> None:
    """Puts the plan in force (EM2): roles, checklist tasks with owners and due times, notices."""
    allow(actor, "incident.declare", incident)
    plan = plans.latest()
    linked = queries.linked_counts(incident.id)[0]
    event = rules.declare(incident, now, plan, kind=kind, grade=grade, reason=reason, linked=linked)
    _check_roles(plan, roles)
    led = people.holders_of("supervisor", "head")
    names = people.names_of(filter(None, roles.values()))
    queries.begin_empty(incident)
    with one_step(incident, now):
        record(incident, event, by=actor, at=now)
        for role in plan.roles:
            if roles.get(role):
                calling_actions.give(actor, now, incident, role, roles[role], name=names[roles[role]])
        _give_tasks(actor, now, incident, plan.tasks_from(kind, grade))
        tell_of(led, "incident_declared", incident, now)


def _give_tasks(actor: Actor, now: datetime, incident: Incident, rows: Iterable[plans.Named]) -> None:
    """Checklist lines of the plan become tasks of the role's holder, or of the commander in the holder's place."""
    last, events, held = max((t.n for t in incident.tasks), default=0), [], incident.held
    for n, row in enumerate(rows, start=last + 1):
        holder = held.get(row.facts["role"], held["commander"])
        events.append(rules.plan_task(row, n, now, holder.person_id, holder.person))
    record_all(incident, events, by=actor, at=now)


def _may_command(person_id: int | None, field: str) -> None:
    """Only who holds the commander's role commands; the refusal names them."""
    if person_id not in people.holders("commander"):
        raise Invalid("not_a_commander", field=field, names=listed(name for _id, name in queries.commanders()))


def _check_roles(plan: plans.Plan, roles: dict[str, int]) -> None:
    """A commander who may command, known roles only, known people only."""
    _may_command(roles.get("commander"), "commander")
    for role in roles:
        rules.one_of(role, plan.roles, "role")


def dismiss(actor: Actor, now: datetime, incident: Incident, *, reason: str) -> None:
    """Ends a report that was no emergency, with the reason."""
    allow(actor, "incident.declare", incident)
    rules.not_ended(incident)
    if incident.state != "reported":
        raise Refused("declared_already", no=incident.no)
    record(incident, e.Dismissed(rules.require(reason, "reason")), by=actor, at=now)


def change_grade(actor: Actor, now: datetime, incident: Incident, *, grade: str, reason: str) -> None:
    """Sets the grade up or down with a reason, or keeps it when a new look was asked for.

    A higher one brings the tasks that the plan has only from there on.
    """
    allow(actor, "incident.command", incident)
    plan, before = plans.of(incident.plan_version), incident.grade
    if grade == before:
        grading_actions.keep(actor, now, incident, reason=reason)
        return
    record(incident, rules.change_grade(incident, plan, grade, reason, now), by=actor, at=now)
    known = {t.code for t in incident.tasks}
    further = [row for row in plan.tasks_from(incident.kind, grade, before) if row.code not in known]
    _give_tasks(actor, now, incident, further)


def assign_role(
    actor: Actor, now: datetime, incident: Incident, *, role: str, person_id: int, handover: str = ""
) -> None:
    """Gives a role to a person; for the commander it is an offer of command that must be accepted."""
    commanding = role == "commander"
    allow(actor, "incident.command" if commanding else "incident.declare", incident)
    rules.running(incident)
    rules.one_of(role, plans.of(incident.plan_version).roles, "role")
    held = incident.held.get(role)
    if held and held.person_id == person_id:
        raise Invalid("holds_already", field="person", name=held.person)
    if commanding:
        _may_command(person_id, "person")
        calling_actions.offer_command(actor, now, incident, person_id=person_id, handover=handover)
        return
    calling_actions.give(actor, now, incident, role, person_id, handover.strip())


def acknowledge(actor: Actor, now: datetime, incident: Incident, *, role: str) -> None:
    """The holder of a role is in place."""
    allow(actor, "incident.view", incident)
    rules.running(incident)
    held = incident.held.get(role)
    if held is None or held.person_id != actor.id:
        raise Forbidden("not_your_role")
    if held.acknowledged_at is None:
        record(incident, e.RoleAcknowledged(role), by=actor, at=now)


def add_task(
    actor: Actor,
    now: datetime,
    incident: Incident,
    *,
    title: str,
    kind: str,
    role: str,
    owner_id: int,
    due: datetime,
) -> None:
    """Gives a task to a named person with a due time and tells that person."""
    allow(actor, "incident.act", incident)
    rules.running(incident)
    rules.one_of(kind, rules.TASK_KINDS, "kind")
    rules.one_of(role, plans.of(incident.plan_version).roles, "role")
    owner = people.person(owner_id)
    n = max((t.n for t in incident.tasks), default=0) + 1
    event = e.TaskAdded(
        n=n, title=rules.require(title, "title"), kind=kind, role=role, owner_id=owner.id, owner=owner.name,
        due=rules.ahead(due, now, "due"),
    )  # fmt: skip
    record(incident, event, by=actor, at=now)
    tell_of([i for i in [owner.id] if i != actor.id], "incident_task", incident, now, task=event.title, due=event.due)


def complete_task(actor: Actor, now: datetime, incident: Incident, *, n: int, evidence: str) -> None:
    """A task is done, with what proves it: its owner says so, or those who lead."""
    owner = next((t.owner_id for t in incident.tasks if t.n == n), None)
    allow(actor, "incident.view" if owner == actor.id else "incident.declare", incident)
    task = rules.open_task(incident, n)
    event = e.TaskDone(n, task.title, rules.require(evidence, "evidence"), task.code)
    record(incident, event, by=actor, at=now)


def move_task(actor: Actor, now: datetime, incident: Incident, *, n: int, owner_id: int) -> None:
    """Gives an open task to another person, who is told; the due time stays."""
    allow(actor, "incident.act", incident)
    task, owner = rules.open_task(incident, n), people.person(owner_id)
    if task.owner_id == owner.id:
        raise Invalid("owns_already", field="owner", name=owner.name)
    record(incident, e.TaskMoved(n, task.title, owner.id, owner.name, task.owner, task.code), by=actor, at=now)
    tell_of([i for i in [owner.id] if i != actor.id], "incident_task", incident, now, **_of_task(incident, task))


def _of_task(incident: Incident, task: Any) -> dict[str, Any]:
    """What a notice says of a task: its words in both languages and when it is due."""
    plan = plans.of(incident.plan_version)
    english = task.code and plan.label(task.code, "en")
    return {"task": task.title, "task_en": english or task.title, "due": int(task.due_at.timestamp())}


def propose_end(actor: Actor, now: datetime, incident: Incident, *, reason: str) -> None:
    """The response group holds that it is over; the commander is told."""
    allow(actor, "incident.act", incident)
    rules.running(incident)
    record(incident, e.EndProposed(rules.require(reason, "reason")), by=actor, at=now)
    tell_of([incident.commander_id or 0], "incident_end_proposed", incident, now)


def end(actor: Actor, now: datetime, incident: Incident, *, statement: str, why: Mapping[str, str]) -> None:
    """The commander's declared end against the written criteria (EM7); every department is told and asked.

    `why` has a reason for each kind of fact that stands against it (codes of doubts.CODES).
    """
    allow(actor, "incident.command", incident)
    rules.running(incident)
    if actor.id != incident.commander_id:
        raise Forbidden("not_the_commander", name=incident.commander)
    left = [plans.words(incident.plan_version, c["code"], c["text"], locale()) for c in rules.unmet(incident)]
    against = queries.doubts_of(incident)
    event = rules.end(incident, statement, listed(left), against, why, queries.review_due(incident, now))
    record(incident, event, by=actor, at=now)
    closing_actions.ask_departments(actor, now, incident)
    force_majeure_actions.let_run(actor, now, incident)
    holders = [r.person_id for r in incident.held.values()] + [incident.review_owner_id or 0]
    told = holders + people.holders("supervisor") + people.holders("head")
    tell_of([i for i in told if i not in (0, actor.id)], "incident_ended", incident, now)
