"""URLs of orders: the lists, raising one, one order's page, its deeds and documents."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from portal.attachments.receiving import sent
from portal.attachments.taking import take
from portal.cases.submissions import made_by, note_made
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.identity.queries import unit_names
from portal.identity.session import current_actor
from portal.kernel import clock, feed
from portal.kernel.db import transaction
from portal.kernel.errors import Busy, Forbidden, Invalid, Missing, Refused, Stale
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import locale
from portal.kernel.instants import epoch
from portal.workflows import order_deeds as deeds
from portal.workflows import order_history, order_list, order_view, queries, sheet_actions, versions
from portal.workflows.models import WorkOrder
from portal.workflows.order_forms import GIVEN, StepForm, called, say_at

bp = Blueprint("orders", __name__, url_prefix="/orders")
Forms = dict[int, dict[str, StepForm]]


def _list_facts(wanted: order_list.Asked) -> dict[str, Any]:
    now = clock.now()
    rows = order_list.rows(wanted, epoch(now))
    steps = {}
    for row in rows:
        if (row.flow, row.flow_version) not in steps:
            steps[row.flow, row.flow_version] = versions.definition(row.flow, row.flow_version)
    return {"rows": rows, "flows": steps, "units": unit_names(), "now": epoch(now), "wanted": wanted,
            "name_of": order_view.name_of, "called": called, "length": order_view.length}  # fmt: skip


@bp.get("")
def index() -> Any:
    """The open steps of one's departments, most pressing first; the orders they raised; those that ended."""
    actor = current_actor()
    allow(actor, "order.view")
    wanted = order_list.asked(actor, request.args)
    tag = wanted.tag
    seen = wanted.units
    units = [(str(i), name) for i, name in unit_names().items() if seen is None or i in seen]
    flows = [(d.flow, called(d.name)) for d in versions.all_newest(clock.now())]
    return render_template(
        "workflows/orders.html", tag=tag, picks=(units, flows), shows=order_list.SHOWS, states=order_list.STATES,
        address=request.query_string.decode("ascii", "ignore")[:300], **_list_facts(wanted),
    )  # fmt: skip


@bp.get("/changes")
def changes() -> Response:
    """Has the list changed? 204 from memory, or its body anew."""
    actor = current_actor()
    allow(actor, "order.view")
    wanted = order_list.asked(actor, request.args)
    tag = wanted.tag
    same = request.headers.get("HX-PTag") == tag
    answer = make_response(
        "" if same else render_template("workflows/_orders.html", **_list_facts(wanted)), 204 if same else 200
    )
    answer.headers["HX-PTag"] = tag
    return answer


def page_of(actor: Actor, order: WorkOrder, forms: dict[tuple[int, str], Any] | None = None, status: int = 200) -> Any:
    """The order's page; `forms` are refused ones, by step (0: the order's own) and deed."""
    return render_template("workflows/order.html", **facts_of(actor, order, forms)), status


def facts_of(actor: Actor, order: WorkOrder, forms: dict[tuple[int, str], Any] | None = None) -> dict[str, Any]:
    """What the page of an order shows."""
    live = tag(order.no)  # read first: what comes after it is asked for again
    now, way, tried = clock.now(), queries.way_of(order), forms or {}
    offered: Forms = {}
    for step in order.steps:
        names = deeds.possible(actor, order, step, way.definition.step(step.code))
        found = {name: tried.get((step.n, name)) or _form(order, step, way, name) for name in names}
        if found:
            offered[step.n] = found
    own = {
        name: tried.get((0, name)) or _fresh(deed.make())
        for name, deed in deeds.ORDER_DEEDS.items()
        if deed.offered(actor, order)
    }
    return {
        "live": live, "order": order, "definition": way.definition, "lines": order_view.lines(order, way, now),
        "spent": order_view.spent(order, way, now), "told": order_history.told(order, way), "forms": offered,
        "own": own, "tried": set(tried), "whole": order_view.timer_of(order, order, now), "called": called,
        "units": unit_names(), "facts": order_view.facts_in_words(way.definition.fields, order.facts),
        "deeds": deeds, "length": order_view.length, "present": order_view.present(order), "now": now,
        "name_of": order_view.name_of, "given": GIVEN, "pictures": order_view.pictures(order, way, now),
        "kept": _reservation_forms(actor, order, tried),
        "lost": [f for k, f in tried.items() if _is_lost(k, offered, own)],
    }  # fmt: skip


def tag(no: str) -> str:
    """What a screen that shows an order sends back to ask whether it has changed."""
    return f"{feed.feed.epoch}.{feed.version(f'order:{no}')}.{locale()}"


def _is_lost(key: tuple[int, str], offered: Forms, own: dict[str, Any]) -> bool:
    """Whether a refused form has no place any more: somebody was faster. What was typed is shown all the same."""
    n, name = key
    return name not in own if n == 0 else name not in ("prolong", "release") and name not in offered.get(n, {})


def _fresh(form: Any) -> Any:
    if not form.is_submitted() or not form.key.data:
        form.key.data = uuid4().hex
    return form


def _form(order: WorkOrder, step: Any, way: Any, name: str) -> Any:
    form = deeds.DEEDS[name].make(order, step, way, f"{name}{step.n}-")
    form.process(None)
    form.key.data = uuid4().hex
    return form


def _reservation_forms(actor: Actor, order: WorkOrder, tried: dict[tuple[int, str], Any]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for row in order.reservations:
        if row.state == "held" and deeds.may_keep(actor, order, row):
            made = {name: deed(f"{name}{row.r}-") for name, deed in deeds.KEPT.items()}
            for name, form in made.items():
                form.process(None)
                form.key.data = uuid4().hex
                made[name] = tried.get((-row.r, name)) or form
            found[row.r] = made
    return found


@bp.get("/<no>")
def show(no: str) -> Any:
    """One order: what it is, where it stands, who had it how long, and what can be done now."""
    actor = current_actor()
    allow(actor, "order.view")
    return page_of(actor, queries.order_by_no(actor, no))


@bp.post("/<no>/steps/<int:n>/<act>")
def do_step(no: str, n: int, act: str) -> Any:
    """One deed on a step; refused with the page and all that was typed. Its documents are taken in first."""
    actor, now = current_actor(), clock.now()
    allow(actor, "order.view")
    order = queries.order_by_no(actor, no)
    step, deed = order.step(n), deeds.DEEDS.get(act)
    if step is None or deed is None:
        raise Missing("not_found")
    form = deed.make(order, step, queries.way_of(order), f"{act}{n}-")
    if not form.validate_on_submit():
        return page_of(actor, order, {(n, act): form}, 422)
    if not _documents(actor, now, order, n, form):
        return page_of(actor, queries.order_by_no(actor, no), {(n, act): form}, 422)
    if request.form.get("only") == "documents":
        return redirect(url_for(".show", no=order.no) + f"#s{n}", 303)
    return _done(actor, now, no, form, (n, act), deed.title, lambda locked: deed.run(actor, now, locked, n, form))


def _done(
    actor: Actor, now: datetime, no: str, form: Any, key: tuple[int, str], title: Any, run: Callable[[WorkOrder], None]
) -> Any:
    """Runs a deed once for the form's key. A refusal gives the page again, the form as it was typed."""
    once = f"order:{form.key.data}"[:64] if form.key.data else ""
    try:
        with transaction():
            if not made_by(once):
                locked = queries.order_to_change(actor, no)
                run(locked)
                note_made(once, locked.id, by=actor, at=now)
    except (Forbidden, Busy):
        raise
    except Refused as refused:
        if isinstance(refused, Stale) and made_by(once):
            return redirect(url_for(".show", no=no), 303)
        say_at(form, refused)
        return page_of(actor, queries.order_by_no(actor, no), {key: form}, refused.status)
    flash(_("Recorded: %(what)s", what=str(title)), "ok")
    return redirect(url_for(".show", no=no), 303)


def _documents(actor: Actor, now: datetime, order: WorkOrder, n: int, form: Any) -> bool:
    """Takes in the files of a form, each as an entry of its own; what is wrong with one is said at its field."""
    sound = True
    for field in form:
        if field.type != "MultipleFileField":
            continue
        code = field.name.partition(GIVEN)[2]
        for upload in request.files.getlist(field.name):
            if not upload.filename:
                continue
            try:
                taken = take(upload.stream, upload.filename)
                with transaction():
                    locked = queries.order_to_change(actor, order.no)
                    sheet_actions.add_document(actor, now, locked, n, code, taken)
            except (Invalid, Stale) as refused:
                say_at(form, refused, field)
                sound = False
    return sound


@bp.post("/<no>/do/<act>")
def do(no: str, act: str) -> Any:
    """One deed on the whole order."""
    actor, now = current_actor(), clock.now()
    allow(actor, "order.view")
    deed = deeds.ORDER_DEEDS.get(act)
    if deed is None:
        raise Missing("not_found")
    order, form = queries.order_by_no(actor, no), deed.make()
    if not form.validate_on_submit():
        return page_of(actor, order, {(0, act): form}, 422)
    return _done(actor, now, no, form, (0, act), deed.title, lambda locked: deed.run(actor, now, locked, form))


@bp.post("/<no>/reservations/<int:r>/<act>")
def do_reservation(no: str, r: int, act: str) -> Any:
    """Prolongs or releases what is reserved."""
    actor, now = current_actor(), clock.now()
    allow(actor, "order.view")
    if act not in deeds.KEPT:
        raise Missing("not_found")
    order, form = queries.order_by_no(actor, no), deeds.KEPT[act](f"{act}{r}-")
    if not form.validate_on_submit():
        return page_of(actor, order, {(-r, act): form}, 422)
    title = deeds.KEPT_TITLES[act]
    return _done(actor, now, no, form, (-r, act), title, lambda locked: deeds.keep(actor, now, locked, r, act, form))


@bp.get("/<no>/files/<int:file_id>")
def file(no: str, file_id: int) -> Any:
    """A document of an order, for whoever may see the order."""
    actor = current_actor()
    allow(actor, "order.view")
    return sent(queries.file_of(queries.order_by_no(actor, no), file_id))  # type: ignore[arg-type]
