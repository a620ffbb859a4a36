"""What can be done from the board: each deed's form, right, when it is offered, and the action behind it."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.identity.actor import Actor
from portal.incidents import actions, forms, offers, telling
from portal.incidents.calling_deeds import CALLING
from portal.incidents.closing_deeds import CLOSING
from portal.incidents.deed import Deed
from portal.incidents.models import Incident
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
    ),
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
        offers.situation,
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
        lambda a, now, i, f: telling.enter(a, now, i, kind=f.kind.data, text=f.text.data, reason=f.reason.data or ""),
        offers.entry,
        BOTH,
    ),
    "correct": Deed(
        forms.CorrectForm,
        _l("Correct an entry"),
        "incident.act",
        lambda a, now, i, f: telling.correct(a, now, i, n=int(f.n.data), text=f.text.data),
        offers.correct,
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
        offers.task,
    ),
    "done": Deed(
        forms.DoneForm,
        _l("Task done"),
        "incident.view",
        lambda a, now, i, f: actions.complete_task(a, now, i, n=int(f.task.data), evidence=f.evidence.data),
        offers.done,
    ),
    "move": Deed(
        forms.MoveForm,
        _l("Give the task to another"),
        "incident.act",
        lambda a, now, i, f: actions.move_task(a, now, i, n=int(f.task.data), owner_id=int(f.owner.data)),
        offers.move,
    ),
    "announce": Deed(
        forms.AnnouncementForm,
        _l("Draft announcement"),
        "incident.act",
        lambda a, now, i, f: telling.draft_announcement(
            a,
            now,
            i,
            text=f.text.data,
            channels=f.channels.data,
            recovery=f.recovery.data,
            next_news=f.next_news.data,
            restored=f.restored.data,
        ),
    ),
    "publish": Deed(
        forms.PublishForm,
        _l("Publish announcement"),
        "incident.command",
        lambda a, now, i, f: telling.publish_announcement(a, now, i, n=int(f.n.data)),
        offers.publish,
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
        lambda a, now, i, f: telling.link_cases(a, now, i, numbers=f.chosen),
        offers.link,
        BOTH,
    ),
    "unlink": Deed(
        forms.UnlinkForm,
        _l("Take a link back"),
        "incident.link",
        lambda a, now, i, f: telling.unlink_case(a, now, i, number=f.number.data, reason=f.reason.data),
        offers.unlink,
        BOTH,
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
    ),
    "acknowledge": Deed(
        forms.AcknowledgeForm,
        _l("I am in place"),
        "incident.view",
        lambda a, now, i, f: actions.acknowledge(a, now, i, role=f.role.data),
        offers.acknowledge,
    ),
    "grade": Deed(
        forms.GradeForm,
        _l("Change grade"),
        "incident.command",
        lambda a, now, i, f: actions.change_grade(a, now, i, grade=f.grade.data, reason=f.reason.data),
        offers.grade,
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
        offers.criterion,
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
        lambda a, now, i, f: actions.end(a, now, i, statement=f.statement.data, why=f.why),
        offers.end,
        ("active",),
        True,
    ),
    **CALLING,
    **CLOSING,
    **REVIEW,
}
