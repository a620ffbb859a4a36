"""URLs of the emergency plans: what to do now, the plan of each class, a draft's rows, review, evaluation."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import lazy_gettext as _l

from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.incidents import (
    drill_queries,
    in_line,
    plan_actions,
    plan_bases,
    plan_drafts,
    plan_queries,
    plan_view,
    plans,
    review_board,
)
from portal.incidents.plan_drafts import ALL
from portal.incidents.plan_forms import FIELDS, EvaluationForm, RowForm, WhyForm
from portal.incidents.plan_models import PlanVersion
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Missing, Refused, Stale
from portal.kernel.i18n import sentence

bp = Blueprint("plans", __name__, url_prefix="/plans")
NEW = "new"
SAID = {
    "open": _l("The draft is open. Choose a row to change it."),
    "hand_in": _l("Handed in. Somebody who had no hand in it can put it in force or send it back."),
    "send_back": _l("Sent back with your reason."),
    "discard": _l("The draft is discarded; it stays readable."),
    "approve": _l("In force from now on. Running incidents keep the version they were declared on."),
    "row": _l("The row is kept in the draft."),
    "drop": _l("The row is taken out of the draft."),
    "evaluated": _l("The evaluation is recorded; the plan is due again in a year."),
}


@bp.get("")
def index() -> Any:
    """All plans: one for each class, with what is due."""
    allow(current_actor(), "plan.view")
    plan, now = plans.latest(), clock.now()
    since = plan_view.since(plan)
    return render_template(
        "incidents/plans.html", lines=plan_view.lines(plan, since, now), plan=plan, origin=plan_view.origin(plan),
        draft=plan_queries.open_draft(), rows=plan_queries.versions(), names=people.names(),
        told=plan_view.findings(_raw(plan), plan_queries.findings(_raw(plan))), cover=in_line.cover(plan, now),
        days=in_line.DAYS_AHEAD, scales=plan_view.sections(_raw(plan), [("grade", ALL), ("problem", ALL)]),
    )  # fmt: skip


@bp.get("/<kind>")
def one(kind: str) -> Any:
    """The plan of a class: first whom to call and what to say, then the whole."""
    allow(current_actor(), "plan.view")
    return _one(kind, EvaluationForm(None))


@bp.post("/<kind>/evaluated")
def evaluated(kind: str) -> Any:
    """The plan was looked at as a whole (EM8)."""
    actor, form = current_actor(), EvaluationForm()
    allow(actor, "plan.review")
    try:
        with transaction():
            plan_actions.evaluate(actor, clock.now(), kind, form.why.data or "")
    except Invalid as refused:
        form.why.errors = [sentence(refused)]
        return _one(kind, form), 422
    return _gone("evaluated", url_for("plans.one", kind=kind))


@bp.post("/draft")
def open_draft() -> Any:
    """Opens a draft with what is in force, or leads to the open one."""
    actor = current_actor()
    with transaction():
        draft = plan_actions.open_draft(actor, clock.now())
    return _gone("open", url_for("plans.version", version=draft.version))


@bp.get("/version/<int:version>")
def version(version: int) -> Any:
    """A version of this house: its rows, what the check found, what it changes, what may be done with it."""
    allow(current_actor(), "plan.view")
    return _version(plan_queries.one(version))


@bp.get("/version/<int:version>/row/<part>/<place>/<code>")
def row(version: int, part: str, place: str, code: str) -> Any:
    """The form of one row of a draft; `new` for one more."""
    allow(current_actor(), "plan.edit")
    draft = _draft(version, part)
    form = RowForm(None)
    form.keep(part, draft.data)
    form.put(part, _old(draft, part, place, code), draft.revision)
    return _row(draft, part, place, code, form)


@bp.post("/version/<int:version>/row/<part>/<place>/<code>")
def write(version: int, part: str, place: str, code: str) -> Any:
    """Writes one row of a draft."""
    actor, form = current_actor(), RowForm()
    allow(actor, "plan.edit")
    draft = _draft(version, part)
    old = _old(draft, part, place, code)
    form.keep(part, draft.data)
    if not form.validate_on_submit():
        return _row(draft, part, place, code, form), 422
    try:
        made, known = form.made(part, old), "" if code == NEW else code
        if made["code"] != known and plan_drafts.row_of(draft.data, part, place, made["code"]):
            raise Invalid("plan_code_twice", field="code", word=made["code"])
        with transaction():
            change = lambda data: plan_drafts.with_row(data, part, place, known, made)  # noqa: E731
            plan_actions.write(actor, clock.now(), version, _seen(form), change)
    except (Invalid, Stale) as refused:
        field = form._fields.get(refused.facts.get("field", "zh"), form.zh)
        field.errors = [*field.errors, sentence(refused)]
        return _row(draft, part, place, code, form), refused.status
    return _gone("row", url_for("plans.version", version=version, _anchor=f"{part}-{place}"))


@bp.post("/version/<int:version>/drop/<part>/<place>/<code>")
def drop(version: int, part: str, place: str, code: str) -> Any:
    """Takes a row out of a draft."""
    actor = current_actor()
    allow(actor, "plan.edit")
    draft = _draft(version, part)
    _old(draft, part, place, code)
    if part == "class":
        raise Missing("not_found")  # the classes are what incidents are of: none comes or goes with a draft
    with transaction():
        change = lambda data: plan_drafts.without_row(data, part, place, code)  # noqa: E731
        plan_actions.write(actor, clock.now(), version, draft.revision, change)
    return _gone("drop", url_for("plans.version", version=version, _anchor=f"{part}-{place}"))


@bp.post("/version/<int:version>/do/<deed>")
def act(version: int, deed: str) -> Any:
    """Hands a draft in, sends it back, discards it or puts it in force."""
    actor, form = current_actor(), WhyForm(prefix=deed)
    deeds: dict[str, Callable[[Actor, datetime, int, str], PlanVersion]] = {
        "hand_in": plan_actions.hand_in, "send_back": plan_actions.send_back, "discard": plan_actions.discard,
        "approve": plan_actions.approve,
    }  # fmt: skip
    if deed not in deeds:
        raise Missing("not_found")
    try:
        with transaction():
            deeds[deed](actor, clock.now(), version, form.why.data or "")
    except Invalid as refused:
        form.why.errors = [sentence(refused)]
        return _version(plan_queries.one(version), deed, form), 422
    return _gone(deed, url_for("plans.version", version=version))


def _one(kind: str, form: Any) -> Any:
    plan, now = plans.latest(), clock.now()
    if kind not in plan.classes:
        raise Missing("no_such_plan", version=kind[:20])
    places = [(part, place) for part in plan_view.PARTS_CLASS for place in (kind, ALL)]
    places += [(part, ALL) for part in ("class", "grade", "role", "phone")]
    sections = plan_view.sections(_raw(plan), places)
    sections = [s._replace(rows=[r for r in s.rows if s.part != "class" or r.code == kind]) for s in sections]
    found = plan_queries.evaluated(kind, plan_view.since(plan))
    return render_template(
        "incidents/plan.html", plan=plan, kind=plan.classes[kind], calls=plan_queries.calls(plan, now), form=form,
        message=plan.messages[kind][0] if plan.messages[kind] else None, looked=found, overdue=found.due <= now,
        sections=sections, names=people.names(),
        origin=plan_view.origin(plan), measures=review_board.of_kind(kind, now), first=plan.tasks[kind][:3],
        exercised=drill_queries.exercised(kind),
    )  # fmt: skip


def _version(found: PlanVersion, deed: str = "", form: Any = None) -> Any:
    actor, base = current_actor(), plans.document(found.base)
    told = plan_view.findings(found.data, plan_queries.findings(found.data))
    forms: dict[str, Any] = {
        name: WhyForm(None, prefix=name) for name in ("hand_in", "send_back", "discard", "approve")
    }
    forms |= {deed: form} if form is not None else {}
    places = [(part, ALL) for part in plan_view.PARTS_ALL]
    classes = [
        (one["code"], plan_view.word(one), [(part, one["code"]) for part in plan_view.PARTS_CLASS])
        for one in found.data["class"]
    ]
    return render_template(
        "incidents/plan_version.html", row=found, told=told, forms=forms, names=people.names(),
        sections=plan_view.sections(found.data, places, told),
        classes=[(code, name, plan_view.sections(found.data, here, told)) for code, name, here in classes],
        changes=plan_view.changes(base, found.data),
        own=actor.id in found.hands,
    )  # fmt: skip


def _row(draft: PlanVersion, part: str, place: str, code: str, form: Any) -> Any:
    return render_template(
        "incidents/plan_row.html", draft=draft, piece=part, place=place, code=code, form=form,
        title=plan_view.title(draft.data, part, place), new=code == NEW,
    )  # fmt: skip


def _draft(version: int, part: str) -> PlanVersion:
    """A draft that can be written. Raises Missing, Refused."""
    found = plan_queries.one(version)
    if part not in FIELDS:
        raise Missing("not_found")
    if found.state != "draft":
        raise Refused("plan_in_other_state", version=version, state=f"term:policy_state.{found.state}")
    return found


def _old(draft: PlanVersion, part: str, place: str, code: str) -> dict[str, Any]:
    if place != ALL and all(one["code"] != place for one in draft.data["class"]):
        raise Missing("not_found")
    found = plan_drafts.row_of(draft.data, part, place, code)
    if found is None and (code != NEW or part == "class"):
        raise Missing("not_found")
    return found or {"code": "", "zh": "", "en": ""} | dict.fromkeys(plan_bases.names(part), plan_bases.HOUSE)


def _seen(form: Any) -> int:
    return int(form.seen.data) if (form.seen.data or "").isdigit() else 0


def _gone(what: str, way: str) -> Any:
    flash(str(SAID[what]), "ok")
    return redirect(way, 303)


def _raw(plan: plans.Plan) -> dict[str, Any]:
    return plans.document(plan.number)
