"""The check by which an order's page keeps itself up to date."""

from flask import Blueprint, Response, make_response, render_template, request

from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.workflows import queries
from portal.workflows.order_pages import facts_of, tag

bp = Blueprint("order_live", __name__, url_prefix="/orders")


@bp.get("/<no>/changes")
def changes(no: str) -> Response:
    """Has the order changed? 204 from memory, or its parts anew; forms that somebody fills in (`typed`) stay alone."""
    actor, here = current_actor(), tag(no.strip().upper())
    allow(actor, "order.view")
    answer = make_response("", 204)
    if request.headers.get("HX-PTag") != here:
        order = queries.order_by_no(actor, no)
        answer = make_response(
            render_template(
                "workflows/_order_parts.html", typed=bool(request.args.get("typed")), **facts_of(actor, order)
            )
        )
    answer.headers["HX-PTag"] = here
    return answer
