"""Turning answers into HTML: whole pages, partials and refusals; headers that every answer carries."""

import re
import secrets
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request, session
from flask_wtf.csrf import CSRFError
from htmx_flask import Htmx
from htmx_flask.requests import HtmxAwareRequest
from markupsafe import escape
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.http import parse_cookie

from portal.kernel import clock
from portal.kernel.errors import Busy, Forbidden, Invalid, Missing, Refused
from portal.kernel.i18n import sentence

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
ALWAYS = (
    ("Content-Security-Policy", CSP),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
# of everything that may hold customer data: a page depends on who asks and how, and nobody in between keeps it
PRIVATE = (("Cache-Control", "no-store"), ("Vary", "HX-Request, Cookie"))
SPECIAL = re.compile("[&<>\"']").search
CODES = {403: "not_allowed", 404: "not_found", 413: "too_large", 400: "unusable_input", 405: "not_found"}


class PortalRequest(HtmxAwareRequest):  # type: ignore[misc]
    """A request whose texts hold no NUL: no sentence needs one, and PostgreSQL stores none."""

    def _load_form_data(self) -> None:
        super()._load_form_data()
        self.__dict__["form"] = _without_nul(self.__dict__["form"])

    @property
    def max_content_length(self) -> int | None:
        """How many bytes a post may have: more where a room takes files, and then from signed-in people alone."""
        large: dict[str, int] = current_app.config.get("LARGE_POSTS", {})
        wide = self.endpoint in large and self.mimetype == "multipart/form-data" and "_user_id" in session
        return large[str(self.endpoint)] if wide else super().max_content_length

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        """Flask's own way to set it for one request."""
        self._max_content_length = value

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:  # type: ignore[override]
        """The browser's cookies; polls send the same ones again and again."""
        return cookies_of(self.environ.get("HTTP_COOKIE", ""))

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The query string's values."""
        return _without_nul(super().args)


@lru_cache(maxsize=4096)
def cookies_of(header: str) -> ImmutableMultiDict[str, str]:
    """The cookies of a header by name; none where its bytes are no text."""
    try:
        return ImmutableMultiDict(parse_cookie(header))
    except UnicodeDecodeError:
        return ImmutableMultiDict()


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
            request_no=request_no(),
            typed=_typed(),
        ),
        error.status,
    )
    if partial:
        answer.headers["HX-Retarget"] = "#notice"
        answer.headers["HX-Reswap"] = "innerHTML"
    return answer


def _typed() -> bool:
    """Whether the refused form holds anything but its token; one too large to be read does."""
    try:
        return any(name != "csrf_token" for name in request.form)
    except RequestEntityTooLarge:
        return True


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
    current_app.logger.error("request %s failed", request_no(), exc_info=error)
    answer = refusal(Busy("failed"))
    answer.status_code = 500
    return answer


def safe(text: str) -> str:
    """Text as HTML; most holds nothing to escape, and then this costs a third of escaping it."""
    return str(escape(text)) if SPECIAL(text) else text


def request_no() -> str:
    """The number under which this request is reported and logged; drawn when first asked for."""
    number: str = g.setdefault("request_no", secrets.token_hex(4))
    return number


def open_request() -> None:
    """Gives the request its one reading of the clock; no address holds a NUL."""
    g.now_ms = clock.millis()
    if "\0" in request.environ["PATH_INFO"]:
        raise Missing("not_found")


def bare(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers of an answer without a body: there is nothing to guess, to frame or to run, only not to keep."""
    kept = [header for header in headers if header[0] not in ("Content-Type", "Content-Length")]
    return [*kept, ("Cache-Control", "no-store"), ("X-Now", str(clock.millis()))]


def piece(headers: list[tuple[str, str]], html: bytes) -> list[tuple[str, str]]:
    """The headers of a piece of a page that a script asked for: no document of its own, so no policy for one."""
    about = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(html)))]
    return [*about, *bare(headers), ("X-Content-Type-Options", "nosniff")]


class EveryAnswer:
    """Below Flask: the headers of every answer: server time, content policy, no guessing of types, no caching."""

    def __init__(self, inner: Callable[..., Any]) -> None:
        self.inner = inner

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        """Passes the request on and adds the headers to its answer."""

        def begin(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            if status.startswith("204"):
                return start(status, bare(headers), error)
            headers += ALWAYS
            if not environ["PATH_INFO"].startswith("/static/"):
                headers += PRIVATE
            if environ["wsgi.url_scheme"] == "https":
                headers.append(("Strict-Transport-Security", "max-age=31536000"))
            headers.append(("X-Now", str(clock.millis())))
            return start(status, headers, error)

        return self.inner(environ, begin)


def init_app(app: Flask) -> None:
    """Registers htmx, refusals and headers."""
    Htmx(app)
    app.request_class = PortalRequest
    app.before_request(open_request)
    app.wsgi_app = EveryAnswer(app.wsgi_app)  # type: ignore[method-assign,assignment]
    app.register_error_handler(Refused, refusal)
    app.register_error_handler(HTTPException, http_refusal)
    if not app.testing:
        app.register_error_handler(Exception, failure)


def endpoint() -> str | None:
    """The endpoint this request leads to; None for an unknown address."""
    return request.endpoint
