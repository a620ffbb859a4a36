"""The page on which the supervisor stops the clocks of an incident's cases (SL4): what would stop, and what did."""

from typing import Any, NamedTuple

from flask import Blueprint, make_response, render_template

from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.incidents import force_majeure_actions as actions
from portal.incidents import queries, rules
from portal.incidents.force_majeure import grounds, why_not
from portal.incidents.forms import ForceMajeureForm
from portal.incidents.models import Incident
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Busy, Forbidden, Refused
from portal.kernel.i18n import sentence

bp = Blueprint("force_majeure", __name__, url_prefix="/incidents")


class Row(NamedTuple):
    """A case of the list: how many of its clocks would stop or have stopped, or in words why not."""

    no: str
    level: str
    state: str
    title: str
    clocks: int
    why_not: str
    ticked: bool


@bp.get("/<no>/force-majeure")
def look(no: str) -> Any:
    """The linked cases whose clocks run, each with what would happen; those that can be stopped are ticked."""
    allow(current_actor(), "case.force_majeure")
    incident = queries.incident_by_no(current_actor(), no)
    return _page(incident, ForceMajeureForm())


@bp.post("/<no>/force-majeure")
def stop(no: str) -> Any:
    """Stops them in one step and shows what became of each; refused with what was typed and ticked."""
    actor, now, form = current_actor(), clock.now(), ForceMajeureForm()
    allow(actor, "case.force_majeure")
    incident, error = queries.incident_by_no(actor, no), ""
    rules.not_ended(incident)
    if not form.validate_on_submit():
        return _page(incident, form, 422)
    try:
        with transaction():
            locked = queries.incident_to_change(actor, no)
            found = actions.stop_clocks(actor, now, locked, numbers=form.cases.data or [], reason=form.reason.data)
    except (Forbidden, Busy):
        raise
    except Refused as refused:
        field = form._fields.get(refused.facts.get("field", ""))
        if field is None:
            error = sentence(refused)
        else:
            field.errors = [*field.errors, sentence(refused)]
        return _page(queries.incident_by_no(actor, no), form, refused.status, error)
    return _answer(queries.incident_by_no(actor, no), _rows(found, set()))


def _rows(found: list[actions.Outcome], ticked: set[str]) -> list[Row]:
    stops = queries.clocks_that_stop(o.case.id for o in found)
    return [
        Row(
            o.case.no, o.case.level_now, o.case.state, o.case.title, stops.get(o.case.id, 0),
            sentence(o.refused) if o.refused else "", o.case.no in ticked,
        )
        for o in found
    ]  # fmt: skip


def _page(incident: Incident, form: ForceMajeureForm, status: int = 200, error: str = "") -> Any:
    cases = queries.stoppable(incident.id, actions.MOST) if grounds(incident) else []
    found = [actions.Outcome(case, why_not(incident, case)) for case in cases]
    ticked = set(form.cases.data or []) if form.is_submitted() else {o.case.no for o in found if o.refused is None}
    page = render_template(
        "incidents/force_majeure.html", incident=incident, drill=incident.exercise, form=form, error=error,
        rows=_rows(found, ticked), ground=grounds(incident),
    )  # fmt: skip
    return make_response(page, status)


def _answer(incident: Incident, rows: list[Row]) -> Any:
    stopped = sum(not row.why_not for row in rows)
    return render_template(
        "incidents/force_majeure_done.html", incident=incident, drill=incident.exercise, rows=rows, stopped=stopped
    )
