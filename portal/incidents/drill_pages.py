"""URLs of drills: the calendar of required ones, planning, beginning and dropping one."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from portal.identity.policy import allow, may
from portal.identity.session import current_actor
from portal.incidents import drill_actions, drill_board, drill_queries, drills, plans, queries
from portal.incidents.drill_forms import DrillForm, DropForm
from portal.incidents.drill_models import Drill
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Stale
from portal.kernel.i18n import locale, sentence, term

bp = Blueprint("drills", __name__, url_prefix="/incidents/drills")
GOALS = tuple(drills.OBJECTIVES)


@bp.get("")
def index() -> Any:
    """The calendar of required drills, what is planned, what was held (EM9)."""
    allow(current_actor(), "incident.view")
    now = clock.now()
    kinds = {c: n.word(locale()) for c, n in plans.latest().classes.items()}
    return render_template(
        "incidents/drills.html", required=drill_queries.required(now), planned=drill_queries.planned(),
        held=drill_queries.held(), kinds=kinds, now=now, every=drills.EVERY_DAYS,
    )  # fmt: skip


def drill_form() -> DrillForm:
    """The form with its lists, the house's goals and injects in it."""
    form = DrillForm()
    form.offer(
        kind=[("", _("Please choose")), *((c, n.word(locale())) for c, n in plans.latest().classes.items())],
        owner=[("", _("Please choose")), *((str(i), name) for i, name in queries.candidates())],
    )
    form.injects.description = _("Like: T+10 a customer calls. They come on the board by themselves.")
    if not form.is_submitted():
        form.key.data, form.kind.data, form.extent.data = uuid4().hex, request.args.get("kind", ""), "many"
        form.injects.data = drills.injects(locale())
        for code, goal in drills.OBJECTIVES.items():
            form[code].data = goal
    return form


def form_page(form: DrillForm, status: int = 200) -> Any:
    """The form as a page."""
    return render_template("incidents/drill_new.html", form=form, goals=[form[code] for code in GOALS]), status


@bp.get("/new")
def new() -> Any:
    """The form of a drill."""
    allow(current_actor(), "drill.plan")
    return form_page(drill_form())


@bp.post("")
def add() -> Any:
    """Plans a drill; a refusal stands at its field and keeps what was typed."""
    actor, now, form = current_actor(), clock.now(), drill_form()
    allow(actor, "drill.plan")
    if not form.validate_on_submit() or form.planned.data is None:
        return form_page(form, 422)
    key = f"drill:{form.key.data}"[:64] if form.key.data else ""
    try:
        with transaction():
            drill_actions.plan(
                actor, now, kind=form.kind.data, title=form.title.data, extent=form.extent.data,
                place=form.place.data, scenario=form.scenario.data, planned=form.planned.data,
                owner_id=int(form.owner.data), objectives={code: form[code].data for code in GOALS},
                injects=form.injects.data or "", key=key,
            )  # fmt: skip
    except Invalid as refused:
        field = form[refused.facts["field"]]
        field.errors = [*field.errors, sentence(refused)]
        return form_page(form, 422)
    except Stale:  # the same form came twice at once
        if drill_queries.made_by(key) is None:
            raise
    flash(_("The drill is planned; its leader is reminded a day before."), "ok")
    return redirect(url_for(".index"), 303)


def drill_page(drill: Drill, form: DropForm, status: int = 200) -> Any:
    """One planned drill as a page."""
    actor = current_actor()
    kind = plans.latest().classes.get(drill.kind)
    held = queries.incident_by_id(drill.incident_id)
    goals = [(term(f"objective.{c}"), drill_board.amount(c, drill.objectives.get(c))) for c in GOALS]
    return render_template(
        "incidents/drill.html", one=drill, kind=kind.word(locale()) if kind else drill.kind, form=form, held=held,
        goals=goals, begins=may(actor, "incident.declare"), edits=may(actor, "drill.plan"), drill=True,
    ), status  # fmt: skip


@bp.get("/<int:number>")
def one(number: int) -> Any:
    """One planned drill: scenario, goals, injects."""
    allow(current_actor(), "incident.view")
    return drill_page(drill_queries.drill(number), DropForm())


@bp.post("/<int:number>/begin")
def begin(number: int) -> Any:
    """Begins it: from now on it is an incident, marked as an exercise everywhere."""
    actor, now = current_actor(), clock.now()
    allow(actor, "incident.declare")
    with transaction():
        no = drill_actions.begin(actor, now, drill_queries.drill_to_change(number)).no
    flash(_("The drill has begun. Declare it as you would in earnest."), "ok")
    return redirect(url_for("incidents.show", no=no), 303)


@bp.post("/<int:number>/drop")
def drop(number: int) -> Any:
    """A planned drill is not held, with the reason."""
    actor, now, form = current_actor(), clock.now(), DropForm()
    allow(actor, "drill.plan")
    if not form.validate_on_submit():
        return drill_page(drill_queries.drill(number), form, 422)
    with transaction():
        drill_actions.drop(actor, now, drill_queries.drill_to_change(number), reason=form.reason.data)
    flash(_("The drill was dropped; the reason is kept."), "ok")
    return redirect(url_for(".index"), 303)
