"""Turning answers into HTML: whole pages, partials and refusals; headers that every answer carries."""

import secrets
from functools import cached_property
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from htmx_flask import Htmx
from htmx_flask.requests import HtmxAwareRequest
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import HTTPException

from portal.kernel import clock
from portal.kernel.errors import Busy, Forbidden, Invalid, Missing, Refused
from portal.kernel.i18n import sentence

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
CODES = {403: "not_allowed", 404: "not_found", 413: "too_large", 400: "unusable_input", 405: "not_found"}


class PortalRequest(HtmxAwareRequest):  # type: ignore[misc]
    """A request whose texts hold no NUL: no sentence needs one, and PostgreSQL stores none."""

    def _load_form_data(self) -> None:
        super()._load_form_data()
        self.__dict__["form"] = _without_nul(self.__dict__["form"])

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The query string's values."""
        return _without_nul(super().args)


def _without_nul(found: MultiDict[str, str]) -> Any:
    if not any("\0" in value for values in found.listvalues() for value in values):
        return found
    return ImmutableMultiDict([(name, value.replace("\0", "")) for name, value in found.items(multi=True)])


def is_htmx() -> bool:
    """Whether the page's own script asked for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def refusal(error: Refused) -> Response:
    """A refused partial fills the page's notice strip, a refused page load gets a page, JSON callers get JSON."""
    if request.accept_mimetypes.best == "application/json":
        return make_response(jsonify(code=error.code), error.status)
    partial = is_htmx()
    page = "layout/_refusal.html" if partial else "layout/refusal.html"
    answer = make_response(
        render_template(
            page,
            error=error,
            sentence=sentence(error),
            status=error.status,
            request_no=g.get("request_no", ""),
        ),
        error.status,
    )
    if partial:
        answer.headers["HX-Retarget"] = "#notice"
        answer.headers["HX-Reswap"] = "innerHTML"
    return answer


def http_refusal(error: HTTPException) -> Response:
    """Werkzeug's own refusals in the same clothes."""
    if isinstance(error, CSRFError):
        answer = refusal(Invalid("csrf"))
        answer.status_code = 400
        answer.headers["X-CSRF-Failed"] = "1"
        return answer
    code = error.code or 500
    if code in (301, 302, 303, 307, 308):
        return make_response(error.get_response())
    kind: type[Refused] = {403: Forbidden, 404: Missing, 405: Missing}.get(code, Invalid)
    answer = refusal(kind(CODES.get(code, "unusable_input")))
    answer.status_code = code
    return answer


def failure(error: Exception) -> Response:
    """An unforeseen error: logged under the request number that the page shows, never its trace."""
    current_app.logger.error("request %s failed", g.get("request_no"), exc_info=error)
    answer = refusal(Busy("failed"))
    answer.status_code = 500
    return answer


def open_request() -> None:
    """Gives the request its number and its one reading of the clock; no address holds a NUL."""
    g.request_no = secrets.token_hex(4)
    g.now_ms = clock.millis()
    if "\0" in request.path:
        raise Missing("not_found")


def close_request(answer: Response) -> Response:
    """Headers of every answer: server time, content policy, no caching of anything that may hold customer data."""
    headers = answer.headers
    headers["X-Now"] = str(clock.millis())
    headers["Content-Security-Policy"] = CSP
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
        headers.add("Vary", "HX-Request, Cookie")
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return answer


def init_app(app: Flask) -> None:
    """Registers htmx, refusals and headers."""
    Htmx(app)
    app.request_class = PortalRequest
    app.before_request(open_request)
    app.after_request(close_request)
    app.register_error_handler(Refused, refusal)
    app.register_error_handler(HTTPException, http_refusal)
    if not app.testing:
        app.register_error_handler(Exception, failure)


def endpoint() -> str | None:
    """The endpoint this request leads to; None for an unknown address."""
    return request.endpoint
