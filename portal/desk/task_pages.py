"""Tasks: the lists (mine, my departments', ordered by me, ended), ordering one without a case, and one task's page."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, url_for

from portal.cases.team_telling import TELLERS
from portal.cases.telling import Entry, told
from portal.collaboration import task_queries, task_rules, tasks
from portal.collaboration.models import Task
from portal.desk.caches import departments
from portal.desk.case_view import names
from portal.desk.team_forms import OrderForm, TaskWordForm, persons
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow, may, scope
from portal.identity.queries import unit_name
from portal.identity.session import current_actor
from portal.intake.forms import time_hint
from portal.journal import stream
from portal.kernel import clock, i18n
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Missing, Refused
from portal.kernel.i18n import sentence

bp = Blueprint("tasks", __name__, url_prefix="/tasks")
SHOWS = ("mine", "unit", "given", "ended")
ACTS: dict[str, tuple[Callable[..., None], tuple[str, ...]]] = {
    "report": (tasks.report, ("words",)),
    "done": (tasks.finish, ("words",)),
    "return": (tasks.give_back, ("words",)),
    "again": (tasks.reopen, ("words", "due")),
    "chase": (tasks.chase, ("words",)),
}


@bp.get("")
def index() -> Any:
    """A list of tasks; of one department with `unit`."""
    actor = current_actor()
    allow(actor, "task.view")
    show = request.args.get("show", "mine")
    if show not in SHOWS:
        raise Missing("not_found")
    seen = scope(actor, "queue.view")
    units = [u for u in departments() if seen is None or u.id in seen]
    unit = next((u for u in units if u.code == request.args.get("unit")), None)
    rows = task_queries.tasks(actor, show, unit.id if unit else None)
    counts = task_queries.counts(actor, SHOWS[:3], unit.id if unit else None)
    return render_template(
        "desk/tasks.html", rows=rows, show=show, shows=SHOWS, counts=counts, names=names(), unit=unit,
        units=[(u.code, u.called(i18n.locale())) for u in units], cases=task_queries.numbers(rows), now=clock.now(),
    )  # fmt: skip


@bp.get("/new")
def new() -> Any:
    """The form that orders a task without a case."""
    allow(current_actor(), "task.order")
    return _new_page(_order_form())


@bp.post("/new")
def order() -> Any:
    """Orders a task; the same form sent twice makes one."""
    actor, now = current_actor(), clock.now()
    allow(actor, "task.order")
    form = _order_form()
    if not form.validate_on_submit():
        return _new_page(form, 422)
    try:
        with transaction():
            made = tasks.order(
                actor, now, text=form.text.data, unit_id=form.unit_id.data, person_id=form.person_id.data or 0,
                due=getattr(form.due, "instant", None), kind=form.kind.data, key=f"task:{form.key.data}"[:64],
            )  # fmt: skip
            task_id = made.id
    except Invalid as refused:
        _at_field(form, refused)
        return _new_page(form, refused.status)
    return redirect(url_for(".page", task_id=task_id), 303)


def _order_form() -> OrderForm:
    form = OrderForm()
    form.unit_id.choices = [(u.id, unit_name(u)) for u in people.departments()]
    form.person_id.choices = persons()
    form.due.description = time_hint()
    if not form.is_submitted():
        form.key.data = uuid4().hex
    return form


def _new_page(form: OrderForm, status: int = 200) -> Any:
    return render_template("desk/task_new.html", form=form), status


@bp.get("/<int:task_id>")
def page(task_id: int) -> Any:
    """One task: what, who, until when, what was said, and what can be done now."""
    actor = current_actor()
    allow(actor, "task.view")
    return _page(actor, task_queries.task_for(actor, task_id))


def _page(actor: Actor, task: Task, refused: tuple[str, Any] | None = None, status: int = 200) -> Any:
    found = possible(actor, task)
    forms = {name: _word_form(name, task) for name in found}
    if refused and refused[0] in forms:
        forms[refused[0]] = refused[1]
    case = task_queries.numbers([task]).get(task.case_id or 0)
    return render_template(
        "desk/task.html", task=task, forms=forms, opened=refused[0] if refused else "", case=case, names=names(),
        history=history(task), now=clock.now(),
    ), status  # fmt: skip


def history(task: Task) -> list[Entry]:
    """What was said about the task, newest first, from the journal in which it stands."""
    subject = f"case:{task.case_id}" if task.case_id else task.stream
    lines = stream.read(subject, newest_first=True)
    return [told(line, names()) for line in lines if line.kind in TELLERS and line.facts.get("n") == task.n]


def possible(actor: Actor, task: Task) -> list[str]:
    """What this person can do to the task now."""
    if task.state == "open":
        own = task_rules.owns(actor, task)
        return (["report", "done", "return"] if own else []) + (["chase"] if _may_chase(actor, task) else [])
    ruler = task.by_id == actor.id or actor.has(*task_rules.RULERS)
    return ["again"] if ruler and task.state in ("done", "returned") else []


def _may_chase(actor: Actor, task: Task) -> bool:
    return task.person_id != actor.id and (
        task.by_id == actor.id or may(actor, "case.chase") or may(actor, "task.order")
    )


def _word_form(name: str, task: Task) -> TaskWordForm:
    form: TaskWordForm = TaskWordForm(prefix=f"{name}-").keep(*ACTS[name][1])
    form.words.label.text = i18n.term(f"task.words.{name}")
    if "due" in form:
        form.due.description = time_hint()
    if not form.is_submitted():
        form.seen.data = str(task.version)
    return form


@bp.post("/<int:task_id>/<act>")
def do(task_id: int, act: str) -> Any:
    """Reports, hands in, hands back, gives once more or chases; what was typed comes back on a refusal."""
    actor, now = current_actor(), clock.now()
    allow(actor, "task.view")
    task = task_queries.task_for(actor, task_id)
    if act not in ACTS:
        raise Missing("not_found")
    form = _word_form(act, task)
    if not form.validate_on_submit():
        return _page(actor, task, (act, form), 422)
    call, names_ = ACTS[act]
    facts = {name: getattr(form[name], "instant", None) if name == "due" else form[name].data or "" for name in names_}
    try:
        with transaction():
            seen = form.seen.data or ""
            task = task_queries.task_to_change(actor, task_id, int(seen) if seen.isdigit() else -1)
            call(actor, now, task, **facts)
    except Refused as refused:
        if refused.status not in (409, 422):
            raise
        task = task_queries.task_for(actor, task_id)
        if act not in possible(actor, task):
            raise
        _at_field(form, refused)
        form.seen.data = str(task.version)
        form.seen.raw_data = None
        return _page(actor, task, (act, form), refused.status)
    return redirect(url_for(".page", task_id=task_id, done=act), 303)


def _at_field(form: Any, refused: Refused) -> None:
    where = refused.facts.get("field")
    if where and where in form:
        form[where].errors = [*form[where].errors, sentence(refused)]
    else:
        form.form_errors.append(sentence(refused))
