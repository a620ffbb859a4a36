"""How a person sees queues: saved filters, and the columns and density of the lists."""

from typing import Any

from flask import Response, make_response, redirect, render_template, request
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length

from portal.desk import filters
from portal.desk.queue_pages import bp, title_of
from portal.desk.views import View, view_for
from portal.identity import actions as people
from portal.identity import queries as persons
from portal.identity import session
from portal.kernel import clock, i18n
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid
from portal.kernel.forms import Form, RadioField
from portal.kernel.i18n import sentence
from portal.kernel.web import is_htmx

# columns a list can do without, by the class of their cells; time, level and subject always stand
COLUMNS = (
    ("kind", _l("Clock")), ("nr", _l("Number")), ("cust", _l("Customer")), ("st", _l("State")), ("as", _l("Assignee")),
    ("un", _l("Department")), ("ch", _l("Channel")), ("rc", _l("Received")),
)  # fmt: skip
DENSITIES = (("", _l("Normal")), ("dense", _l("Dense")), ("roomy", _l("Roomy")))


class SaveForm(Form):
    """A name for the selection."""

    name = StringField(_l("Name"), [DataRequired(_l("Give the filter a name.")), Length(max=40)])
    shared = BooleanField(_l("For the whole department"))


class LookForm(Form):
    """What the lists show."""

    columns = SelectMultipleField(_l("Columns"), choices=lambda: list(COLUMNS))
    density = RadioField(_l("Height of rows"), choices=lambda: list(DENSITIES))


def _view(code: str) -> View:
    return view_for(session.current_actor(), code, request.args)


def _address(view: View) -> str:
    return f"/queues/{view.code}{view.query(after='')}"


def _panel(name: str, view: View, status: int = 200, **values: Any) -> Response:
    """The panel below the queue's toolbar, or without script a page of its own."""
    page = f"desk/_{name}.html" if is_htmx() else f"desk/{name}.html"
    title = title_of(view, i18n.locale())
    return make_response(render_template(page, view=view, title=title, back=_address(view), **values), status)


def _after(address: str) -> Any:
    """On to the queue as it now is."""
    return Response(headers={"HX-Redirect": address}) if is_htmx() else redirect(address, 303)


@bp.get("/queues/<code>/filters")
def saved(code: str) -> Response:
    """The saved filters, and a form for the selection shown."""
    return _filters(_view(code), SaveForm())


def _filters(view: View, form: SaveForm, status: int = 200) -> Response:
    actor, rows = view.actor, filters.saved_for(view.actor, view)
    mine = [(one, filters.removable(actor, one)) for one in rows if one.owner == filters.own(actor)]
    shared = [(one, filters.removable(actor, one)) for one in rows if one.owner != filters.own(actor)]
    return _panel("saved", view, status, form=form, mine=mine, shared=shared, shares=filters.shares_with(actor, view))


@bp.post("/queues/<code>/filters")
def save(code: str) -> Any:
    """Keeps the selection under a name; a taken name is refused at its field, what was typed stays."""
    view, form, now = _view(code), SaveForm(), clock.now()
    if not form.validate_on_submit():
        return _filters(view, form, 422)
    try:
        with transaction():
            filters.save(view.actor, now, view, name=form.name.data, shared=form.shared.data)
    except Invalid as refused:
        form.name.errors = [sentence(refused)]
        return _filters(view, form, 422)
    return _after(_address(view))


@bp.post("/queues/filters/<int:number>/delete")
def forget(number: int) -> Any:
    """Takes a saved filter away."""
    with transaction():
        gone = filters.remove(session.current_actor(), number)
    return _after(f"/queues/{gone.queue}")


@bp.get("/queues/<code>/columns")
def columns(code: str) -> Response:
    """Which columns this person's lists show, and how high their rows are."""
    view, form = _view(code), LookForm()
    look = view.actor.look.split()
    form.columns.data = [name for name, _ in COLUMNS if f"no-{name}" not in look]
    form.density.data = next((name for name, _ in DENSITIES if name in look), "")
    return _panel("columns", view, form=form)


@bp.post("/queues/<code>/columns")
def choose(code: str) -> Any:
    """Keeps the choice with the person: every queue, every browser."""
    view, form = _view(code), LookForm()
    if not form.validate_on_submit():
        return _panel("columns", view, 422, form=form)
    chosen = form.columns.data or ()
    look = [form.density.data, *(f"no-{name}" for name, _ in COLUMNS if name not in chosen)]
    with transaction():
        person = persons.person(view.actor.id)
        people.set_preferences(view.actor, person, look=" ".join(filter(None, look)))
    return _after(_address(view))
