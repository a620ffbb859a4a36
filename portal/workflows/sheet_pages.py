"""URLs of numbered sheets as PDF; each printing is written down first (DK7)."""

from flask import Blueprint, Response

from portal.cases import looks
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.errors import Missing
from portal.workflows import queries, sheet_print

bp = Blueprint("order_sheets", __name__, url_prefix="/orders")


def _sent(body: bytes, name: str) -> Response:
    answer = Response(body, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


@bp.get("/<no>/sheets/<number>.pdf")
def one(no: str, number: str) -> Response:
    """One sheet on A4, as this person may see it."""
    actor, now = current_actor(), clock.now()
    allow(actor, "order.view")
    order = queries.order_by_no(actor, no)
    step = sheet_print.step_of(order, number)
    looks.note_print(actor, now, no=order.no, what=f"sheet {step.sheet}")
    order = queries.order_by_no(actor, no)
    return _sent(sheet_print.pdf_of(actor, order, [sheet_print.step_of(order, number)], now), number.upper())


@bp.get("/<no>/sheets.pdf")
def every(no: str) -> Response:
    """All sheets of an order, as they go into the file."""
    actor, now = current_actor(), clock.now()
    allow(actor, "order.view")
    order = queries.order_by_no(actor, no)
    if not sheet_print.numbered(order):
        raise Missing("no_order_sheets", no=order.no)
    looks.note_print(actor, now, no=order.no, what="sheets")
    order = queries.order_by_no(actor, no)
    return _sent(sheet_print.pdf_of(actor, order, sheet_print.numbered(order), now), f"{order.no}-sheets")
