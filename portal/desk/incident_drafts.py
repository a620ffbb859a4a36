"""Drafts of the forms of an incident's board: kept for their author, given up, forgotten once sent."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.datastructures import MultiDict

from portal.desk.deed_drafts import typed
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.incidents import kept, queries
from portal.incidents.deeds import DEEDS
from portal.incidents.models import Incident
from portal.incidents.routes import deed_form, deed_named, deed_open
from portal.intake import drafts
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import local
from portal.kernel.web import is_htmx

bp = Blueprint("incident_drafts", __name__, url_prefix="/incidents")


def form_of(incident: Incident, name: str) -> str:
    """The name of a deed's form for one incident."""
    return f"incident:{incident.id}:{name}"


@bp.post("/<no>/draft/<name>")
def keep(no: str, name: str) -> Any:
    """Keeps what is typed into a deed's form, for its author alone; the answer is what the page says about it."""
    actor, now = current_actor(), clock.now()
    what, incident = deed_open(actor, no, name)
    fields = typed(deed_form(actor, incident, what))
    with transaction():
        drafts.keep(actor, now, form_of(incident, name), fields, verb=what.verb, subject=incident)
    return _("Draft saved %(time)s", time=f"{local(now):%H:%M:%S}")


@bp.post("/<no>/draft/<name>/drop")
def drop(no: str, name: str) -> Any:
    """Gives a deed's draft up; its form begins afresh. After the end there is no form, and the board is shown."""
    actor, what = current_actor(), deed_named(name)
    allow(actor, what.verb)
    incident = queries.incident_by_no(actor, no)
    with transaction():
        drafts.drop(actor, form_of(incident, name), verb=what.verb, subject=incident)
    if incident.state == "ended" and "ended" not in what.states:
        board = url_for("incidents.show", no=incident.no)
        return Response(headers={"HX-Redirect": board}) if is_htmx() else redirect(board, 303)
    return redirect(url_for("incidents.deed", no=incident.no, name=name), 303)


def left(actor: Actor, incident: Incident, name: str, form: Any) -> datetime | None:
    """Fills the form with what its author left and says when that was; None where there is no draft."""
    found = None if request.args else drafts.draft(actor, form_of(incident, name))
    if found is None:
        return None
    form.process(MultiDict([(field, text) for field, texts in found.fields.items() for text in texts]))
    form.seen.data, form.seen.raw_data = str(incident.version), None
    return found.at


def forget(actor: Actor, incident: Incident, name: str) -> None:
    """The form was sent."""
    drafts.drop(actor, form_of(incident, name), verb=DEEDS[name].verb, subject=incident)


def wire() -> None:
    """Lets the incident room ask here."""
    kept.by(kept.Keeper(left, forget))
