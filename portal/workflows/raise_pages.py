"""URLs for raising an order: choose a flow, fill in its fields and its first step, find the customer."""

import re
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for

from portal.attachments.taking import Taken, take
from portal.cases.submissions import made_by
from portal.directory import queries as directory
from portal.identity.actor import Actor
from portal.identity.policy import allow, may, scope
from portal.identity.queries import unit_names
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Missing, Refused, Stale
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import term
from portal.workflows import actions, queries, sheet_actions, versions
from portal.workflows.definition import CHOSEN, RAISER, Definition, Step
from portal.workflows.flow_view import length_words
from portal.workflows.models import WorkOrder
from portal.workflows.order_deeds import number
from portal.workflows.order_forms import FILES, GIVEN, RaiseForm, StepForm, asking, called, say_at
from portal.workflows.rights import at

bp = Blueprint("raising", __name__, url_prefix="/orders/new")
EVERYBODY = "as_everybody"  # chosen on the form: no class, whatever the file says
FILE = re.compile(r"\bKH0*(\d{1,9})\b")


def _form(actor: Actor, definition: Definition) -> Any:
    form = asking(RaiseForm, definition.fields)
    names, mine = unit_names(), scope(actor, "order.raise")
    own = [(str(i), name) for i, name in names.items() if mine is None or i in mine]
    form.unit.choices, form.customer_unit.choices = own, [(str(i), name) for i, name in names.items()]
    form.customer_class.choices = [
        ("", _("By the customer's file, else as everybody")),
        *((code, f"{term('customer_class.' + code)} · {length_words(n)}") for code, n in definition.classes.items()),
        (EVERYBODY, f"{_('As everybody')} · {length_words(definition.limit)}"),
    ]
    if not definition.classes:
        del form.customer_class, form.class_reason
    for needed in (form.title, form.customer):
        needed.flags.required = True
    form.customer.description = _("Choose one of those found, or write a name.")
    if not form.is_submitted():
        form.flow.data, form.key.data = definition.flow, uuid4().hex
        home = str(actor.unit_id or "")
        form.unit.data = home if home in dict(own) else own[0][0] if own else ""
        form.customer_unit.data = form.unit.data
    return form


def _first(definition: Definition) -> Step | None:
    """The step that whoever raises an order would do next: it is done with the raising, unless somebody chooses."""
    step = definition.step(definition.first[0])
    asks = any(one.kind == "reservation" for one in step.evidence)
    alone = len(definition.first) == 1 and step.kind == "task" and step.holder == RAISER
    return step if alone and not asks and all(definition.step(c).holder != CHOSEN for c in step.next) else None


def _first_form(definition: Definition) -> Any:
    """The fields of that step, for the same page; None where the flow begins otherwise."""
    step = _first(definition)
    return asking(StepForm, step.evidence, "first-") if step else None


def _page(form: Any, definition: Definition, status: int = 200, first: Any = None) -> Any:
    step = _first(definition)
    page = render_template(
        "workflows/order_new.html", form=form, definition=definition, called=called, step=step,
        first=first or _first_form(definition),
    )  # fmt: skip
    return page, status


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


def _customer(actor: Actor, said: str) -> tuple[str, int | None, str]:
    """Name, file and its class of what was typed: a number leads to the file. Raises Invalid for one nobody knows."""
    code = FILE.search(said.upper())
    if code is None:
        return said, None, ""
    try:
        file, _clear = directory.file(actor, int(code[1]))
    except Missing as missing:
        raise Invalid("no_such_customer_file", field="customer") from missing
    return file.name, file.id, file.category


def _class(form: Any, known_as: str, definition: Definition) -> str:
    """The class that was chosen, else that of the customer's file as far as the flow has limits for it (WF4)."""
    chosen = form.customer_class.data or "" if "customer_class" in form else ""
    usual = known_as if known_as in definition.classes else ""
    return "" if chosen == EVERYBODY else chosen or usual


@bp.post("")
def send() -> Any:
    """Raises the order; the same form sent twice makes one."""
    actor, now = current_actor(), clock.now()
    allow(actor, "order.raise")
    definition = versions.newest(request.form.get("flow", ""), now)
    form, first = _form(actor, definition), None
    if request.form.get("then") == "submit" and may(actor, "order.work", at(number(form.unit.data))):
        first = _first_form(definition)
    if not form.validate_on_submit():
        return _page(form, definition, 422, first)
    key = f"raise:{form.key.data}"[:64] if form.key.data else ""
    try:
        name, file_id, known_as = _customer(actor, (form.customer.data or "").strip())
        wish = actions.Wish(
            flow=definition.flow, title=form.title.data or "", customer_name=name, customer_id=file_id,
            raising_unit_id=number(form.unit.data), customer_unit_id=_known(form.customer_unit.data),
            customer_class=_class(form, known_as, definition), given=form.given(),
            class_reason=form.class_reason.data or "" if "class_reason" in form else "",
        )  # fmt: skip
        papers = _papers(first) if first and not made_by(key) else []
        with transaction():
            known = made_by(key)
            order = queries.order_by_id(known) if known else actions.raise_order(actor, now, wish, key=key)
            if first and not known:
                _submit(actor, now, order, first, papers)
            no = order.no
    except Stale:
        known = made_by(key)
        if not known:
            raise
        no = queries.order_by_id(known).no
    except Refused as refused:
        if refused.status not in (409, 422):
            raise
        say_at(form if first is None or form.at(refused.facts.get("field", "")) is not None else first, refused)
        return _page(form, definition, refused.status, first)
    flash(_("Raised under number %(no)s.", no=no), "ok")
    return redirect(url_for("orders.show", no=no), 303)


def _papers(first: Any) -> list[tuple[str, Taken]]:
    """The documents of the first step, kept by their content: (code, file). Raises Invalid at the field."""
    found = []
    for field in (one for one in first if one.type in FILES):
        code = field.name.partition(GIVEN)[2]
        for upload in request.files.getlist(field.name):
            if upload.filename:
                try:
                    found.append((code, take(upload.stream, upload.filename)))
                except Invalid as refused:
                    raise Invalid(refused.code, **refused.facts | {"field": code}) from refused
    return found


def _submit(actor: Actor, now: datetime, order: WorkOrder, first: Any, papers: list[tuple[str, Taken]]) -> None:
    """The first step is done with the raising, all or nothing."""
    (step,) = order.steps
    for code, paper in papers:
        sheet_actions.add_document(actor, now, order, step.n, code, paper)
    actions.complete(actor, now, order, step.n, given=first.given())


def _known(text: Any) -> int:
    """A unit that exists; 0 else."""
    wanted = number(text)
    return wanted if wanted in unit_names() else 0
