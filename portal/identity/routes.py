"""URLs of signing in and out, of one's own account, and of the first administrator."""

import hashlib
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask_wtf.csrf import generate_csrf

from portal.identity import (
    actions,
    company,
    first_pages,
    oidc_pages,
    people_pages,
    queries,
    role_pages,
    rules,
    second_pages,
    session,
    unit_pages,
)
from portal.identity.actor import SYSTEM
from portal.identity.directory_door import proves
from portal.identity.entering import admitted, safe_way, strong
from portal.identity.forms import PasswordForm, SetupForm, SignInForm
from portal.identity.models import Person
from portal.identity.passwords import hashed, matches
from portal.identity.policy import rights
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden, Invalid, Missing, Refused
from portal.kernel.i18n import LOCALES, sentence
from portal.kernel.web import is_htmx

bp = Blueprint("identity", __name__)
BLUEPRINTS = (bp,)
for pages in (people_pages, role_pages, unit_pages, first_pages, second_pages):
    pages.register(bp)


def checked(login: str, password: str) -> Person:
    """The person this login and password belong to. Raises Forbidden; unknown logins take as long and read the same."""
    now, address, name = clock.now(), request.remote_addr or "", login.strip().lower()
    if rules.held_back(*queries.failures(name, address, now)):
        raise Forbidden("held_back")
    person = queries.person_by_login(name)
    if not proves(person, name, password, now) or person is None:
        with transaction():
            actions.note_failure(name, address, now)
        raise Forbidden("wrong_sign_in")
    return person


def sign_in_page(form: SignInForm, error: str = "", status: int = 200) -> Response:
    """The sign-in page; a demo store offers its accounts."""
    demo = queries.fact("demo") == "1"
    page = render_template(
        "identity/sign_in.html", form=form, error=error, accounts=queries.demo_accounts() if demo else [],
        others=queries.demo_others() if demo else [],
        way=safe_way(request.values.get("next")), company=company.provider() is not None,
        left=bool(request.args.get("left")) and company.provider() is not None,
    )  # fmt: skip
    return make_response(page, status)


@bp.get("/session/sign-in")
def sign_in() -> Any:
    """The sign-in page; somebody signed in goes straight on."""
    if session.is_signed_in():
        return redirect(safe_way(request.args.get("next")))
    return sign_in_page(SignInForm())


@bp.post("/session/sign-in")
def enter() -> Any:
    """Checks login and password and opens a session."""
    form = SignInForm()
    if not form.validate_on_submit():
        return sign_in_page(form, status=422)
    try:
        person = checked(form.login.data or "", form.password.data or "")
    except Forbidden as refused:
        return sign_in_page(form, sentence(refused), 403)
    cookie.pop(session.CAME, None)
    return let_in(person, safe_way(request.form.get("next")))


@bp.post("/session/demo")
def demo() -> Any:
    """Signs in as one of the demo's people with one click; only where the store is a demo."""
    person = queries.person_by_login(request.form.get("as", ""))
    if queries.fact("demo") != "1" or person is None or not person.active:
        raise Missing("not_found")
    admitted(person.id)
    return redirect(safe_way(request.form.get("next")), 303)


@bp.post("/session/relogin")
def relogin() -> Any:
    """Signs in again under the overlay, without leaving the page on which somebody was typing."""
    try:
        person = checked(request.form.get("login", ""), request.form.get("password", ""))
        if person.second_nonce:
            second_pages.confirmed(person, request.form.get("code", ""))
        admitted(person.id, second=bool(person.second_nonce))
    except Refused as refused:
        return jsonify(message=sentence(refused)), refused.status
    return jsonify(csrf=generate_csrf())


@bp.get("/session/token")
def token() -> Any:
    """The CSRF token of the session as it is now, and whose session it is."""
    who = session.current_actor().login if session.is_signed_in() else ""
    return jsonify(csrf=generate_csrf(), who=who)


@bp.post("/session/sign-out")
def sign_out() -> Any:
    """Ends this browser's session for ever."""
    if session.is_signed_in():
        kept = session.kept_of_request()
        with transaction():
            actions.end_session(kept.session_id, kept.actor.id, clock.now())
        session.left(kept.actor.id)
    came = bool(cookie.get(session.CAME))
    session.sign_out()
    return redirect(url_for("identity.sign_in", left="1" if came else None), 303)


def preference(name: str, value: str) -> Response:
    """Keeps a preference: with the person when signed in, and in this browser for its sign-in page."""
    if session.is_signed_in():
        actor = session.current_actor()
        with transaction():
            actions.set_preferences(actor, queries.person(actor.id), **{name: value})
    if is_htmx():
        answer = make_response("", 204)
        answer.headers["HX-Refresh"] = "true"
    else:
        answer = make_response(redirect(safe_way(request.form.get("next")), 303))
    answer.set_cookie(name, value, max_age=31_536_000, httponly=True, samesite="Lax", secure=request.is_secure)
    return answer


@bp.post("/session/locale")
def locale_() -> Any:
    """Changes the language."""
    wanted = request.form.get("locale", "")
    if wanted not in LOCALES:
        raise Invalid("unusable_input")
    return preference("locale", wanted)


@bp.post("/session/theme")
def theme() -> Any:
    """Changes between light and dark."""
    wanted = request.form.get("theme", "")
    if wanted not in ("light", "dark", "auto"):
        raise Invalid("unusable_input")
    return preference("theme", wanted)


@bp.get("/session/me")
def me() -> Any:
    """One's own account."""
    return _me(PasswordForm())


@bp.post("/session/me")
def set_password() -> Any:
    """Replaces one's own password; every session of the person ends, this browser signs in anew."""
    form, actor = PasswordForm(), session.current_actor()
    person = queries.person(actor.id)
    good = form.validate_on_submit()
    if good and not matches(person.password_hash, form.present.data or ""):
        form.present.errors = [sentence(Invalid("wrong_sign_in"))]
        good = False
    if good:
        good = strong(form.password, actor.login)
    if not good:
        return _me(form, 422)
    new, kept = hashed(form.password.data or ""), session.kept_of_request()
    with transaction():
        actions.set_password(actor, clock.now(), queries.person(actor.id), new)
    admitted(actor.id, second=kept.second)
    return redirect(url_for("identity.me", saved=1), 303)


def _me(form: PasswordForm, status: int = 200) -> Any:
    """One's own account with its roles and rights."""
    return render_template(
        "identity/me.html", form=form, units=queries.unit_names(), rights=rights(session.current_actor()),
        elsewhere=company.keeps_password_of(queries.person(session.current_actor().id)),
    ), status  # fmt: skip


def setup_open(key: str) -> None:
    """Raises Missing unless nobody has an account yet and the link is the one that was printed."""
    wanted = queries.fact("setup")
    if not wanted or queries.any_person() or wanted != hashlib.sha256(key.encode()).hexdigest():
        raise Missing("setup_closed")


@bp.get("/session/setup/<key>")
def setup(key: str) -> Any:
    """The first start of a new installation asks for its administrator."""
    setup_open(key)
    return render_template("identity/setup.html", form=SetupForm(), key=key)


@bp.post("/session/setup/<key>")
def found(key: str) -> Any:
    """Opens the first administrator's account; the link is good once."""
    setup_open(key)
    form = SetupForm()
    if not form.validate_on_submit() or not strong(form.password, form.login.data or ""):
        return render_template("identity/setup.html", form=form, key=key), 422
    new = hashed(form.password.data or "")
    with transaction():
        person = actions.add_person(
            SYSTEM, clock.now(), login=form.login.data or "", name=form.name.data or "", password_hash=new,
            roles=[("admin", None)],
        )  # fmt: skip
        actions.set_fact("setup", "")
        actions.set_fact("second_factor", "required")  # SE2; the administrator may say otherwise under People
    admitted(person.id)
    return redirect("/", 303)


def let_in(person: Person, way: str) -> Any:
    """Opens the session of somebody who is proven by a password or the company, or asks for the code of their app."""
    if person.second_nonce:
        second_pages.awaited(person)
        return redirect(url_for("identity.ask_code", next=way), 303)
    admitted(person.id)
    return redirect(way, 303)


oidc_pages.register(bp, let_in)
