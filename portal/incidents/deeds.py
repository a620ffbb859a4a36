"""What can be done from the board: each deed's form, right, when it is offered, and the action behind it."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.identity.actor import Actor
from portal.incidents import actions, forms, offers, telling
from portal.incidents.calling_deeds import CALLING
from portal.incidents.closing_deeds import CLOSING
from portal.incidents.deed import Deed
from portal.incidents.drill_deeds import DRILL
from portal.incidents.merging_deeds import MERGING
from portal.incidents.models import Incident
from portal.incidents.news_deeds import NEWS
from portal.incidents.review_deeds import REVIEW


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


def _end(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Settles the conditions that the form settles, then ends: all of it or nothing."""
    for code, how, off in form.conditions:
        telling.settle_criterion(actor, now, incident, code=code, how=how.data, waived=bool(off.data))
    actions.end(actor, now, incident, statement=form.statement.data, why=form.why)


BOTH = ("reported", "active")
DEEDS: dict[str, Deed] = {
    "declare": Deed(
        forms.DeclareForm,
        _l("Declare"),
        "incident.declare",
        _declare,
        offers.declare,
        ("reported",),
        True,
        send=_l("Put the plan in force"),
        note=_l(
            "The plan comes into force: roles, tasks with due times and end conditions are set, "
            "and all concerned are told."
        ),
    ),
    "dismiss": Deed(
        forms.DismissForm,
        _l("No emergency"),
        "incident.declare",
        lambda a, now, i, f: actions.dismiss(a, now, i, reason=f.reason.data),
        None,
        ("reported",),
        True,
        send=_l("Close the report as no emergency"),
    ),
    "situation": Deed(
        forms.SituationForm,
        _l("Write situation report"),
        "incident.act",
        lambda a, now, i, f: telling.report_situation(
            a, now, i, text=f.text.data, next_report=f.next_report.data, last=bool(f.last and f.last.data)
        ),
        offers.situation,
        send=_l("Send the situation report"),
        note=_l("For those who work on the incident; customers do not read it."),
    ),
    "put_off": Deed(
        forms.PutOffForm,
        _l("Put the report off"),
        "incident.act",
        lambda a, now, i, f: telling.put_off_report(a, now, i, until=f.until.data, reason=f.reason.data),
    ),
    "entry": Deed(
        forms.EntryForm,
        _l("Add entry"),
        "incident.act",
        lambda a, now, i, f: telling.enter(
            a, now, i, kind=f.kind.data, text=f.text.data, reason=f.reason.data or "", options=f.options.data or ""
        ),
        offers.entry,
        BOTH,
        send=_l("Add to the timeline"),
    ),
    "correct": Deed(
        forms.CorrectForm,
        _l("Correct an entry"),
        "incident.act",
        lambda a, now, i, f: telling.correct(a, now, i, n=int(f.n.data), text=f.text.data),
        offers.correct,
        BOTH,
        send=_l("Save the correction"),
        note=_l("The earlier entry stays readable."),
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
        offers.task,
        send=_l("Give the task"),
    ),
    "done": Deed(
        forms.DoneForm,
        _l("Task done"),
        "incident.view",
        lambda a, now, i, f: actions.complete_task(a, now, i, n=int(f.task.data), evidence=f.evidence.data),
        offers.done,
        send=_l("Record as done"),
    ),
    "move": Deed(
        forms.MoveForm,
        _l("Give the task to another"),
        "incident.act",
        lambda a, now, i, f: actions.move_task(a, now, i, n=int(f.task.data), owner_id=int(f.owner.data)),
        offers.move,
        send=_l("Hand over the task"),
    ),
    **NEWS,
    "affected": Deed(
        forms.AffectedForm,
        _l("Affected customers"),
        "incident.act",
        lambda a, now, i, f: telling.estimate_affected(a, now, i, count=f.count.data, basis=f.basis.data),
        None,
        BOTH,
        send=_l("Save the estimate"),
    ),
    "link": Deed(
        forms.LinkForm,
        _l("Link cases"),
        "incident.link",
        lambda a, now, i, f: telling.link_cases(a, now, i, numbers=f.chosen, since=f.from_when),
        offers.link,
        BOTH,
        send=_l("Link these cases"),
    ),
    "unlink": Deed(
        forms.UnlinkForm,
        _l("Remove a link"),
        "incident.link",
        lambda a, now, i, f: telling.unlink_case(a, now, i, number=f.number.data, reason=f.reason.data),
        offers.unlink,
        BOTH,
        send=_l("Remove the link"),
    ),
    "role": Deed(
        forms.RoleForm,
        _l("Roles and hand-over"),
        "incident.declare",
        lambda a, now, i, f: actions.assign_role(
            a, now, i, role=f.role.data, person_id=int(f.person.data), handover=f.handover.data or ""
        ),
        offers.role,
        ("active",),
        True,
        send=_l("Give the role"),
    ),
    "acknowledge": Deed(
        forms.AcknowledgeForm,
        _l("I am in place"),
        "incident.view",
        lambda a, now, i, f: actions.acknowledge(a, now, i, role=f.role.data),
        offers.acknowledge,
        send=_l("Confirm that I am in place"),
    ),
    "grade": Deed(
        forms.GradeForm,
        _l("Change grade"),
        "incident.command",
        lambda a, now, i, f: actions.change_grade(a, now, i, grade=f.grade.data, reason=f.reason.data),
        offers.grade,
        ("active",),
        True,
        send=_l("Change the grade"),
    ),
    "criterion": Deed(
        forms.CriterionForm,
        _l("Settle a condition"),
        "incident.act",
        lambda a, now, i, f: telling.settle_criterion(
            a, now, i, code=f.code.data, how=f.how.data, waived=f.waived.data
        ),
        offers.criterion,
        send=_l("Record as met"),
    ),
    "propose": Deed(
        forms.ProposeEndForm,
        _l("Propose the end"),
        "incident.act",
        lambda a, now, i, f: actions.propose_end(a, now, i, reason=f.reason.data),
        send=_l("Propose it to the commander"),
        note=_l("A proposal ends nothing: the commander is told and decides."),
    ),
    "end": Deed(
        forms.EndForm,
        _l("Declare the end"),
        "incident.command",
        _end,
        offers.end,
        ("active",),
        True,
        send=_l("Declare the incident ended"),
        note=_l("This ends the incident for all: nothing can be changed afterwards, and every department is told."),
    ),
    **CALLING,
    **CLOSING,
    **REVIEW,
    **DRILL,
    **MERGING,
}
