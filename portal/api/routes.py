"""`/api/v1`: other systems hand requests in or read figures. Bearer tokens, JSON answers, bounded size and rate.

The one place without a session and without CSRF tokens: a browser's cookie opens nothing here.
"""

from collections import deque
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, jsonify, make_response, request
from werkzeug.exceptions import HTTPException

from portal.api import actions
from portal.api.queries import token_of
from portal.api.rules import key_of
from portal.attachments.taking import limits, take
from portal.identity.actor import SYSTEM
from portal.intake import call_actions, call_rules
from portal.intake.import_rules import FIELDS
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Refused, Stale
from portal.kernel.i18n import parse_local, sentence, speaking
from portal.reports import kpi_routes
from portal.reports.metrics import lines, room, source

api = Blueprint("api", __name__, url_prefix="/api/v1")
BLUEPRINTS = (api,)
MOST_BYTES = 256 * 1024  # of a request; texts are bounded one by one
MOST_A_MINUTE = 120  # by one token in one process
_seen: dict[int, deque[float]] = {}


@api.before_request
def guard() -> Response | None:
    """No token, no entry; and no more than two a second."""
    token = token_of(request.headers.get("Authorization", ""))
    if token is None:
        answer = _refused(401, "api_token")
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    g.api_token = token.id
    if token.figures is not (request.endpoint == "api.figures"):
        return _refused(403, "api_right")
    here, seen = clock.monotonic(), _seen.setdefault(token.id, deque())
    while seen and seen[0] < here - 60:
        seen.popleft()
    if len(seen) >= MOST_A_MINUTE:
        answer = _refused(429, "api_rate", most=MOST_A_MINUTE)
        answer.headers["Retry-After"] = str(int(61 - here + seen[0]))
        return answer
    seen.append(here)
    return None


@api.errorhandler(Refused)
def refused(error: Refused) -> Response:
    """A refusal as JSON: code, sentence, field."""
    return _refused(error.status, error.code, **error.facts)


@api.errorhandler(HTTPException)
def unusable(error: HTTPException) -> Response:
    """Werkzeug's own refusals (too large, no JSON) as JSON."""
    code = {413: "api_too_large", 415: "api_no_json"}.get(error.code or 500, "unusable_input")
    return _refused(error.code or 500, code)


def _refused(status: int, code: str, **facts: Any) -> Response:
    said = {"code": code, "message": sentence(Invalid(code, **facts)), "field": facts.get("field", "")}
    return make_response(jsonify(error=said), status)


@api.get("/figures")
def figures() -> Any:
    """All figures of a period as JSON: ?period=2026Q4, filters unit, level, channel, live=no, and lang=zh|en."""
    lang = request.args.get("lang", "zh")
    if lang not in ("zh", "en"):
        raise Invalid("no_such_language", field="lang")
    with speaking("en" if lang == "en" else "zh_Hans_CN"):
        span, want = kpi_routes.asked_span(), kpi_routes.asked_filters("unit", "level", "channel", "live")
        counts = source.counts(span, want)
        balance = asdict(room.balance(counts, **want))
        said = [lines.as_json(one) for one in lines.lines(room.figures(span, want, counts=counts))]
        return jsonify(period=span.code, counted_at=counts.at, filters=want, balance=balance, figures=said)


@api.post("/requests")
def take_request() -> Any:
    """Takes a request: 201 with its number; the same key again: 200 with the same number."""
    now, said = clock.now(), _said()
    values = {name: said.get(name, "") for name in FIELDS}
    try:
        return _handed_in(now, said, values)
    except Stale:  # the same key, or the same customer, at the same moment: the other one has been first
        return _handed_in(now, said, values)


def _handed_in(now: datetime, said: dict[str, str], values: dict[str, str]) -> Any:
    with transaction():
        case, new = actions.hand_in(now, g.api_token, said.get("key", ""), said.get("channel", ""), values)
        answer = {"no": case.no, "incomplete": list(case.incomplete or [])}
    return jsonify(**answer), 201 if new else 200


def _said() -> dict[str, str]:
    """The body as texts by name. Raises Invalid for what is no JSON object of texts."""
    request.max_content_length = MOST_BYTES
    said = request.get_json(silent=True)
    if not isinstance(said, dict):
        raise Invalid("api_no_json")
    for name, value in said.items():
        if not isinstance(value, str) or "\0" in value:
            raise Invalid("api_text", field=str(name)[:40])
    return said


@api.post("/calls")
def take_calls() -> Any:
    """Takes calls of the telephone system, up to 500 together: {"calls": [...]}; each comes in once by its key."""
    request.max_content_length = MOST_BYTES
    now, said = clock.now(), request.get_json(silent=True)
    rows = said.get("calls") if isinstance(said, dict) else None
    if not isinstance(rows, list) or not 0 < len(rows) <= call_rules.MOST:
        raise Invalid("call_list", most=call_rules.MOST)
    taken = [call_rules.call_of(row, now) for row in rows]
    with transaction():
        new, known = call_actions.take_calls(SYSTEM, now, g.api_token, taken)
    return jsonify(new=new, known=known), 201 if new else 200


@api.post("/voicemails")
def take_voicemail() -> Any:
    """Takes a recording (multipart): 201 with when its entry is due; the same key again: 200."""
    request.max_content_length = limits()[0] + 64 * 1024
    now, form, upload = clock.now(), request.form, request.files.get("recording")
    key_of(g.api_token, form.get("key", ""))
    if upload is None or not upload.filename:
        raise Invalid("voicemail_no_sound", field="recording")
    received = _received(form.get("received", ""), now)
    with closing(upload):
        taken = take(upload.stream, upload.filename)
    with transaction():
        row, new = actions.hand_in_voicemail(
            now, g.api_token, form.get("key", ""), hotline=form.get("hotline", ""), caller=form.get("caller", ""),
            received=received, recording=taken, sent_at=form.get("received", ""),
        )  # fmt: skip
        answer = {"id": row.id, "opens": row.opens_at.isoformat(), "due": row.due_at.isoformat()}
    return jsonify(**answer), 201 if new else 200


def _received(text: str, now: datetime) -> datetime:
    try:
        return parse_local(text).replace(microsecond=0) if text else now
    except (ValueError, OverflowError) as error:
        raise Invalid("received_unreadable", field="received") from error
