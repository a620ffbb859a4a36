"""The second factor's pages: the code at sign-in, one's own app, what the administrator decides."""

import secrets
from typing import Any

import segno
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from markupsafe import Markup

from portal.identity import actions, queries, rules, second_rules, session
from portal.identity.entering import admitted, safe_way
from portal.identity.forms import CodeForm
from portal.identity.models import Person
from portal.identity.policy import allow
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden, Invalid, Missing
from portal.kernel.i18n import sentence


def confirmed(person: Person, typed: str) -> None:
    """Uses up the code of a person's app. Raises Forbidden; wrong codes count like wrong passwords."""
    now, address = clock.now(), request.remote_addr or ""
    if rules.held_back(*queries.failures(person.login, address, now)):
        raise Forbidden("held_back")
    step = second_rules.step_of(
        _secret(person.id, person.second_nonce), typed, int(now.timestamp()), person.second_step
    )
    with transaction():
        used = step is not None and actions.use_step(person.id, step)
        if not used:
            actions.note_failure(person.login, address, now)
    if not used:
        raise Forbidden("wrong_code" if typed.strip() else "code_missing")


def awaited(person: Person) -> None:
    """The password was right: this browser may give the code of this person for the next five minutes."""
    cookie["half"], cookie["half_at"] = person.id, int(clock.now().timestamp())


def ask_code() -> Any:
    """Asks for the digits."""
    return _code_page(CodeForm()) if _half() else redirect(url_for("identity.sign_in"))


def give_code() -> Any:
    """Checks the digits and opens the session."""
    person, form = _half(), CodeForm()
    if person is None:
        return redirect(url_for("identity.sign_in", next=safe_way(request.form.get("next"))), 303)
    if not form.validate_on_submit():
        return _code_page(form, 422)
    try:
        confirmed(person, form.code.data or "")
    except Forbidden as refused:
        form.code.errors = [sentence(refused)]
        return _code_page(form, 403)
    admitted(person.id, second=True)
    return redirect(safe_way(request.form.get("next")), 303)


def own_app() -> Any:
    """Shows the square that an app reads; nothing is kept before a code of it was given."""
    cookie["nonce"] = cookie.get("nonce") or secrets.token_hex(8)
    return _app_page(CodeForm())


def keep_app() -> Any:
    """Keeps the app whose code was given; this browser is confirmed by it, all others are signed out."""
    form, actor, nonce = CodeForm(), session.current_actor(), str(cookie.get("nonce", ""))
    if not nonce:
        return redirect(url_for("identity.own_app"), 303)
    if actor.second and not session.kept_of_request().second:
        raise Forbidden("second_factor_first")  # who has an app proves it before it is replaced
    way = safe_way(request.form.get("next"))
    if not form.validate_on_submit():
        return _app_page(form, 422)
    now = clock.now()
    step = second_rules.step_of(_secret(actor.id, nonce), form.code.data or "", int(now.timestamp()), 0)
    if step is None:
        form.code.errors = [sentence(Invalid("wrong_code"))]
        return _app_page(form, 422)
    with transaction():
        actions.set_second(actor, now, queries.person(actor.id), nonce, step)
    admitted(actor.id, second=True)
    flash(_("From now on the portal asks for a code of this app when you sign in."), "ok")
    return redirect(way if way != "/" else url_for("identity.me"), 303)


def app_lost(login: str) -> Any:
    """The administrator frees somebody from a lost telephone; every session ends."""
    actor = session.current_actor()
    allow(actor, "people.manage")
    person = queries.person_by_login(login)
    if person is None:
        raise Missing("no_such_person", login=login)
    with transaction():
        actions.set_second(actor, clock.now(), person, "", 0)
    flash(_("%(name)s has no second factor any more and is signed out everywhere.", name=person.name), "ok")
    return redirect(url_for("identity.one_person", login=login), 303)


def set_mode() -> Any:
    """Whether the second factor is required of those who see or decide more than one department's work."""
    mode = request.form.get("mode", "")
    if mode not in second_rules.MODES:
        raise Invalid("unusable_input")
    with transaction():
        actions.set_second_mode(session.current_actor(), clock.now(), mode)
    return redirect(url_for("identity.people"), 303)


def register(bp: Blueprint) -> None:
    """Adds the pages to the room's URLs."""
    bp.add_url_rule("/session/code", "ask_code", ask_code)
    bp.add_url_rule("/session/code", "give_code", give_code, methods=["POST"])
    bp.add_url_rule("/session/second", "own_app", own_app)
    bp.add_url_rule("/session/second", "keep_app", keep_app, methods=["POST"])
    bp.add_url_rule("/people/<login>/second", "app_lost", app_lost, methods=["POST"])
    bp.add_url_rule("/people/second", "second_mode", set_mode, methods=["POST"])


def _half() -> Person | None:
    """The person whose password this browser has given within the last five minutes."""
    number, at = cookie.get("half"), cookie.get("half_at", 0)
    if not number or not 0 <= int(clock.now().timestamp()) - at <= second_rules.PENDING:
        return None
    person = queries.person(number)
    return person if person.active and person.second_nonce else None


def _secret(person_id: int, nonce: str) -> bytes:
    key = current_app.secret_key
    return second_rules.secret_of(key if isinstance(key, bytes) else str(key).encode(), person_id, nonce)


def _code_page(form: CodeForm, status: int = 200) -> Any:
    return render_template("identity/code.html", form=form, way=safe_way(request.values.get("next"))), status


def _app_page(form: CodeForm, status: int = 200) -> Any:
    actor = session.current_actor()
    secret = _secret(actor.id, str(cookie["nonce"]))
    said = second_rules.address(secret, actor.login, str(_("Customer Response Centre")))
    square = Markup(segno.make(said, error="m").svg_inline(scale=4, border=3, omitsize=True, light="#fff"))
    return render_template(
        "identity/second.html", form=form, square=square, spelled=second_rules.spelled(secret),
        way=safe_way(request.values.get("next")), owed=actor.factor == "owed",
    ), status  # fmt: skip
