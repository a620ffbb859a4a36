"""Numbered sheets on paper: A4, with facts, evidence, boxes for signatures and a square code to the page."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import segno
from flask import current_app
from markupsafe import Markup

from portal.directory.rules import masked_name, masked_phone
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.identity.queries import unit_names
from portal.kernel import paper
from portal.kernel.errors import Missing
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import instant, locale, term
from portal.workflows import queries
from portal.workflows.definition import Step
from portal.workflows.limits import Way
from portal.workflows.models import OrderStep, WorkOrder
from portal.workflows.order_forms import called
from portal.workflows.order_view import facts_in_words

Facts = tuple[tuple[str, str], ...]
_NUMBER = re.compile(r"\d[\d -]{5,}\d")


@dataclass(frozen=True)
class Sheet:
    """What one sheet says, in the reader's language; `code` is the drawing of its address."""

    number: str
    name: str
    order: Facts
    step: Facts
    evidence: Facts
    files: tuple[tuple[str, str], ...]
    address: str
    code: Markup


def numbered(order: WorkOrder) -> list[OrderStep]:
    """The steps and parts of steps that have a sheet, in the order of their numbers."""
    return sorted((s for s in order.steps if s.sheet), key=lambda s: s.sheet)


def step_of(order: WorkOrder, number: str) -> OrderStep:
    """What the sheet with this number is of. Raises Missing."""
    found = next((s for s in order.steps if s.sheet and s.sheet == number.strip().upper()), None)
    if found is None:
        raise Missing("no_such_order_sheet", sheet=number[:30])
    return found


def knows(actor: Actor, order: WorkOrder) -> bool:
    """Whether this person reads who the customer is: who may elsewhere, and dispatchers, whose sheets these are."""
    return may(actor, "customer.contact", order) or may(actor, "order.dispatch", order)


def hidden(text: str, name: str = "") -> str:
    """A text with its telephone and other long numbers hidden, and the customer's name where it is given."""
    covered = _NUMBER.sub(lambda found: masked_phone(found.group()), text)
    return covered.replace(name, masked_name(name)) if name else covered


def name_of(definition: Step) -> str:
    """What a sheet is called on its head."""
    return called(definition.sheet) or called(definition.name)


def sheet(actor: Actor, order: WorkOrder, step: OrderStep, way: Way) -> Sheet:
    """One sheet as this person may read it."""
    defined, known = way.definition.step(step.code), knows(actor, order)
    address = f"{current_app.config['PORTAL'].url}/orders/{order.no}#s{step.n}"
    facts = (_order_facts(order, way, known), _step_facts(order, step, way), _evidence(step, defined))
    asked, done, said = facts if known else tuple(_hidden(part, order.customer_name) for part in facts)
    files = tuple((f.name, f.sha256[:16]) for f in order.files if f.n == step.n)
    return Sheet(step.sheet, name_of(defined), asked, done, said, files, address, drawn(address))


def _hidden(part: Facts, customer: str) -> Facts:
    return tuple((name, hidden(said, customer)) for name, said in part)


def drawn(address: str) -> Markup:
    """An address as a square code, an SVG without a background."""
    return Markup(segno.make(address, error="m").svg_inline(scale=2, border=0, omitsize=True))


def _filled(*facts: tuple[str, str]) -> Facts:
    return tuple((name, said) for name, said in facts if said)


def _order_facts(order: WorkOrder, way: Way, known: bool) -> Facts:
    names = unit_names()
    customer = order.customer_name if known else masked_name(order.customer_name)
    kind = term(f"customer_class.{order.customer_class}") if order.customer_class else ""
    return _filled(
        (_("Work order"), f"{order.no} · {called(way.definition.name)}"), (_("Title"), order.title),
        (_("Customer"), f"{customer} ({kind})" if kind else customer),
        (_("Raised by"), f"{names.get(order.raising_unit_id, '')} · {order.raised_by_name}"),
        (_("Raised at"), instant(order.started_at)), (_("Whole order due"), instant(order.due_at)),
        *facts_in_words(way.definition.fields, order.facts),
    )  # fmt: skip


def _step_facts(order: WorkOrder, step: OrderStep, way: Way) -> Facts:
    unit = unit_names().get(step.unit_id, "")
    closed = instant(step.done_at) if step.done_at and step.state != "open" else ""
    return _filled(
        (_("Step of the work"), called(way.definition.step(step.code).name)),
        (_("Round"), str(step.round) if step.round > 1 else ""),
        (_("To"), step.party or unit), (_("Asked by"), unit if step.party else ""), (_("Whom we call"), step.contact),
        (_("Done by"), step.person), (_("Their number"), step.outside_no), (_("Received at"), instant(step.started_at)),
        (_("Due"), instant(step.due_at)), (_("State"), term(f"step_state.{step.state}")), (_("Closed at"), closed),
    )  # fmt: skip


def _evidence(step: OrderStep, defined: Step) -> Facts:
    if step.kind == "sheet":
        return _filled((_("Asked"), step.words), (_("Answer"), str(step.facts.get("answer", ""))))
    reasons = {one.code: called(one.name) for back in defined.returns for one in back.reasons}
    outcomes = {one.code: called(one.name) for one in defined.outcomes}
    return _filled(
        *facts_in_words(defined.evidence, step.facts), (_("Decision"), outcomes.get(step.outcome, "")),
        (_("Sent back, because"), reasons.get(step.outcome, "")), (_("Said"), step.words),
    )  # fmt: skip


def pdf_of(actor: Actor, order: WorkOrder, steps: Iterable[OrderStep], now: datetime) -> bytes:
    """Sheets as a PDF, each beginning on a page of its own. Raises Refused where the libraries for it lack."""
    way = queries.way_of(order)
    made = _("Printed %(at)s by %(name)s; this printing is kept in the access log.", at=instant(now), name=actor.name)
    page = current_app.jinja_env.get_template("print/order_sheets.html").render(
        sheets=[sheet(actor, order, step, way) for step in steps],
        lang="en" if locale() == "en" else "zh-Hans",
        made=made,
    )
    return paper.laid_out(page, "sheet.css")
