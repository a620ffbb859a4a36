"""URLs for raising an order: choose a flow, fill in its fields, find the customer."""

import re
from typing import Any
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for

from portal.cases.queries import made_by
from portal.directory import queries as directory
from portal.identity.actor import Actor
from portal.identity.policy import allow, scope
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Missing, Refused, Stale
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import term
from portal.workflows import actions, queries, versions
from portal.workflows.definition import Definition
from portal.workflows.flow_view import length_words
from portal.workflows.order_deeds import number
from portal.workflows.order_forms import RaiseForm, asking, called, say_at

bp = Blueprint("raising", __name__, url_prefix="/orders/new")
FILE = re.compile(r"\bKH0*(\d{1,9})\b")


def _form(actor: Actor, definition: Definition) -> Any:
    form = asking(RaiseForm, definition.fields)
    names, mine = queries.unit_names(), scope(actor, "order.raise")
    own = [(str(i), name) for i, name in names.items() if mine is None or i in mine]
    form.unit.choices, form.customer_unit.choices = own, [(str(i), name) for i, name in names.items()]
    form.customer_class.choices = [("", _("As everybody"))] + [
        (code, f"{term('customer_class_flow.' + code)} · {length_words(limit)}")
        for code, limit in definition.classes.items()
    ]
    if not definition.classes:
        del form.customer_class
    for needed in (form.title, form.customer):
        needed.flags.required = True
    form.customer.description = _("Choose one of those found, or write a name.")
    if not form.is_submitted():
        form.flow.data, form.key.data = definition.flow, uuid4().hex
        home = str(actor.unit_id or "")
        form.unit.data = home if home in dict(own) else own[0][0] if own else ""
        form.customer_unit.data = form.unit.data
    return form


def _page(form: Any, definition: Definition, status: int = 200) -> Any:
    return render_template("workflows/order_new.html", form=form, definition=definition, called=called), status


@bp.get("")
def new() -> Any:
    """The flows to choose from, or the form of the one chosen."""
    actor, now = current_actor(), clock.now()
    allow(actor, "order.raise")
    flow = request.args.get("flow", "")
    if not flow:
        flows = [(one, length_words(one.limit)) for one in versions.all_newest(now)]
        return render_template("workflows/order_flows.html", flows=flows, called=called)
    definition = versions.newest(flow, now)
    return _page(_form(actor, definition), definition)


@bp.get("/customers")
def customers() -> Any:
    """Customers that a few letters may mean, as the field's list."""
    actor, text = current_actor(), request.args.get("customer", "").strip()
    allow(actor, "order.raise")
    found = directory.search(actor, text[:60], size=12) if len(text) > 1 else []
    return render_template("workflows/_customers.html", found=found)


def _customer(actor: Actor, said: str) -> tuple[str, int | None]:
    """Name and file of what was typed: a file's number leads to the file. Raises Invalid for one nobody knows."""
    code = FILE.search(said.upper())
    if code is None:
        return said, None
    try:
        file, _clear = directory.file(actor, int(code[1]))
    except Missing as missing:
        raise Invalid("no_such_customer_file", field="customer") from missing
    return file.name, file.id


@bp.post("")
def send() -> Any:
    """Raises the order; the same form sent twice makes one."""
    actor, now = current_actor(), clock.now()
    allow(actor, "order.raise")
    definition = versions.newest(request.form.get("flow", ""), now)
    form = _form(actor, definition)
    if not form.validate_on_submit():
        return _page(form, definition, 422)
    key = f"raise:{form.key.data}"[:64] if form.key.data else ""
    try:
        name, file_id = _customer(actor, (form.customer.data or "").strip())
        wish = actions.Wish(
            flow=definition.flow, title=form.title.data or "", customer_name=name, customer_id=file_id,
            raising_unit_id=number(form.unit.data), customer_unit_id=_known(form.customer_unit.data),
            customer_class=form.customer_class.data or "" if "customer_class" in form else "", given=form.given(),
        )  # fmt: skip
        with transaction():
            known = made_by(key)
            no = (queries.order_by_id(known) if known else actions.raise_order(actor, now, wish, key=key)).no
    except Stale:
        known = made_by(key)
        if not known:
            raise
        no = queries.order_by_id(known).no
    except Refused as refused:
        if refused.status not in (409, 422):
            raise
        say_at(form, refused)
        return _page(form, definition, refused.status)
    flash(_("Raised under number %(no)s.", no=no), "ok")
    return redirect(url_for("orders.show", no=no), 303)


def _known(text: Any) -> int:
    """A unit that exists; 0 else."""
    wanted = number(text)
    return wanted if wanted in queries.unit_names() else 0
