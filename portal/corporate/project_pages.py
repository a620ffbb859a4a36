"""URLs of support projects: the list, its table as XLSX, one project, documents, and the deeds."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from portal.attachments.receiving import begins, sent
from portal.cases import looks
from portal.corporate import due_actions, due_deeds, forms, listing, project_actions, queries
from portal.corporate.doing import Deed, Room, ask, at_field, do
from portal.corporate.history import history
from portal.corporate.models import Project
from portal.corporate.rules import STATES
from portal.corporate.view import slips, verdict
from portal.directory.queries import customer
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow, may
from portal.identity.session import current_actor
from portal.kernel import clock, sheets
from portal.kernel.db import transaction
from portal.kernel.errors import Refused
from portal.kernel.i18n import day, local, term
from portal.kernel.i18n import gettext as _
from portal.kernel.sheets import Column
from portal.workflows.opening import door

bp = Blueprint("projects", __name__, url_prefix="/projects")
CHOICES = 500  # group customers offered for a new project


def _change(actor: Actor, now: datetime, project: Project, form: Any, taken: Any) -> None:
    project_actions.change(
        actor, now, project, name=form.name.data, leader_id=form.leader_id.data or 0, goal=form.goal.data or ""
    )  # fmt: skip


def _state(actor: Actor, now: datetime, project: Project, form: Any, taken: Any) -> None:
    project_actions.move(actor, now, project, state=form.state.data, reason=form.reason.data or "")


def _order(actor: Actor, now: datetime, project: Project, form: Any, taken: Any) -> None:
    project_actions.link_order(actor, now, project, no=form.no.data)


def _order_gone(actor: Actor, now: datetime, project: Project, form: Any, taken: Any) -> None:
    project_actions.unlink_order(actor, now, project, no=form.n.data)


def _milestone(actor: Actor, now: datetime, project: Project, form: Any, taken: Any) -> None:
    _once("milestone", actor, now, project, form)


def _task(actor: Actor, now: datetime, project: Project, form: Any, taken: Any) -> None:
    _once("task", actor, now, project, form)


def _once(kind: str, actor: Actor, now: datetime, project: Project, form: Any) -> None:
    due_actions.plan(
        actor, now, project, kind=kind, title=form.title.data, spans=[("", form.day.data)],
        owner_id=form.owner_id.data or 0, ahead=form.ahead.data,
    )  # fmt: skip


DEEDS: dict[str, Deed] = {
    "change": Deed(forms.ProjectForm, _change, "facts"),
    "state": Deed(forms.StateForm, _state, "facts", "flag"),
    "milestone": Deed(forms.OnceForm, _milestone, "milestones", "plus"),
    "task": Deed(forms.OnceForm, _task, "tasks", "plus"),
    "order": Deed(forms.OrderForm, _order, "orders", "link"),
    "order_gone": Deed(forms.OwnerForm, _order_gone, "orders", "x", of="orders"),
}
ROOM = Room(
    DEEDS | due_deeds.DEEDS, queries.project, queries.project_to_change, "projects.page", "corporate/form.html"
)  # fmt: skip


def _wanted() -> listing.Wanted:
    args = request.args
    return listing.Wanted(
        args.get("q", "")[:80], tuple(args.getlist("state")), "mine" in args, "late" in args,
        args.get("customer", 0, type=int),
    )  # fmt: skip


@bp.get("")
def index() -> Any:
    """Support projects, the newest first, by state, responsible, customer."""
    actor, now, want = current_actor(), clock.now(), _wanted()
    allow(actor, "project.view")
    before = request.args.get("before", 0, type=int)
    found = listing.projects(actor, now, want, before=before)
    return render_template(
        "corporate/projects.html", rows=found, want=want, before=before, states=STATES, now=now,
        older=found[-1].id if len(found) == listing.PAGE else 0, args=request.args.to_dict(flat=False),
    )  # fmt: skip


@bp.get("/table.xlsx")
def table() -> Response:
    """The whole list as it is filtered; the export is written down."""
    actor, now, want = current_actor(), clock.now(), _wanted()
    allow(actor, "project.view")
    looks.note_print(actor, now, what="support projects xlsx")
    widths = (12, 36, 30, 10, 12, 12, 12, 10, 10, 12, 8, 30)
    heads = (
        _("Number"), _("Name of the project"), _("Customer"), _("State"), _("Responsible"), _("Opened on"),
        _("Ended on"), _("Milestones"), _("Milestones reached"), _("Next due"), _("Overdue items"), _("Orders"),
    )  # fmt: skip
    columns = [Column(head, width) for head, width in zip(heads, widths, strict=True)]
    file = sheets.table(_("Support projects"), columns, _rows(actor, now, want), foot=_("%d projects"))
    return sheets.sent(file, f"{_('Support projects')} {day(now)}")


def _rows(actor: Actor, now: datetime, want: listing.Wanted) -> Iterator[list[sheets.Cell]]:
    for one in listing.all_projects(actor, now, want):
        yield [
            one.code, one.name, one.customer, term(f"project_state.{one.state}"), one.leader,
            local(one.opened_at).date(), local(one.ended_at).date() if one.ended_at else None, one.milestones,
            one.reached, local(one.next).date() if one.next else None, one.late, " ".join(one.orders),
        ]  # fmt: skip


@bp.get("/new")
def new() -> Any:
    """The form of a new project; `customer` chooses one."""
    actor = current_actor()
    allow(actor, "project.edit")
    form = _form(actor)
    form.customer_id.data = request.args.get("customer", 0, type=int)
    form.key.data = uuid4().hex
    return _new_page(form)


def _form(actor: Actor) -> forms.NewProjectForm:
    form = forms.NewProjectForm()
    found = listing.files(actor, clock.now(), listing.Wanted(), size=CHOICES)
    form.customer_id.choices = [(one.id, f"{one.name} {one.code}") for one in found]
    form.prepare(None, None)
    return form


def _new_page(form: forms.NewProjectForm, status: int = 200) -> Response:
    return make_response(render_template("corporate/project_new.html", form=form), status)


@bp.post("/new")
def open_project() -> Any:
    """Opens a project; the same form sent twice makes one."""
    actor, now = current_actor(), clock.now()
    allow(actor, "project.edit")
    form = _form(actor)
    if not form.validate_on_submit():
        return _new_page(form, 422)
    try:
        with transaction():
            file, _known = queries.file(actor, form.customer_id.data)
            made = project_actions.open_project(
                actor, now, file, name=form.name.data or "", leader_id=form.leader_id.data or 0,
                goal=form.goal.data or "", key=f"project:{form.key.data or ''}"[:64],
            )  # fmt: skip
            owner_id = made.id
    except Refused as refused:
        if refused.status in (403, 404, 503):
            raise
        at_field(form, refused)
        return _new_page(form, refused.status)
    return redirect(url_for(".page", owner_id=owner_id), 303)


@bp.get("/<int:owner_id>")
def page(owner_id: int) -> Any:
    """One project: milestones with what slipped, tasks with their evidence, orders, documents."""
    actor, now = current_actor(), clock.now()
    project = queries.project(actor, owner_id)
    dues = sorted(project.dues, key=lambda due: (due.due_at, due.n))
    return render_template(
        "corporate/project.html", p=project, customer=customer(project.customer_id), now=now, verdict=verdict,
        slips=slips, milestones=[d for d in dues if d.kind == "milestone"],
        tasks=[d for d in dues if d.kind == "task"], documents=[d for d in project.documents if not d.withdrawn],
        edits=may(actor, "project.edit", project), names=people.names(), door_of=partial(door, actor),
        history=history(project), sees_file=_sees(actor, project.customer_id),
    )  # fmt: skip


def _sees(actor: Actor, customer_id: int) -> bool:
    found = queries.group_file(customer_id)
    return found is not None and may(actor, "corporate.view", found)


@bp.get("/<int:owner_id>/documents/<int:n>")
def document(owner_id: int, n: int) -> Any:
    """A document of the project, inert; the opening is written down."""
    actor, now = current_actor(), clock.now()
    project = queries.project(actor, owner_id)
    found = queries.document(project, n)
    if begins():
        looks.note_open(actor, now, what=f"{project.code} {found.title}")
    return sent(found)  # type: ignore[arg-type]


@bp.get("/<int:owner_id>/do/<name>", endpoint="ask")
def ask_deed(owner_id: int, name: str) -> Any:
    """The form of one deed on a project."""
    return ask(ROOM, owner_id, name)


@bp.post("/<int:owner_id>/do/<name>", endpoint="do")
def do_deed(owner_id: int, name: str) -> Any:
    """Does one thing to a project."""
    return do(ROOM, owner_id, name)
