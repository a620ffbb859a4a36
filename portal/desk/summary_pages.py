"""Two working screens of the rules: the daily P2 summary 每日汇总 and the weekly P4 grooming 每周梳理 (RE1)."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from portal.cases import queries
from portal.cases.models import Case
from portal.collaboration import actions as together
from portal.collaboration import summaries
from portal.desk.caches import departments
from portal.desk.case_forms import NEEDED
from portal.desk.case_view import names, units
from portal.identity.actor import Actor
from portal.identity.policy import allow, may
from portal.identity.session import current_actor
from portal.intake.forms import choices
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Refused
from portal.kernel.forms import Form, SelectField
from portal.kernel.i18n import local, locale, sentence

bp = Blueprint("summaries", __name__, url_prefix="/summaries")


class GroomForm(Form):
    """One decision for the ticked suggestions, told to their customers."""

    decision = SelectField(_l("Decision"), choices=lambda: choices("decision", ("adopted", "planned", "not_adopted")))
    cycle = StringField(_l("Planned cycle or release"), [NEEDED, Length(max=100)])
    words = TextAreaField(_l("What was told to the customer"), [NEEDED, Length(max=4000)])


@bp.get("/daily")
def daily() -> Any:
    """P2 today: open, late, decided, by department; ticked as read by the supervisor; the days before."""
    return _daily(current_actor())


def _daily(actor: Actor, error: str = "", status: int = 200) -> Any:
    allow(actor, "daily.view")
    now = clock.now()
    running, decided = summaries.important_cases(now)
    called = {u.name: u.called(locale()) for u in departments()}
    lines = [(called.get(line.unit, line.unit), *line[1:]) for line in summaries.by_department(now)]
    days, today = summaries.read_days(), f"{local(now):%Y-%m-%d}"
    return render_template(
        "desk/daily.html", lines=lines, running=running, decided=decided, days=days, now=now,
        today=today, read=next((one for one in days if one.day == today), None), units=units(), error=error,
        called=called,
    ), status  # fmt: skip


@bp.post("/daily")
def read() -> Any:
    """Ticks today's summary as read; its figures are kept."""
    actor, now = current_actor(), clock.now()
    allow(actor, "daily.read")
    try:
        with transaction():
            summaries.read_daily(actor, now)
    except Refused as refused:
        return _daily(actor, sentence(refused), refused.status)
    return redirect(url_for(".daily"), 303)


@bp.get("/grooming")
def grooming() -> Any:
    """P4: what has no schedule, what is planned, and whose monthly feedback is due."""
    actor = current_actor()
    allow(actor, "daily.view")
    return _grooming(actor, GroomForm())


def _grooming(actor: Actor, form: GroomForm, error: str = "", ticked: Any = (), status: int = 200) -> Any:
    new, planned = summaries.to_groom()
    return render_template(
        "desk/grooming.html", new=[c for c in new if may(actor, "case.view", c)], ticked=set(ticked), error=error,
        planned=[(c, summaries.feedback_due(c)) for c in planned if may(actor, "case.view", c)], form=form,
        may_plan=may(actor, "case.plan"), now=clock.now(), units=units(), names=names(), done=request.args.get("done"),
    ), status  # fmt: skip


@bp.post("/grooming")
def groom() -> Any:
    """Adopts, plans or drops the ticked suggestions, all or none."""
    actor, now, form = current_actor(), clock.now(), GroomForm()
    allow(actor, "case.plan")
    ticked = request.form.getlist("nos")
    if not form.validate_on_submit():
        return _grooming(actor, form, "", ticked, 422)
    facts = {"decision": form.decision.data, "cycle": form.cycle.data, "words": form.words.data}
    try:
        with transaction():
            numbers = summaries.chosen(ticked)
            for case in sorted((_to_plan(actor, no) for no in numbers), key=lambda c: c.id):
                together.plan(actor, now, case, **facts)
    except Refused as refused:
        if refused.status not in (409, 422):
            raise
        return _grooming(actor, form, sentence(refused), ticked, refused.status)
    return redirect(url_for(".grooming", done=len(numbers)), 303)


def _to_plan(actor: Actor, no: str) -> Case:
    """The case, if it still waits for a schedule."""
    case = queries.case_to_change(actor, no)
    if case.state not in ("to_accept", "in_work"):
        raise Refused("planned_already", no=no)
    return case
