"""URLs of flows: the list, a version with its picture, a draft's steps, review, import and export."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l

from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Missing, Refused
from portal.kernel.i18n import local
from portal.workflows import flow_actions, flow_editing, flow_view, versions, yaml_text
from portal.workflows.definition import from_data
from portal.workflows.flow_forms import ApproveForm, BringForm, WordsForm, show
from portal.workflows.flow_models import FlowVersion
from portal.workflows.lint import lint

bp = Blueprint("flows", __name__, url_prefix="/flows")
flow_editing.register(bp)
SAID = {
    "open": _l("The draft is open. Choose a step to change it."),
    "bring": _l("The definition is read in as a draft. Look at it, then hand it in."),
    "hand_in": _l("Handed in. Somebody who had no hand in it can approve it or send it back."),
    "send_back": _l("Sent back with your reason."),
    "discard": _l("The draft is discarded; it stays readable."),
    "approve": _l("Approved. Orders raised from that day on run on it; running orders keep their version."),
}


@bp.get("")
def index() -> Any:
    """All flows with the version in force and the open draft."""
    allow(current_actor(), "flow.view")
    form = BringForm(None)
    form.key.data = secrets.token_urlsafe(12)
    return _index(form)


@bp.post("/bring")
def bring() -> Any:
    """Reads a definition in, from a file or as text."""
    actor, form = current_actor(), BringForm()
    allow(actor, "flow.edit")
    try:
        text = _brought(form)
        with transaction():
            draft = flow_actions.bring(actor, clock.now(), yaml_text.read(text), key=form.key.data or "")
    except (Refused, yaml_text.Unreadable) as error:
        refused = error if isinstance(error, Refused) else flow_view.unreadable(error)
        if "field" not in refused.facts:
            raise
        show(form, refused)
        return _index(form), refused.status
    return _done("bring", draft)


@bp.get("/<flow>")
def one(flow: str) -> Any:
    """The version in force, or the newest one where none is."""
    allow(current_actor(), "flow.view")
    held = next((row for row in versions.of_flow(flow) if row.state == "effective"), None)
    return _page(held or versions.of_flow(flow)[0])


@bp.post("/<flow>/draft")
def open_draft(flow: str) -> Any:
    """Opens a draft with what the newest version says, or leads to the open one."""
    actor = current_actor()
    with transaction():
        draft = flow_actions.open_draft(actor, clock.now(), flow)
    return _done("open", draft)


@bp.get("/<flow>/<int:version>")
def version(flow: str, version: int) -> Any:
    """One version: its picture, its steps, what may be done with it."""
    allow(current_actor(), "flow.view")
    return _page(versions.one(flow, version))


@bp.get("/<flow>/<int:version>/yaml")
def export(flow: str, version: int) -> Response:
    """The version as a YAML file."""
    allow(current_actor(), "flow.view")
    row = versions.one(flow, version)
    answer = Response(yaml_text.write(row.data), mimetype="text/yaml")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.flow}-{row.version}.yaml"'
    return answer


@bp.get("/<flow>/<int:version>/compare")
def compare(flow: str, version: int) -> Any:
    """What a version says differently from another, by default from the one before it."""
    allow(current_actor(), "flow.view")
    new, rows = versions.one(flow, version), versions.of_flow(flow)
    others = [row.version for row in rows if row.version != version]
    wanted = request.args.get("with", "")
    older = [n for n in others if n < version]
    number = int(wanted) if wanted.isdigit() and len(wanted) < 10 else max(older or others or [version])
    old = versions.one(flow, number)
    lines = flow_view.changes(old.data, new.data)
    return render_template(
        "workflows/flow_compare.html", old=old, new=new, lines=lines, others=others, title=_title(new)
    )


@bp.post("/<flow>/<int:version>/do/<deed>")
def act(flow: str, version: int, deed: str) -> Any:
    """Hands a draft in, sends it back, discards or approves it."""
    actor, now = current_actor(), clock.now()
    form: Any = ApproveForm(prefix=deed) if deed == "approve" else WordsForm(prefix=deed)
    try:
        with transaction():
            row = _deed(deed)(actor, now, flow, version, form)
    except Invalid as refused:
        show(form, refused)
        return _page(versions.one(flow, version), form, deed), 422
    return _done(deed, row)


def _deed(name: str) -> Callable[[Actor, datetime, str, int, Any], FlowVersion]:
    """What a button of a version's page does. Raises Missing for anything else."""
    plain = {"hand_in": flow_actions.hand_in, "send_back": flow_actions.send_back, "discard": flow_actions.discard}
    if name in plain:
        return lambda who, now, flow, n, form: plain[name](who, now, flow, n, form.why.data or "")
    if name == "approve":
        return lambda who, now, flow, n, form: flow_actions.approve(
            who, now, flow, n, form.chosen(), form.why.data or ""
        )
    raise Missing("not_found")


def _brought(form: Any) -> str:
    """What was sent: the file, or the text. Raises Invalid."""
    file = request.files.get("file")
    if file is not None and file.filename:
        try:
            form.text.data = file.read(4 * yaml_text.LONGEST).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Invalid("flow_unreadable", field="text", line=0) from error
    if not (form.text.data or "").strip():
        raise Invalid("flow_nothing_brought", field="text")
    text: str = form.text.data
    return text


def _done(what: str, row: FlowVersion) -> Any:
    flash(str(SAID[what]), "ok")
    return redirect(url_for("flows.version", flow=row.flow, version=row.version), 303)


def _title(row: FlowVersion) -> str:
    return flow_view.said(from_data(row.data, row.version).name) or row.flow


def _index(form: Any) -> Any:
    now = clock.now()
    lines = [flow_view.line(rows, now) for rows in versions.flows().values()]
    return render_template("workflows/flows.html", lines=lines, form=form)


def _page(row: FlowVersion, form: Any = None, deed: str = "") -> Any:
    """The page of a version; a refused form stands in the place of its own."""
    now, rows = clock.now(), versions.of_flow(row.flow)
    definition = from_data(row.data, row.version)
    told = flow_view.findings(definition, lint(definition, versions.known(now)))
    forms: dict[str, Any] = {name: WordsForm(None, prefix=name) for name in ("hand_in", "send_back", "discard")}
    forms["approve"] = ApproveForm(None, prefix="approve")
    forms["approve"].day.data = local(now).date().isoformat()
    if form is not None:
        forms[deed] = form
    people = {who for one in rows for who in (one.by_id, one.reviewed_by) if who}
    return render_template(
        "workflows/flow.html", row=row, rows=rows, definition=definition, title=_title(row), told=told, forms=forms,
        refused=form, table=flow_view.rows(definition, told), pictures=flow_view.pictures(definition),
        names=versions.names(people), own=current_actor().id in row.hands, whole=flow_view.whole(definition),
        draft=versions.open_draft(row.flow),
    )  # fmt: skip
