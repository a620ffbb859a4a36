"""URLs of a draft's steps: written, added, moved, taken out; what the linter says is shown while somebody writes."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext

from portal.clocks import book
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Missing, Refused, Stale
from portal.workflows import flow_actions, flow_drafts, flow_view, versions
from portal.workflows.definition import from_data
from portal.workflows.flow_forms import StepForm, WholeForm, show
from portal.workflows.flow_models import FlowVersion
from portal.workflows.lint import lint

NEW = "new"
EMPTY: dict[str, Any] = {"code": "", "name": {"zh": "", "en": ""}}


def step(flow: str, version: int, code: str) -> Any:
    """The form of one step of a draft; `new` for one more, behind the step that the address names."""
    allow(current_actor(), "flow.edit")
    draft = _draft(flow, version)
    form = StepForm(None)
    form.put(_step(draft, code), draft.revision)
    return _page(draft, code, form)


def write(flow: str, version: int, code: str) -> Any:
    """Writes one step of a draft."""
    actor, form = current_actor(), StepForm()
    allow(actor, "flow.edit")
    draft = _draft(flow, version)
    _step(draft, code)
    try:
        typed = form.made()
        if not typed["code"]:
            raise Invalid("flow_code_missing", field="code")
        if typed["code"] != code and flow_drafts.step_of(draft.data, typed["code"]):
            raise Invalid("flow_code_twice", field="code", word=typed["code"])
        with transaction():
            change = lambda data: flow_drafts.with_step(data, "" if code == NEW else code, typed)  # noqa: E731
            flow_actions.write(actor, clock.now(), flow, version, _seen(form), change)
    except (Invalid, Stale) as refused:
        show(form, refused)
        return _page(draft, code, form), refused.status
    flash(gettext("The step is kept in the draft."), "ok")
    return redirect(url_for("flows.version", flow=flow, version=version, _anchor=f"step-{typed['code']}"), 303)


def check(flow: str, version: int, code: str) -> Any:
    """What the linter would say and how the flow would look with what is being typed; keeps nothing."""
    allow(current_actor(), "flow.edit")
    draft, form = _draft(flow, version), StepForm()
    return _checked(draft, code, form)


def whole(flow: str, version: int) -> Any:
    """The form of what concerns the whole flow."""
    allow(current_actor(), "flow.edit")
    draft = _draft(flow, version)
    form = WholeForm(None)
    form.put(draft.data, draft.revision)
    return _whole(draft, form)


def write_whole(flow: str, version: int) -> Any:
    """Writes what concerns the whole flow."""
    actor, form = current_actor(), WholeForm()
    allow(actor, "flow.edit")
    draft = _draft(flow, version)
    try:
        form.made(draft.data)
        with transaction():
            flow_actions.write(actor, clock.now(), flow, version, _seen(form), form.made)
    except (Invalid, Stale) as refused:
        show(form, refused)
        return _whole(draft, form), refused.status
    flash(gettext("The flow's facts are kept in the draft."), "ok")
    return redirect(url_for("flows.version", flow=flow, version=version), 303)


def place(flow: str, version: int, code: str, how: str) -> Any:
    """Moves a step up or down in the table, or takes it out."""
    actor = current_actor()
    changes: dict[str, Any] = {
        "up": lambda data: flow_drafts.moved(data, code, -1),
        "down": lambda data: flow_drafts.moved(data, code, 1),
        "remove": lambda data: flow_drafts.without_step(data, code),
    }
    if how not in changes:
        raise Missing("not_found")
    allow(actor, "flow.edit")
    draft = _draft(flow, version)
    _step(draft, code)
    with transaction():
        flow_actions.write(actor, clock.now(), flow, version, draft.revision, changes[how])
    return redirect(url_for("flows.version", flow=flow, version=version, _anchor="steps"), 303)


def register(bp: Blueprint) -> None:
    """Adds the addresses."""
    here = "/<flow>/<int:version>/step/<code>"
    bp.get(here, endpoint="step")(step)
    bp.post(here, endpoint="write")(write)
    bp.post(f"{here}/check", endpoint="check")(check)
    bp.post(f"{here}/<how>", endpoint="place")(place)
    bp.get("/<flow>/<int:version>/whole", endpoint="whole")(whole)
    bp.post("/<flow>/<int:version>/whole", endpoint="write_whole")(write_whole)


def _draft(flow: str, version: int) -> FlowVersion:
    draft = versions.one(flow, version)
    if draft.state != "draft":
        raise Refused("flow_in_other_state", version=version, state=f"term:policy_state.{draft.state}")
    return draft


def _step(draft: FlowVersion, code: str) -> dict[str, Any]:
    found = EMPTY if code == NEW else flow_drafts.step_of(draft.data, code)
    if found is None:
        raise Missing("no_such_step", step=code[:40])
    return found


def _seen(form: Any) -> int:
    text = form.seen.data or ""
    return int(text) if text.isdigit() and len(text) < 10 else -1


def _calendars() -> list[str]:
    return sorted(book.in_force(clock.now()).calendars)


def _facts(draft: FlowVersion, code: str, form: Any) -> dict[str, Any]:
    """The draft with what is typed as far as it can be read: findings of this step first, and the picture."""
    try:
        typed = form.made()
        data = flow_drafts.with_step(draft.data, "" if code == NEW else code, typed)
        here = typed["code"]
        definition = flow_drafts.defined(data)
    except Invalid:
        definition, here = from_data(draft.data, draft.version), code
    told = flow_view.findings(definition, lint(definition, versions.known(clock.now())))
    return {
        "mine": [one for one in told if one.step == here], "others": [one for one in told if one.step != here],
        "pictures": flow_view.pictures(definition), "check_url": url_for(
            "flows.check", flow=draft.flow, version=draft.version, code=code),
    }  # fmt: skip


def _checked(draft: FlowVersion, code: str, form: Any) -> Any:
    return render_template("workflows/_checked.html", **_facts(draft, code, form))


def _page(draft: FlowVersion, code: str, form: StepForm) -> Any:
    form.offer(draft.data, _calendars(), flow_view.unit_names())
    return render_template(
        "workflows/flow_step.html", draft=draft, code=code, form=form, new=code == NEW,
        **_facts(draft, code, form),
    )  # fmt: skip


def _whole(draft: FlowVersion, form: WholeForm) -> Any:
    form.offer(draft.data, _calendars())
    return render_template("workflows/flow_whole.html", draft=draft, form=form)
