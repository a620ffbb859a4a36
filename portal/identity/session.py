"""Signed-in browsers: the token in the cookie, the row that decides, the picture kept in memory."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Flask, Request, Response, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from portal.identity import actions, queries, rules
from portal.identity.actor import Actor
from portal.identity.second_rules import standing
from portal.kernel import clock, feed, web
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden, Refused
from portal.kernel.web import is_htmx, refusal


class Door(LoginManager):  # type: ignore[misc]
    """Flask-Login by the session's token alone: no remember cookie, no token in a header, no browser's fingerprint."""

    def init_app(self, app: Flask, add_context_processor: bool = True) -> None:
        """Attaches itself; nothing waits behind a request for a remember cookie."""
        app.login_manager = self  # type: ignore[attr-defined]

    def _load_user(self) -> None:
        token = session.get("_user_id")
        self._update_request_context_with_user(load(token) if token else None)


login = Door()
_kept: dict[str, "Kept"] = {}
_left: list[Callable[[int], None]] = []
CAME = "came"  # in the cookie: came by the company's account, whose own session can be ended too
MOST_KEPT = 5_000
REMEMBERED = 60.0  # seconds: how long an opened cookie is believed without checking its signature again


class NotSignedIn(Refused):
    """The visitor has no living session."""

    status = 401


class Envelopes(SecureCookieSessionInterface):
    """Opens the signed cookie and remembers it for a minute, for polls send the same one again and again."""

    def __init__(self) -> None:
        self.opened: dict[str, tuple[float, dict[str, Any]]] = {}

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The cookie's content; only flat contents are remembered, so nobody can change what another request sees."""
        value = request.cookies.get(self.get_cookie_name(app), "")
        known, now = self.opened.get(value), clock.monotonic()
        if known is not None and now - known[0] < REMEMBERED:
            return self.session_class(known[1])
        found = super().open_session(app, request)
        if value and found and all(isinstance(v, str | bool | int) for v in found.values()):
            if len(self.opened) > MOST_KEPT:
                self.opened.clear()
            self.opened[value] = (now, dict(found))
        return found

    def token_in(self, header: str, name: str) -> str | None:
        """The token of a Cookie header whose session was opened a moment ago; None where that has to be done again."""
        known = self.opened.get(web.cookies_of(header).get(name, ""))
        if known is None or clock.monotonic() - known[0] >= REMEMBERED:
            return None
        return known[1].get("_user_id")

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Sends the cookie when its content changed; that an answer varies by cookie is said with all headers."""
        if session.modified:
            super().save_session(app, session, response)


@dataclass
class Kept:
    """A session as this process last read it, good while the people's version stands."""

    session_id: int
    actor: Actor
    created: datetime
    last_input: datetime
    version: int
    revoked: datetime | None = None
    second: bool = False


class SignedIn(UserMixin):  # type: ignore[misc]
    """What Flask-Login carries: the browser's token and who it is."""

    def __init__(self, token: str, kept: Kept) -> None:
        self.token = token
        self.kept = kept
        self.actor = kept.actor
        self.topic = f"person:{kept.actor.id}"

    def get_id(self) -> str:
        """The browser's token; the store knows only its hash."""
        return self.token


def digest(token: str) -> str:
    """SHA-256 of a browser's token, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


@login.user_loader  # type: ignore[untyped-decorator]
def load(token: str) -> SignedIn | None:
    """The living session of a token, from memory while nothing about people has changed."""
    key, now, version = digest(token), clock.now(), feed.version(actions.TOPIC)
    kept = _kept.get(key)
    if kept is None or kept.version != version or not _alive(kept, now):
        kept = _read(key, version)
        if kept is None or not _alive(kept, now):
            _kept.pop(key, None)
            return None
        if len(_kept) > MOST_KEPT:
            _kept.clear()
        _kept[key] = kept
    return SignedIn(token, kept)


def remembered(token: str) -> SignedIn | None:
    """The living session of a token if memory holds it as it stands; asks nothing of the store."""
    kept = _kept.get(digest(token))
    if kept is None or kept.version != feed.held(actions.TOPIC) or not _alive(kept, clock.now()):
        return None
    return SignedIn(token, kept)


def _alive(kept: Kept, now: datetime) -> bool:
    return rules.alive(kept.created, kept.last_input, kept.revoked, now)


def _read(key: str, version: int) -> Kept | None:
    found = queries.session_by_token(key)
    if found is None or not found[1].active:
        return None
    row, person = found
    actor = queries.actor_of(person)
    held = frozenset(role for role, _unit in actor.roles)
    actor = replace(actor, factor=standing(queries.fact("second_factor"), held, confirmed=row.second))
    return Kept(row.id, actor, row.created_at, row.input_at, version, row.revoked_at, row.second)


def present() -> SignedIn | None:
    """Who is signed in, asked of Flask-Login once a request; None for a visitor."""
    held = g._get_current_object()
    if not hasattr(held, "present"):
        found = current_user._get_current_object()
        held.present = found if found.is_authenticated else None
    here: SignedIn | None = held.present
    return here


def current_actor() -> Actor:
    """Who is acting in this request. Raises NotSignedIn."""
    here = present()
    if here is None:
        raise NotSignedIn("sign_in_first")
    return here.actor


def sign_in(person_id: int, now: datetime, *, second: bool = False) -> str:
    """Opens a session row and puts its token into a fresh cookie; returns the token. Call inside transaction()."""
    token = secrets.token_urlsafe(32)
    actions.open_session(person_id, digest(token), now, second=second)
    return token


def carry(token: str) -> None:
    """After the commit: makes this browser the bearer of the session, under a new cookie."""
    came = session.get(CAME)
    session.clear()
    g.pop("present", None)
    signed_in = load(token)
    if signed_in:
        login_user(signed_in)
        session.permanent = True
        if came:
            session[CAME] = True


def when_left(call: Callable[[int], None]) -> None:
    """Lets a room hear who has signed out, by the person's id."""
    _left[:] = [call]


def left(person_id: int) -> None:
    """Somebody has signed out."""
    for call in _left:
        call(person_id)


def sign_out() -> None:
    """Forgets the browser's cookie; the row has been revoked before."""
    logout_user()
    session.clear()
    g.pop("present", None)


@login.unauthorized_handler  # type: ignore[untyped-decorator]
def unauthorized() -> Response:
    """A poll or form gets 401 and the overlay, a page load the sign-in page."""
    if is_htmx() or request.method != "GET":
        answer = refusal(NotSignedIn("sign_in_first"))
        answer.headers["X-Relogin"] = "1"
        del answer.headers["HX-Retarget"]
        return answer
    return redirect(url_for("identity.sign_in", next=request.full_path.rstrip("?")))  # type: ignore[return-value]


def own_password_first() -> Response:
    """Who has to replace a password that somebody else chose is led to that page, and cannot do anything else."""
    if is_htmx() or request.method != "GET":
        return refusal(Forbidden("own_password_first"))
    way = url_for("identity.own_password", next=request.full_path.rstrip("?"))
    return redirect(way)  # type: ignore[return-value]


def own_app_first() -> Response:
    """Who owes a second factor is led to the page that asks for it, and cannot do anything else."""
    if is_htmx() or request.method != "GET":
        return refusal(Forbidden("second_factor_owed"))
    return redirect(url_for("identity.own_app", next=request.full_path.rstrip("?")))  # type: ignore[return-value]


def settle() -> None:
    """Before each request: the person's language, and before a page that follows a write a look at the feed."""
    environ = request.environ
    if "wrote=1" in environ.get("HTTP_COOKIE", "") and environ["REQUEST_METHOD"] == "GET":
        feed.feed.refresh()
    here = present()
    if here:
        g.locale = here.actor.locale


def note_input(answer: Response) -> Response:
    """After each request: input keeps the session alive (polls do not); a write is remembered for three seconds."""
    if "HTTP_HX_PTAG" in request.environ or request.environ["PATH_INFO"] == "/clock":
        return answer
    here = present() if request.endpoint != "static" else None
    if here is None:
        return answer
    if request.method != "GET":
        answer.set_cookie("wrote", "1", max_age=3, httponly=True, samesite="Lax", secure=request.is_secure)
    if answer.status_code < 400:
        _touch(here.kept)
    return answer


def _touch(kept: Kept) -> None:
    now = clock.now()
    if now - kept.last_input >= rules.TOUCH_EVERY:
        with transaction():
            actions.touch_session(kept.session_id, now)
        kept.last_input = now


def init_app(app: Flask) -> None:
    """Wires Flask-Login and the hooks of sessions."""
    app.config.update(
        SESSION_REFRESH_EACH_REQUEST=False,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        PERMANENT_SESSION_LIFETIME=rules.LONGEST,
        WTF_CSRF_TIME_LIMIT=None,
    )
    login.init_app(app)
    app.session_interface = Envelopes()
    app.before_request(settle)
    app.after_request(note_input)


def forget_all() -> None:
    """Empties the memory of sessions (tests, after the engine changed)."""
    _kept.clear()


def is_signed_in() -> bool:
    """Whether this request has a living session."""
    return present() is not None


def kept_of_request() -> Kept:
    """The session of this request as kept in memory."""
    here = present()
    if here is None:
        raise NotSignedIn("sign_in_first")
    return here.kept
