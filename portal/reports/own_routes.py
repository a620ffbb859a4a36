"""URLs of one's own figures, and of the people's figures for those who lead; objections and their answers."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from portal.identity.models import Person
from portal.identity.policy import allow, scope
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import local, sentence
from portal.reports import own_actions, own_queries, periods
from portal.reports.kpi_routes import asked_span, frame
from portal.reports.metrics import lines
from portal.reports.metrics.definitions import KPIS
from portal.reports.metrics.persons import OWN, of_people, team_median
from portal.reports.rules import Span

bp = Blueprint("own", __name__, url_prefix="/reports/own")
LED = ("closed", "attainment.first_response", "attainment.result", "staff_solved", "satisfaction", "reopen")


def _span() -> Span:
    """The month or day asked for, else the running month."""
    now = clock.now()
    here = local(now)
    if request.values.get("period"):
        return asked_span()
    return periods.period(periods.code_of("month", here), now, here.tzinfo)  # type: ignore[arg-type]


@bp.get("")
def index() -> Any:
    """One's own day and month beside the target and the team's median, the limits missed, and what one says to them."""
    allow(current_actor(), "figure.own")
    return _page()


def _page(error: str = "", at: int = 0, typed: str = "", status: int = 200) -> Any:
    actor, now, span = current_actor(), clock.now(), _span()
    person = db.session.get_one(Person, actor.id)
    team = [one.id for one in own_queries.team(person)] if person.unit_id else [actor.id]
    found = of_people(span, {*team, actor.id})
    rows = [
        (lines.line(KPIS[code], found[actor.id][code]), lines.shown(team_median(found, code), KPIS[code].unit))
        for code in OWN
    ]  # fmt: skip
    shared = frame(span, {})
    shared["kinds"] = [one for one in shared["kinds"] if one[0] in ("day", "month")]
    return render_template(
        "reports/own.html", rows=rows, breaches=own_queries.breaches(actor.id, span), team=len(team), error=error,
        wrong=at, typed=typed, over=own_queries.month_over(span.code, now),
        read_at=own_queries.read_at(actor.id, span.code), **shared,
    ), status  # fmt: skip


@bp.post("/read")
def note_read() -> Any:
    """One has read one's figures of a month that is over."""
    actor, now = current_actor(), clock.now()
    allow(actor, "figure.own")
    code = request.form.get("period", "")
    if not own_queries.month_over(code, now):
        raise Invalid("no_such_period", field="period", period=code[:20])
    with transaction():
        own_actions.note_read(actor, now, code)
    return redirect(url_for("own.index", period=code), 303)


@bp.post("/objections/<int:clock_id>")
def object_to(clock_id: int) -> Any:
    """Says why a missed limit is not one's own; a refusal stands at its field, with what was typed."""
    actor, now = current_actor(), clock.now()
    allow(actor, "figure.own")
    typed = request.form.get("words", "")
    try:
        with transaction():
            own_actions.object_to(actor, now, clock_id, typed)
    except Invalid as refusal:
        return _page(sentence(refusal), clock_id, typed, 422)
    flash(_("Your objection was sent to quality management."), "ok")
    return redirect(url_for("own.index", period=request.form.get("period") or None), 303)


@bp.get("/people")
def people() -> Any:
    """The people one leads, by name and never by rank, each once their figures were theirs to see first."""
    allow(current_actor(), "figure.people")
    return _people()


def _people(error: str = "", at: int = 0, typed: str = "", status: int = 200) -> Any:
    actor, now, span = current_actor(), clock.now(), _span()
    units = scope(actor, "figure.people")
    members = [one for one in own_queries.members(units) if one.id != actor.id]
    shown = own_queries.released((one.id for one in members), span, now)
    found = of_people(span, shown, LED)
    rows = [
        (one.name, [lines.line(KPIS[code], found[one.id][code]) for code in LED if one.id in found]) for one in members
    ]
    shared = frame(span, {})
    shared["kinds"] = [one for one in shared["kinds"] if one[0] in ("month", "quarter")]
    return render_template(
        "reports/people.html", rows=rows, heads=[lines.name_of(KPIS[code]) for code in LED], error=error, wrong=at,
        typed=typed, waiting=own_queries.waiting() if scope(actor, "figure.answer") != frozenset() else [], **shared,
    ), status  # fmt: skip


@bp.post("/objections/<int:objection_id>/answer")
def answer(objection_id: int) -> Any:
    """Accepts an objection, or not, with the reason."""
    actor, now, form = current_actor(), clock.now(), request.form
    allow(actor, "figure.answer")
    typed, how = form.get("answer", ""), form.get("accepted", "")
    try:
        if how not in ("yes", "no"):
            raise Invalid("objection_how", field="accepted")
        with transaction():
            own_actions.answer(actor, now, objection_id, accepted=how == "yes", words=typed)
    except Invalid as refusal:
        return _people(sentence(refusal), objection_id, typed, 422)
    flash(_("The answer was sent."), "ok")
    return redirect(url_for("own.people"), 303)
