"""URLs of what belongs to a request while it is typed: likely duplicates, further fields, linking a repeat contact."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from portal.attachments import actions as files
from portal.attachments.receiving import receive
from portal.cases import customer_actions
from portal.cases import queries as cases
from portal.cases.models import Case
from portal.cases.submissions import made_by
from portal.directory import queries as directory
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.intake import drafts, extras, voicemail_actions
from portal.intake.forms import RequestForm
from portal.intake.similar import similar
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Stale
from portal.kernel.web import is_htmx

bp = Blueprint("repeats", __name__, url_prefix="/intake")
FORM = "request"


@bp.post("/similar")
def near() -> Any:
    """Cases like what is typed; nothing is kept."""
    actor, now, form = current_actor(), clock.now(), RequestForm()
    allow(actor, "case.log")
    customer = directory.find(form.contact.data or "")
    text = f"{form.description.data or ''} {form.symptom.data or ''}"
    return render_template("intake/_similar.html", near=similar(actor, now, customer, text))


@bp.post("/extra")
def extra() -> Any:
    """The further fields of the chosen type, with what is typed in them."""
    allow(current_actor(), "case.log")
    fields = extras.shown(request.form.get("request_type", "")[:20], extras.typed(request.form))
    return render_template("intake/_extra.html", extras=fields)


@bp.post("/link/<no>")
def link(no: str) -> Any:
    """Makes what is typed, with its files and its voicemail, a contact of this case; a second post changes nothing."""
    actor, now, form = current_actor(), clock.now(), RequestForm()
    allow(actor, "case.log")
    key = (form.key.data or "")[:64]
    refused = [] if made_by(key) else receive(actor, now, FORM)
    if refused:  # the form stands in the browser with all that was typed; the files that were taken wait beside it
        raise Invalid("files_refused", field="files", words=" ".join(map(str, refused)))
    try:
        with transaction():
            case = cases.case_to_change(actor, no)
            if not made_by(key):
                _linked(actor, now, case, form, key)
            drafts.drop(actor, FORM)
    except Stale:  # the same form came twice at once: the other one has linked it
        if not made_by(key):
            raise
    return _gone(url_for("cases.page", no=no, linked=1))


def _linked(actor: Actor, now: datetime, case: Case, form: RequestForm, key: str) -> None:
    """The contact, and what waits beside the form: it belongs to this customer and to no request after it."""
    customer_actions.link_contact(
        actor, now, case, channel=form.channel.data or "", words=_said(form),
        contact=form.contact.data or "", received=_received(form, now), key=key,
    )  # fmt: skip
    files.attach(actor, now, case, FORM)
    voicemail_actions.logged(actor, form.voicemail.data or "", case)


def _said(form: RequestForm) -> str:
    return form.description.data or form.demand.data or ""


def _received(form: RequestForm, now: Any) -> Any:
    form.received.validate(form)
    return getattr(form.received, "instant", None) or now


def _gone(target: str) -> Response:
    if is_htmx():
        return Response(headers={"HX-Redirect": target})
    return make_response(redirect(target, 303))
