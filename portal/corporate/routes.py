"""URLs of group customers: the list, one customer's page, its sheet for paper, documents, and the deeds."""

from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from portal.attachments.receiving import begins, sent
from portal.cases import looks
from portal.corporate import actions, due_actions, due_deeds, due_rules, forms, listing, queries
from portal.corporate.doing import Deed, Room, ask, at_field, do
from portal.corporate.forms import day_text
from portal.corporate.history import history
from portal.corporate.models import GroupFile
from portal.corporate.project_pages import bp as projects
from portal.corporate.view import slips, verdict, view
from portal.directory.models import Customer
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow, may, scope
from portal.identity.session import current_actor
from portal.kernel import clock, i18n
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid, Refused
from portal.kernel.i18n import term
from portal.workflows.opening import door

bp = Blueprint("corporate", __name__, url_prefix="/corporate")
BLUEPRINTS = (bp, projects)
SERVICE = ("kind", "circuit_no", "bandwidth", "end_a", "end_z", "state", "order_no", "note")
CONTACT = ("side", "duty", "name", "mobile", "email", "note")


def _facts(actor: Actor, now: datetime, file: GroupFile, form: Any, taken: Any) -> None:
    actions.change(actor, now, file, **form.typed())


def _service(actor: Actor, now: datetime, file: GroupFile, form: Any, taken: Any, n: int = 0) -> None:
    typed = {name: form[name].data or "" for name in SERVICE}
    actions.set_service(actor, now, file, n, since=day_text(form.since.data), **typed)


def _other_service(actor: Actor, now: datetime, file: GroupFile, form: Any, taken: Any) -> None:
    _service(actor, now, file, form, taken, int(form.n.data))


def _contact(actor: Actor, now: datetime, file: GroupFile, form: Any, taken: Any) -> None:
    typed = {name: form[name].data or "" for name in CONTACT}
    actions.name_contact(actor, now, file, person_id=form.person_id.data or 0, **typed)


def _gone(actor: Actor, now: datetime, file: GroupFile, form: Any, taken: Any) -> None:
    actions.let_go(actor, now, file, int(form.n.data), reason=form.reason.data)


def _maintenance(actor: Actor, now: datetime, file: GroupFile, form: Any, taken: Any) -> None:
    spans = due_rules.months(form.year.data, form.months.data or ())
    due_actions.plan(
        actor, now, file, kind="maintenance", title=form.title.data, spans=spans, owner_id=form.owner_id.data or 0,
        ahead=form.ahead.data,
    )  # fmt: skip


def _report(actor: Actor, now: datetime, file: GroupFile, form: Any, taken: Any) -> None:
    if not 0 <= form.after.data <= 366:
        raise Invalid("ahead_wrong", field="after", most=366)
    due_actions.plan(
        actor, now, file, kind="report", code=form.code.data, owner_id=form.owner_id.data or 0, ahead=form.ahead.data,
        title=(form.title.data or "").strip() or term(f"report_kind.{form.code.data}"),
        spans=due_rules.periods(form.year.data, form.every.data, form.after.data),
    )  # fmt: skip


def _optimise(actor: Actor, now: datetime, file: GroupFile, form: Any, taken: Any) -> None:
    due_actions.plan(
        actor, now, file, kind="optimisation", title=form.title.data, spans=[("", form.day.data)],
        owner_id=form.owner_id.data or 0, ahead=form.ahead.data,
    )  # fmt: skip


def _advance(actor: Actor, now: datetime, file: GroupFile, form: Any, taken: Any) -> None:
    due_actions.advance(actor, now, file, int(form.n.data), phase=form.phase.data, words=form.words.data or "")


DEEDS: dict[str, Deed] = {
    "facts": Deed(forms.FactsForm, _facts, "facts"),
    "service": Deed(forms.ServiceForm, _service, "services", "plus"),
    "service_change": Deed(forms.ServiceForm, _other_service, "services", of="services"),
    "contact": Deed(forms.ContactForm, _contact, "contacts", "person-plus"),
    "contact_gone": Deed(forms.ReasonForm, _gone, "contacts", "x", of="contacts"),
    "maintenance": Deed(forms.MaintenanceForm, _maintenance, "maintenance", "plus"),
    "report": Deed(forms.ReportForm, _report, "reports", "plus"),
    "optimise": Deed(forms.OnceForm, _optimise, "plans", "plus"),
    "advance": Deed(forms.AdvanceForm, _advance, "plans", "arrow-right", of="dues"),
}


def find(actor: Actor, owner_id: int) -> GroupFile:
    """The file as somebody may see it."""
    return queries.file(actor, owner_id)[0]


ROOM = Room(DEEDS | due_deeds.DEEDS, find, queries.file_to_change, "corporate.page", "corporate/form.html")


@bp.get("")
def index() -> Any:
    """Group customers by name, contract or circuit; the newest file first."""
    actor, now, args = current_actor(), clock.now(), request.args
    allow(actor, "corporate.view")
    want = listing.Wanted(args.get("q", "")[:80], mine="mine" in args, late="late" in args)
    found = listing.files(actor, now, want, before=args.get("before", 0, type=int))
    return render_template(
        "corporate/index.html", rows=found, want=want, before=args.get("before", 0, type=int), now=now,
        older=found[-1].id if len(found) == listing.PAGE else 0, may_open=bool(_units(actor)),
    )  # fmt: skip


def _units(actor: Actor) -> list[tuple[int, str]]:
    """The departments for which this person may open files."""
    units = scope(actor, "corporate.edit")
    found = [(u.id, u.name_en if i18n.locale() == "en" and u.name_en else u.name) for u in people.departments()]
    return [one for one in found if units is None or one[0] in units]


@bp.get("/new")
def new() -> Any:
    """The form that makes a customer a group customer; `customer` is the number of the file."""
    actor = current_actor()
    allow(actor, "corporate.edit")
    form = _open_form(actor)
    form.customer.data = form.customer.data or request.args.get("customer", "")[:20]
    return _new_page(form)


def _open_form(actor: Actor) -> forms.OpenForm:
    form = forms.OpenForm()
    form.unit_id.choices = _units(actor)
    form.prepare(None, None)
    return form


def _new_page(form: forms.OpenForm, status: int = 200) -> Response:
    return make_response(render_template("corporate/new.html", form=form), status)


@bp.post("/new")
def open_file() -> Any:
    """Opens the file; a second post leads to the one that is there."""
    actor, now = current_actor(), clock.now()
    allow(actor, "corporate.edit")
    form = _open_form(actor)
    if not form.validate_on_submit():
        return _new_page(form, 422)
    try:
        with transaction():
            customer = _customer(actor, form.customer.data or "")
            actions.open_file(actor, now, customer, unit_id=form.unit_id.data, **form.typed())
            owner_id = customer.id
    except Refused as refused:
        if refused.status in (403, 404, 503):
            raise
        at_field(
            form, refused if "field" in refused.facts else Invalid(refused.code, field="customer", **refused.facts)
        )
        return _new_page(form, refused.status)
    return redirect(url_for(".page", owner_id=owner_id), 303)


def _customer(actor: Actor, code: str) -> Customer:
    """The customer of that number. Raises Invalid."""
    number = code.strip().upper().removeprefix("KH")
    found = (
        db.session.get(Customer, int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None
    )
    if found is None:
        raise Invalid("no_such_file", field="customer")
    return found


@bp.get("/<int:owner_id>")
def page(owner_id: int) -> Any:
    """One group customer: what somebody in the customer's office needs, also on a phone."""
    actor, now = current_actor(), clock.now()
    file, known = queries.file(actor, owner_id)
    return render_template("corporate/page.html", **_shown(actor, file, now, known=known))


def _shown(actor: Actor, file: GroupFile, now: datetime, *, known: bool) -> dict[str, Any]:
    """What page and sheet are made of."""
    return {
        "v": view(actor, file, now, known=known), "file": file, "now": now, "verdict": verdict, "slips": slips,
        "edits": may(actor, "corporate.edit", file), "names": people.names(), "door_of": partial(door, actor),
        "history": history(file, known=known),
    }  # fmt: skip


@bp.get("/<int:owner_id>/sheet")
def sheet(owner_id: int) -> Any:
    """The page on A4; the printing is written down."""
    actor, now = current_actor(), clock.now()
    file, known = queries.file(actor, owner_id)
    looks.note_print(actor, now, what=f"{file.code} group customer")
    file, known = queries.file(actor, owner_id)
    return render_template("corporate/sheet.html", **_shown(actor, file, now, known=known) | {"edits": False})


@bp.get("/<int:owner_id>/documents/<int:n>")
def document(owner_id: int, n: int) -> Any:
    """A document of the dossier, inert; the opening is written down."""
    actor, now = current_actor(), clock.now()
    file, _known = queries.file(actor, owner_id)
    found = queries.document(file, n)
    if begins():
        looks.note_open(actor, now, what=f"{file.code} {found.title}")
    return sent(found)  # type: ignore[arg-type]


@bp.get("/<int:owner_id>/do/<name>", endpoint="ask")
def ask_deed(owner_id: int, name: str) -> Any:
    """The form of one deed on a file."""
    return ask(ROOM, owner_id, name)


@bp.post("/<int:owner_id>/do/<name>", endpoint="do")
def do_deed(owner_id: int, name: str) -> Any:
    """Does one thing to a file."""
    return do(ROOM, owner_id, name)
