"""The offline page: one form that works while the portal is away and sends what was typed when it is back (ADR 36).

Everything under `/offline/` is static and holds nobody's data; the browser keeps it through its service worker.
"""

from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    make_response,
    render_template,
    request,
    send_from_directory,
)

from portal.backup import entry_pages, rules
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel.errors import Invalid
from portal.kernel.i18n import sentence

bp = Blueprint("offline", __name__, url_prefix="/offline")
MOST_BYTES = 2 * 1024 * 1024


@bp.get("/")
def page() -> Any:
    """The form, the same for everybody; opened once it stays in this browser."""
    allow(current_actor(), "backup.note")
    return render_template("backup/offline.html", folder="/static", mode="portal")


@bp.get("/worker.js")
def worker() -> Response:
    """The service worker: it may serve this folder's pages and nothing else of the portal."""
    allow(current_actor(), "backup.note")
    answer = make_response(send_from_directory(current_app.static_folder or "", "offline-worker.js"))
    answer.headers["Content-Type"] = "text/javascript; charset=utf-8"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@bp.post("/send")
def send() -> Any:
    """Takes what was typed, each key once however often it is sent. JSON: taken keys, and why others were not."""
    actor = current_actor()
    allow(actor, "backup.note")
    request.max_content_length = MOST_BYTES
    body = request.get_json(silent=True)
    try:
        rows, unusable = rules.typed(body.get("entries") if isinstance(body, dict) else None)
    except Invalid as refused:
        return jsonify(error=sentence(refused)), refused.status
    _new, left = entry_pages.take_all(actor, rows, "page")
    wrong = dict(left) | {key: sentence(Invalid(code)) for key, code in unusable}
    return jsonify(taken=[one.key for one in rows if one.key not in wrong], refused=wrong)
