"""URLs of the calendar of reports: the table, the form of one report, what was changed."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, SelectMultipleField
from wtforms.validators import InputRequired

from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Stale
from portal.kernel.forms import Form
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import ngettext, sentence, term
from portal.reports import calendar_actions, paper_calendar, paper_rules

bp = Blueprint("paper_calendar", __name__, url_prefix="/reports/calendar")
ROLES = ("write", "review", "to")


class PlanForm(Form):
    """When a report is drafted and due, who writes, approves and gets it."""

    seen = HiddenField()
    on = BooleanField(_l("The portal drafts it on its dates"))
    draft = IntegerField(_l("Drafted so many hours after the period"), [InputRequired(_l("Write a whole number."))])
    due = IntegerField(_l("Published within so many working days"), [InputRequired(_l("Write a whole number."))])
    write = SelectMultipleField(_l("Who writes it"), validate_choice=False)
    review = SelectMultipleField(_l("Who approves it"), validate_choice=False)
    signed = IntegerField(_l("Signatures of named people"), [InputRequired(_l("Write a whole number."))])
    to = SelectMultipleField(_l("To whom it is delivered"), validate_choice=False)


@bp.get("")
def index() -> str:
    """Which reports there are, when, by whom, and what was changed about that."""
    allow(current_actor(), "report.calendar")
    return render_template(
        "reports/calendar.html", kinds=paper_calendar.kinds(), changes=paper_calendar.changes(), value=_value
    )


@bp.get("/<code>")
def edit(code: str) -> Any:
    """The form of one report."""
    allow(current_actor(), "report.calendar")
    data = paper_rules.plan_data(paper_calendar.kind_of(code)) | {"seen": paper_calendar.version(code)}
    return _page(code, PlanForm(formdata=None, data=data))


def _page(code: str, form: PlanForm, error: str = "", status: int = 200) -> Any:
    for name in ROLES:
        form[name].choices = [(role, term(f"role.{role}")) for role in paper_calendar.roles(name)]
    return render_template(
        "reports/calendar_one.html", code=code, form=form, kind=paper_calendar.kind_of(code), error=error,
        changes=paper_calendar.changes(code), value=_value,
    ), status  # fmt: skip


@bp.post("/<code>")
def keep(code: str) -> Any:
    """Keeps what was changed; what cannot be stands at its field with everything typed."""
    actor, now = current_actor(), clock.now()
    allow(actor, "report.calendar")
    paper_rules.kind_of(code)
    form, seen = PlanForm(), request.form.get("seen", "")
    if not form.validate_on_submit():
        return _page(code, form, status=422)
    wanted = {name: form[name].data for name in paper_rules.PLANNED}
    try:
        with transaction():
            calendar_actions.plan(actor, now, code, wanted, int(seen) if seen.isdecimal() and len(seen) < 16 else 0)
    except Stale as refused:
        form.seen.data = str(paper_calendar.version(code))
        return _page(code, form, sentence(refused), 409)
    except Invalid as refused:
        field = form[refused.facts.get("field", "on")]
        field.errors = [*field.errors, sentence(refused)]
        return _page(code, form, status=422)
    return redirect(url_for(".index"), 303)


def _value(name: str, value: Any) -> str:
    """A field of a plan as people read it."""
    if name in ROLES:
        return " · ".join(term(f"role.{role}") for role in value) or "–"
    if name == "on":
        return _("yes") if value else _("no")
    if name == "due":
        return ngettext("%(n)s working day", "%(n)s working days", value)
    return _("%(n)s h after", n=value) if name == "draft" else str(value)
