"""Many cases at once: from the ticked rows to the preview, from there to a result for each row."""

import secrets
from typing import Any, NamedTuple

from flask import Response, make_response, render_template, request

from portal.cases.telling import look
from portal.desk import bulk, undoing
from portal.desk.queue_pages import bp, title_of
from portal.desk.views import View, view_for
from portal.identity.session import current_actor
from portal.kernel import clock, i18n
from portal.kernel.db import transaction
from portal.kernel.errors import Refused
from portal.kernel.i18n import sentence
from portal.notices import many


class Result(NamedTuple):
    """What became of one row: done, already (by an earlier post of the same form) or refused with its sentence."""

    no: str
    title: str
    what: str
    why: str


@bp.post("/queues/<code>/bulk")
def preview(code: str) -> Response:
    """The chosen cases, which of them the act fits, and the one form for all; writes nothing."""
    view = view_for(current_actor(), code, request.args)
    name = request.form.get("act", "")
    lines = bulk.chosen(view.actor, name, request.form.getlist("no"))
    form = bulk.deed_by_name(name).form(formdata=None, prefix=f"{name}-")
    return _preview(view, name, lines, bulk.filled(name, form, lines), secrets.token_hex(16))


def _preview(view: View, name: str, lines: list[bulk.Line], form: Any, key: str, status: int = 200) -> Response:
    ready = [line.case for line in lines if not line.not_now]
    left = [(line.case, sentence(Refused(line.not_now, verb=""))) for line in lines if line.not_now]
    return make_response(
        render_template(
            "desk/bulk.html", view=view, title=title_of(view, i18n.locale()), act=name, ready=ready, left=left,
            form=form, key=key, look=look,
        ),
        status,
    )  # fmt: skip


@bp.post("/queues/<code>/bulk/<name>")
def carry_out(code: str, name: str) -> Response:
    """Does the act on each case in a transaction of its own; a second post of the form does nothing again."""
    view, now, key = view_for(current_actor(), code, request.args), clock.now(), request.form.get("key", "")
    seen = dict(pair.rpartition(":")[::2] for pair in request.form.getlist("case"))
    lines = bulk.chosen(view.actor, name, seen)
    form = bulk.filled(name, bulk.deed_by_name(name).form(prefix=f"{name}-"), lines)
    if not bulk.complete(name, form):
        return _preview(view, name, lines, form, key or secrets.token_hex(16), 422)
    rows = [(line.case.no, line.case.title) for line in lines]
    with many.one_act(f"{view.actor.id}:{key[:40]}"):
        results = [_one(view, now, name, row, form, seen[row[0]], key) for row in rows]
    back = [one.no for one in results if one.what == "done"] if name == "assign" else []
    if back:
        with transaction():
            undoing.note_end(view.actor, clock.now(), key)
    title = title_of(view, i18n.locale())
    return make_response(
        render_template("desk/bulk_done.html", view=view, title=title, act=name, rows=results, back=back, key=key)
    )


def _one(view: View, now: Any, name: str, row: tuple[str, str], form: Any, seen: str, key: str) -> Result:
    try:
        with transaction():
            version = int(seen) if seen.isdigit() else -1
            done = bulk.act(view.actor, now, name, row[0], form, seen=version, key=key)
    except Refused as refused:
        return Result(*row, "refused", sentence(refused))
    return Result(*row, "done" if done else "already", "")
