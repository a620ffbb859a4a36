"""What can be done from the board: each deed's form, right, when it is offered, and the action behind it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.identity.actor import Actor
from portal.incidents import actions, forms, plans, queries, rules, telling
from portal.incidents.models import Incident
from portal.journal.stream import Line
from portal.kernel.i18n import hm, locale, term

Run = Callable[[Actor, datetime, Incident, Any], Any]
Prepare = Callable[[Actor, datetime, Incident, Any], None]


@dataclass(frozen=True)
class Deed:
    """One button of the board. `careful` deeds compare the version the person saw."""

    form: type[forms.Deed]
    title: Any
    verb: str
    run: Run
    prepare: Prepare | None = None
    states: tuple[str, ...] = ("active",)
    careful: bool = False


def _plan(incident: Incident) -> plans.Plan:
    return plans.of(incident.plan_version)


def _options(scale: dict[str, plans.Named]) -> list[tuple[str, str]]:
    return [(code, row.word(locale())) for code, row in scale.items()]


def _kinds(prefix: str, codes: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(code, term(f"{prefix}.{code}")) for code in codes]


def _people() -> list[tuple[str, str]]:
    return [("", "")] + [(str(i), name) for i, name in queries.candidates()]


def _declare_form(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    plan, commanders = plans.latest(), [(str(i), name) for i, name in queries.commanders()]
    form.offer(kind=_options(plan.classes), grade=_options(plan.grades), commander=commanders)
    everyone = _people()
    form.offer(service=everyone, technical=everyone, logistics=everyone)
    proposed = rules.propose_grade(plan, incident.extent, incident.affected)
    word = plan.grades[proposed].word(locale())
    form.grade.description = _l("Proposed: %(grade)s, from how far it reaches and how many customers", grade=word)
    if not form.is_submitted():
        form.kind.data, form.grade.data = incident.kind, proposed
        form.commander.data = str(actor.id) if actor.has("commander") else form.commander.data


def _declare(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    given = {role: getattr(form, role).data for role in ("commander", "service", "technical", "logistics")}
    roles = {role: int(person) for role, person in given.items() if person}
    actions.declare(
        actor,
        now,
        incident,
        kind=form.kind.data,
        grade=form.grade.data,
        reason=form.reason.data or "",
        roles=roles,
    )


def _grade_form(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    form.offer(grade=_options(_plan(incident).grades))
    if not form.is_submitted():
        form.grade.data = incident.grade


def _role_form(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    form.offer(role=_options(_plan(incident).roles), person=_people())


def _acknowledge_form(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    roles = _plan(incident).roles
    mine = [r for r, row in incident.held.items() if row.person_id == actor.id and not row.acknowledged_at]
    form.offer(role=[(r, roles[r].word(locale())) for r in mine])


def _task_form(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    form.offer(kind=_kinds("task_kind", rules.TASK_KINDS), role=_options(_plan(incident).roles), owner=_people())
    if not form.is_submitted():
        form.kind.data = "remote"
        form.due.data = now + timedelta(minutes=30)


def _done_form(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    left = [t for t in incident.tasks if not t.done_at]
    form.offer(
        task=[(str(t.n), f"{plans.words(incident.plan_version, t.code, t.title, locale())} · {t.owner}") for t in left]
    )


def _entry_form(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    form.offer(kind=_kinds("entry", rules.ENTRY_KINDS))
    if not form.is_submitted():
        form.kind.data = "information"


def _correct_form(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    form.offer(n=[(str(line.n), _short(line)) for line in correctable(queries.history(incident))])


def correctable(lines: list[Line]) -> list[Line]:
    """The entries that stand: written by hand and not yet corrected."""
    gone = {line.facts["n"] for line in lines if line.kind == "Corrected"}
    return [line for line in lines if line.kind in ("Entered", "Corrected") and line.n not in gone]


def _short(line: Line) -> str:
    text = line.facts["text"]
    return f"{hm(line.at)} {text[:60]}{'…' if len(text) > 60 else ''}"


def _situation_form(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    minutes = _plan(incident).grades[incident.grade].facts["report_minutes"] if incident.grade else 60
    if not form.is_submitted():
        form.next_report.data = now + timedelta(minutes=minutes)


def _publish_form(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    form.offer(n=[(str(a["n"]), a["text"][:80]) for a in incident.announcements if not a["published"]])


def _unlink_form(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    form.offer(number=[(c.no, c.no) for c in queries.linked(incident.id, 200) if c.open])


def _criterion_form(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    left = rules.unmet(incident)
    form.offer(code=[(c["code"], plans.words(incident.plan_version, c["code"], c["text"], locale())) for c in left])


BOTH = ("reported", "active")
DEEDS: dict[str, Deed] = {
    "declare": Deed(forms.DeclareForm, _l("Declare"), "incident.declare", _declare, _declare_form, ("reported",), True),
    "dismiss": Deed(
        forms.DismissForm,
        _l("No emergency"),
        "incident.declare",
        lambda a, now, i, f: actions.dismiss(a, now, i, reason=f.reason.data),
        None,
        ("reported",),
        True,
    ),
    "situation": Deed(
        forms.SituationForm,
        _l("Write situation report"),
        "incident.act",
        lambda a, now, i, f: telling.report_situation(a, now, i, text=f.text.data, next_report=f.next_report.data),
        _situation_form,
    ),
    "entry": Deed(
        forms.EntryForm,
        _l("Add entry"),
        "incident.act",
        lambda a, now, i, f: telling.enter(a, now, i, kind=f.kind.data, text=f.text.data, reason=f.reason.data or ""),
        _entry_form,
        BOTH,
    ),
    "correct": Deed(
        forms.CorrectForm,
        _l("Correct an entry"),
        "incident.act",
        lambda a, now, i, f: telling.correct(a, now, i, n=int(f.n.data), text=f.text.data),
        _correct_form,
        BOTH,
    ),
    "task": Deed(
        forms.TaskForm,
        _l("New task"),
        "incident.act",
        lambda a, now, i, f: actions.add_task(
            a,
            now,
            i,
            title=f.title.data,
            kind=f.kind.data,
            role=f.role.data,
            owner_id=int(f.owner.data),
            due=f.due.data,
        ),
        _task_form,
    ),
    "done": Deed(
        forms.DoneForm,
        _l("Task done"),
        "incident.view",
        lambda a, now, i, f: actions.complete_task(a, now, i, n=int(f.task.data), evidence=f.evidence.data),
        _done_form,
    ),
    "announce": Deed(
        forms.AnnouncementForm,
        _l("Draft announcement"),
        "incident.act",
        lambda a, now, i, f: telling.draft_announcement(
            a, now, i, text=f.text.data, channels=f.channels.data, recovery=f.recovery.data, next_news=f.next_news.data
        ),
    ),
    "publish": Deed(
        forms.PublishForm,
        _l("Publish announcement"),
        "incident.command",
        lambda a, now, i, f: telling.publish_announcement(a, now, i, n=int(f.n.data)),
        _publish_form,
    ),
    "affected": Deed(
        forms.AffectedForm,
        _l("Affected customers"),
        "incident.act",
        lambda a, now, i, f: telling.estimate_affected(a, now, i, count=f.count.data, basis=f.basis.data),
        None,
        BOTH,
    ),
    "link": Deed(
        forms.LinkForm,
        _l("Link cases"),
        "incident.link",
        lambda a, now, i, f: telling.link_cases(a, now, i, numbers=re.split(r"[\s,，;；、]+", f.numbers.data)),
        None,
        BOTH,
    ),
    "unlink": Deed(
        forms.UnlinkForm,
        _l("Take a link back"),
        "incident.link",
        lambda a, now, i, f: telling.unlink_case(a, now, i, number=f.number.data, reason=f.reason.data),
        _unlink_form,
        BOTH,
    ),
    "role": Deed(
        forms.RoleForm,
        _l("Roles and hand-over"),
        "incident.declare",
        lambda a, now, i, f: actions.assign_role(
            a, now, i, role=f.role.data, person_id=int(f.person.data), handover=f.handover.data or ""
        ),
        _role_form,
        ("active",),
        True,
    ),
    "acknowledge": Deed(
        forms.AcknowledgeForm,
        _l("I am in place"),
        "incident.view",
        lambda a, now, i, f: actions.acknowledge(a, now, i, role=f.role.data),
        _acknowledge_form,
    ),
    "grade": Deed(
        forms.GradeForm,
        _l("Change grade"),
        "incident.command",
        lambda a, now, i, f: actions.change_grade(a, now, i, grade=f.grade.data, reason=f.reason.data),
        _grade_form,
        ("active",),
        True,
    ),
    "criterion": Deed(
        forms.CriterionForm,
        _l("Settle a condition"),
        "incident.act",
        lambda a, now, i, f: telling.settle_criterion(
            a, now, i, code=f.code.data, how=f.how.data, waived=f.waived.data
        ),
        _criterion_form,
    ),
    "propose": Deed(
        forms.ProposeEndForm,
        _l("Propose the end"),
        "incident.act",
        lambda a, now, i, f: actions.propose_end(a, now, i, reason=f.reason.data),
    ),
    "end": Deed(
        forms.EndForm,
        _l("Declare the end"),
        "incident.command",
        lambda a, now, i, f: actions.end(a, now, i, statement=f.statement.data),
        None,
        ("active",),
        True,
    ),
}
