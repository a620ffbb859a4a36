"""Orders that have ended beside the archive's hits: found by number, sheet, number outside, customer or title (WF3)."""

from typing import Any
from urllib.parse import urlencode

from flask import redirect, render_template, request

from portal.archive import access
from portal.archive.forms import asked
from portal.archive.routes import bp
from portal.identity.policy import allow, scope
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.web import is_htmx
from portal.workflows import ledger, ledger_view, queries
from portal.workflows.limits import seconds

FEW = 5


@bp.get("/orders")
def orders() -> Any:
    """The newest ended orders that fit; asked for once the hits stand, and written down as a search."""
    actor, now = current_actor(), clock.now()
    allow(actor, "archive.search")
    allow(actor, "order.view")
    wanted = asked(request.args)
    if not is_htmx():
        return redirect(f"/orders/ledger?{urlencode({'flow': 'all', 'state': 'ended', 'q': wanted.said})}", 303)
    access.note_once(actor, now, "search", query=wanted.noted())
    which = ledger.Asked("", scope(actor, "order.view"), state="ended", said=wanted.said[:80])
    rows = ledger.page(which, seconds(now), FEW)[0] if wanted.said else []
    lines = ledger_view.lines(actor, rows, None, seconds(now))
    return render_template("archive/_orders.html", asked=wanted, lines=lines)


@bp.get("/orders/<number>")
def open_order(number: str) -> Any:
    """An order that has ended, as it was; its opening is written down first. Nothing of it can be changed any more."""
    actor, now = current_actor(), clock.now()
    allow(actor, "archive.view")
    allow(actor, "order.view")
    found = queries.order_by_no(actor, number).no
    access.note(actor, now, "open", no=found, query=request.args.get("q", ""))
    return redirect(f"/orders/{found}", 303)
