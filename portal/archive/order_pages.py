"""Orders that have ended: found by the language of the search box, beside the hits and on a page, and opened (WF3)."""

from datetime import datetime
from typing import Any, NamedTuple

from flask import redirect, render_template, request

from portal.archive import access, order_records, order_search
from portal.archive.forms import asked
from portal.archive.routes import bp
from portal.directory.rules import masked_name
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.identity.queries import unit_names
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel import files as contents
from portal.kernel.masking import CARD, DOCUMENT
from portal.kernel.masking import hidden as hidden_cards
from portal.kernel.web import is_htmx
from portal.workflows import ledger, ledger_view, order_history, order_view, queries
from portal.workflows.limits import seconds
from portal.workflows.order_forms import called
from portal.workflows.order_history import Told
from portal.workflows.order_view import Line
from portal.workflows.sheet_print import hidden, knows

FEW, PAGE = 5, 20
CARDS = (CARD, DOCUMENT)  # numbers that nobody reads in texts (AR6)


class Shown(NamedTuple):
    """A record as this person may read it."""

    title: str
    customer: str
    reason: str
    facts: list[tuple[str, str]]
    steps: list[Line]
    told: list[Told]


@bp.get("/orders")
def orders() -> Any:
    """Ended orders that fit: a few of them for beside the hits, else a page; written down as a search."""
    actor, now = current_actor(), clock.now()
    allow(actor, "order.archive")
    wanted, after, beside = asked(request.args), request.args.get("after", ""), is_htmx()
    if not wanted.query.faults:
        note = access.note_once if beside else access.note
        note(actor, now, "search", query=wanted.noted())
    page = order_search.page(actor, wanted, after, FEW if beside else PAGE)
    lines = ledger_view.lines(actor, ledger.rows_of(page.ids), None, seconds(now))
    template = "archive/_orders.html" if beside else "archive/orders.html"
    facts = {"asked": wanted, "lines": lines, "older": page.older, "apart": page.apart, "after": after}
    return render_template(template, **facts), 422 if wanted.query.faults and not beside else 200


@bp.get("/orders/<number>")
def open_order(number: str) -> Any:
    """The record of an order as it ended; its opening is written down first. An order that runs has its own page."""
    actor, now = current_actor(), clock.now()
    allow(actor, "order.archive")
    order = queries.order_by_no(actor, number)
    allow(actor, "order.archive", order)
    no, filed = order.no, order_records.has(order)
    access.note(actor, now, "open", no=no, query=request.args.get("q", ""))
    if not filed:
        return redirect(f"/orders/{no}", 303)
    found = order_records.opened(actor, no)
    listed = {one.sha256 for one in found.order.files}
    documents = [one for one in queries.order_by_no(actor, no).files if one.sha256 in listed]
    return render_template(
        "archive/order.html", r=found, order=found.order, documents=documents,
        states={sha256: contents.state(sha256) for sha256 in listed}, v=_shown(actor, found, now), units=unit_names(),
        flow=called(queries.way_of(found.order).definition.name), length=order_view.length,
    )  # fmt: skip


def _shown(actor: Actor, found: order_records.Opened, now: datetime) -> Shown:
    """What the page shows: cards' numbers hidden from all, telephones and customer from who does not read them."""
    order, way = found.order, queries.way_of(found.order)
    facts = list(order_view.facts_in_words(way.definition.fields, order.facts))
    steps = order_view.lines(order, way, order.ended_at or now)
    told = order_history.told(order, way, found.entries[::-1])
    known, name = knows(actor, order), order.customer_name

    def cover(text: str) -> str:
        return hidden_cards(text, CARDS) if known else hidden(hidden_cards(text, CARDS), name)

    return Shown(
        cover(order.title), name if known else masked_name(name), cover(order.reason),
        [(label, cover(said)) for label, said in facts],
        [Line(**vars(one) | {"said": tuple((label, cover(said)) for label, said in one.said)}) for one in steps],
        [one._replace(detail=cover(one.detail), quote=cover(one.quote)) for one in told],
    )  # fmt: skip
