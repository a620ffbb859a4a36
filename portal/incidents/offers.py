"""What the forms of the board offer: their lists and proposals, filled from the incident as it is now."""

from datetime import datetime, timedelta
from typing import Any

from flask import request, url_for

from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.incidents import grading_rules, grading_words, in_line, plans, queries, rules
from portal.incidents.closing_offers import against
from portal.incidents.doubts import HARD
from portal.incidents.models import Incident, IncidentTask
from portal.journal.stream import Line
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import hm, instant, locale, ngettext, term


def _plan(incident: Incident) -> plans.Plan:
    return plans.of(incident.plan_version)


def _options(scale: dict[str, plans.Named]) -> list[tuple[str, str]]:
    return [(code, row.word(locale())) for code, row in scale.items()]


def _kinds(prefix: str, codes: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(code, term(f"{prefix}.{code}")) for code in codes]


def _named(found: list[tuple[int, str]], nobody: str = "") -> list[tuple[str, str]]:
    return [("", nobody or _("Please choose")), *((str(i), name) for i, name in found)]


def _by_line(line: list[in_line.Next], everyone: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """People with those of the role's line first, as they would be called, and who is on duty or away marked."""
    known = dict(everyone)
    first = {one.person_id: one._replace(name=known[one.person_id]).word for one in line if one.person_id in known}
    return list((first | {number: name for number, name in everyone if number not in first}).items())


def _roles(incident: Incident) -> list[tuple[str, str]]:
    return [("", _("Please choose")), *_options(_plan(incident).roles)]


def _criteria(plan: plans.Plan) -> str:
    """From when each grade is proposed and how often it is reported: one line a grade."""
    lines = []
    for row in plan.grades.values():
        facts = {"grade": row.word(locale()), "minutes": row.facts["report_minutes"]}
        facts["from"] = grading_words.conditions(row)
        lines.append(_("%(grade)s: %(from)s; report every %(minutes)s minutes", **facts))
    return "\n".join(lines)


def _tasks(incident: Incident, left: list[IncidentTask]) -> list[tuple[str, str]]:
    version, language = incident.plan_version, locale()
    return [(str(t.n), f"{plans.words(version, t.code, t.title, language)} · {t.owner}") for t in left]


def may_finish(actor: Actor, incident: Incident, owner_id: int) -> bool:
    """Whether this person may say that a task of this owner is done: the owner, and those who lead."""
    return owner_id == actor.id or may(actor, "incident.declare", incident)


def declare(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Class, grade with its proposal, and the people who lead."""
    plan = plans.latest()
    lines = in_line.lines(plan, now)
    form.offer(kind=_options(plan.classes), grade=_options(plan.grades))
    form.offer(commander=_named(_by_line(lines.get("commander", []), queries.commanders())))
    for code in ("service", "technical", "logistics"):
        form.offer(**{code: _named(_by_line(lines.get(code, []), queries.candidates()), _("Nobody yet"))})
        form[code].description = _("Left at nobody, the commander gets the tasks of this role.")
    linked, _open = queries.linked_counts(incident.id)
    proposed = grading_rules.propose(plan, grading_rules.answers_of(incident, linked)).grade
    form.grade.description = f"{grading_words.proposal(plan, incident, linked)}\n{_criteria(plan)}"
    if not form.is_submitted():
        form.kind.data, form.grade.data = incident.kind, proposed
        form.commander.data = str(actor.id) if actor.has("commander") else form.commander.data


def grade(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """The grades with their thresholds."""
    form.offer(grade=_options(_plan(incident).grades))
    linked, _open = queries.linked_counts(incident.id)
    form.grade.description = (
        f"{grading_words.proposal(_plan(incident), incident, linked)}\n{_criteria(_plan(incident))}"
    )
    if not form.is_submitted():
        form.grade.data = incident.grade


def role(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Roles and people, those who may command first; none is chosen beforehand."""
    leaders = queries.commanders()
    known = {i for i, _name in leaders}
    others = [one for one in queries.candidates() if one[0] not in known]
    may_lead = [(i, _("%(name)s (may command)", name=name)) for i, name in leaders if i != incident.commander_id]
    form.offer(role=_roles(incident), person=_named(may_lead + others))
    form.person.description = _("Command itself goes only to those who may command; they stand first.")
    form.handover.description = _("Required when command itself is handed over; for other roles it may stay empty.")


def acknowledge(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """One's own roles."""
    roles = _plan(incident).roles
    mine = [r for r, row in incident.held.items() if row.person_id == actor.id and not row.acknowledged_at]
    form.offer(role=[(r, roles[r].word(locale())) for r in mine])


def task(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Kinds, groups and people; half an hour is proposed."""
    groups = [(code, row.group(locale())) for code, row in _plan(incident).roles.items()]
    everyone = _named(queries.candidates())
    form.offer(kind=_kinds("task_kind", rules.TASK_KINDS), role=[("", _("Please choose")), *groups], owner=everyone)
    if not form.is_submitted():
        form.kind.data = "remote"
        form.due.data = now + timedelta(minutes=30)


def done(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """The open tasks that this person may finish."""
    left = [t for t in incident.tasks if not t.done_at and may_finish(actor, incident, t.owner_id)]
    form.offer(task=_tasks(incident, left))


def move(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Open tasks, and everybody."""
    left = [t for t in incident.tasks if not t.done_at]
    form.offer(task=_tasks(incident, left), owner=_named(queries.candidates()))


def entry(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Information or decision."""
    form.offer(kind=_kinds("entry", rules.ENTRY_KINDS))
    if not form.is_submitted():
        form.kind.data = "information"


def correct(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Entries that still stand."""
    form.offer(n=[(str(line.n), _short(line)) for line in correctable(queries.history(incident))])


def correctable(lines: list[Line]) -> list[Line]:
    """The entries that stand: written by hand and not yet corrected."""
    gone = {line.facts["n"] for line in lines if line.kind == "Corrected"}
    return [line for line in lines if line.kind in ("Entered", "Corrected") and line.n not in gone]


def _short(line: Line) -> str:
    text = line.facts["text"]
    return f"{hm(line.at)} {text[:60]}{'…' if len(text) > 60 else ''}"


def situation(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """The next report as often as the grade asks for it."""
    grades = _plan(incident).grades
    minutes = grades[incident.grade].facts["report_minutes"] if incident.grade else 60
    if incident.grade != next(iter(grades)):
        del form.last
    if not form.is_submitted():
        form.next_report.data = now + timedelta(minutes=minutes)


def link(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Open cases that speak of the same thing; those ticked stay offered."""
    older = request.args.get("older") == "1"
    found = queries.likely_cases(incident, form.cases.data or (), older=older)
    if not older:
        form.older = url_for("incidents.deed", no=incident.no, name="link", older=1)
    if not form.is_submitted():
        form.since.data = incident.occurred_at
    if form.since.data:
        many = len(queries.alike_since(incident, form.since.data))
        form.alike.description = ngettext("%(n)s open case now", "%(n)s open cases now", many)
    if found:
        form.offer(cases=[(case.no, _case(actor, case)) for case in found])
    else:
        del form.cases
        form.numbers.description = _("No open case resembles this incident; write the numbers.")


def _case(actor: Actor, case: queries.LikelyCase) -> str:
    """How a case is offered: its title, and for those who may not open it also the words it shares."""
    shared = "" if may(actor, "case.view", case) or not case.shared else "“" + "… ".join(case.shared[:6]) + "”"
    when = instant(case.received_at)
    facts = (case.no, case.level, when, term("state." + case.state), case.unit, case.title, shared)
    return " · ".join(x for x in facts if x)


def unlink(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Linked cases that are open."""
    form.offer(number=[(c.no, c.no) for c in queries.linked(incident.id, 200) if c.open])


def end(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Open conditions, to be settled here, and what stands against the end, with a reason for each that may stand."""
    version, language = incident.plan_version, locale()
    form.settle({c["code"]: plans.words(version, c["code"], c["text"], language) for c in rules.unmet(incident)})
    waived = [code for code, _how, off in form.conditions if off.data]
    standing = dict(against(incident, queries.doubts_of(incident, int(now.timestamp()), waived)))
    form.preview = [("no", standing.pop(code)) for code in HARD if code in standing]
    form.against = standing
    form.ask(form.against)


def criterion(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Conditions still open."""
    left = rules.unmet(incident)
    form.offer(code=[(c["code"], plans.words(incident.plan_version, c["code"], c["text"], locale())) for c in left])
