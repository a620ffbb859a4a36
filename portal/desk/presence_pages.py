"""URLs of presence: a screen signs for its case; screens ask who is where when the mark of their check has moved."""

from typing import Any

from flask import Response, make_response, render_template, request

from portal.cases import queries
from portal.desk import presence
from portal.desk.case_page import cases_bp
from portal.desk.queue_pages import bp
from portal.desk.views import view_for
from portal.identity.session import current_actor
from portal.kernel import clock


def _now() -> int:
    return clock.millis() // 1000


@cases_bp.post("/<no>/here")
def sign(no: str) -> Response:
    """A beat of a screen on which this case is open: look, edit or gone."""
    actor = current_actor()
    presence.sign(actor, _now(), queries.head_by_no(actor, no).id, request.form.get("doing", "look"))
    return Response(status=204)


@cases_bp.get("/<no>/here")
def at_case(no: str) -> Any:
    """Who else is at this case."""
    actor = current_actor()
    head = queries.head_by_no(actor, no)
    return make_response(
        render_template("desk/_here.html", url=f"/cases/{no}/here", people=presence.others(actor, _now(), head.id))
    )


@bp.get("/queues/<code>/here")
def in_queue(code: str) -> Any:
    """Who else is at the cases of this queue; the script puts the names into the rows."""
    people = presence.in_view(view_for(current_actor(), code, request.args), _now())
    return make_response(render_template("desk/_here.html", url=f"/queues/{code}/here", people=people, rows=True))
