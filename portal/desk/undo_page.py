"""The URLs by which what was just done is taken back (DK5): on a case, in a queue, after an act on many cases."""

from datetime import datetime
from typing import Any

from flask import Response, make_response, redirect, render_template, request

from portal.cases import queries, undo_actions
from portal.desk import bulk, undoing
from portal.desk.bulk_pages import Result
from portal.desk.case_page import cases_bp, done
from portal.desk.queue_pages import bp, title_of
from portal.desk.views import View, view_for
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock, i18n
from portal.kernel.db import transaction
from portal.kernel.errors import Refused
from portal.kernel.i18n import sentence
from portal.kernel.web import is_htmx
from portal.notices import many


@cases_bp.post("/<no>/undo")
def undo(no: str) -> Any:
    """Takes the reader's last entry back, where it is not ten seconds old and nothing has happened since."""
    actor, now = current_actor(), clock.now()
    allow(actor, "case.view", queries.case_by_no(actor, no))
    with transaction():
        case = queries.case_to_change(actor, no)
        undo_actions.undo(actor, now, case)
    return done(case, "undo")


@bp.post("/queues/undo/<no>")
def undo_in_queue(no: str) -> Any:
    """The same from the line that a claim in a row leaves; the queue then looks for what changed."""
    actor, now = current_actor(), clock.now()
    with transaction():
        undo_actions.undo(actor, now, queries.case_to_change(actor, no))
    if not is_htmx():
        return redirect(f"/cases/{no}?done=undo", 303)
    return Response(render_template("desk/_took.html", no=no, took="undo"), headers={"HX-Trigger": "portal:wake"})


@bp.post("/queues/<code>/bulk/undo")
def undo_many(code: str) -> Response:
    """Takes an act on many cases back, each case for itself, until ten seconds after the act's end."""
    view, now, key = view_for(current_actor(), code, request.args), clock.now(), request.form.get("key", "")
    lines = bulk.chosen(view.actor, "assign", request.form.getlist("no"))
    ended = undoing.act_ended(view.actor, key)
    rows = [(line.case.no, line.case.title) for line in lines]
    with many.one_act(f"{view.actor.id}:{key[:40]}"):
        results = [_one(view, now, row, ended, key) for row in rows]
    return make_response(
        render_template("desk/bulk_done.html", view=view, title=title_of(view, i18n.locale()), act="undo", rows=results)
    )


def _one(view: View, now: datetime, row: tuple[str, str], ended: datetime | None, key: str) -> Result:
    try:
        with transaction():
            case = queries.case_to_change(view.actor, row[0])
            undo_actions.undo(view.actor, now, case, ended if undoing.by_act(case, key) else None)
    except Refused as refused:
        return Result(*row, "refused", sentence(refused))
    return Result(*row, "done", "")
