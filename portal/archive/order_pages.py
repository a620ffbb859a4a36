"""Orders that have ended: found by the language of the search box, beside the hits and on a page, and opened (WF3)."""

from typing import Any

from flask import redirect, render_template, request

from portal.archive import access, order_records, order_search
from portal.archive.forms import asked
from portal.archive.order_shown import shown
from portal.archive.routes import bp
from portal.identity.policy import allow
from portal.identity.queries import unit_names
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel import files as contents
from portal.kernel.instants import epoch
from portal.kernel.web import is_htmx
from portal.workflows import ledger, ledger_view, order_view, queries
from portal.workflows.order_forms import called

FEW, PAGE = 5, 20


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
    lines = ledger_view.lines(actor, ledger.rows_of(page.ids), None, epoch(now))
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
        states={sha256: contents.state(sha256) for sha256 in listed}, v=shown(actor, found, now), units=unit_names(),
        flow=called(queries.way_of(found.order).definition.name), length=order_view.length,
    )  # fmt: skip
