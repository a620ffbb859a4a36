"""The page that somebody meets whose password was chosen by somebody else, and nothing but this page."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from portal.identity import actions, queries, session
from portal.identity.entering import admitted, safe_way, strong
from portal.identity.forms import OwnPasswordForm
from portal.identity.passwords import hashed, matches
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid
from portal.kernel.i18n import sentence


def own_password() -> Any:
    """Asks for a password of one's own; leads on when there is nothing to replace."""
    if not session.current_actor().provisional:
        return redirect(safe_way(request.args.get("next")))
    return _page(OwnPasswordForm())


def choose_password() -> Any:
    """Replaces the password that was given; every other browser is signed out, this one goes on where it wanted to."""
    form, actor = OwnPasswordForm(), session.current_actor()
    if not actor.provisional:
        return redirect(url_for("identity.me"), 303)
    if not (form.validate_on_submit() and strong(form.password, actor.login) and _another(form, actor.id)):
        return _page(form, 422)
    new = hashed(form.password.data or "")
    with transaction():
        actions.set_password(actor, clock.now(), queries.person(actor.id), new)
    admitted(actor.id, second=session.kept_of_request().second)
    return redirect(safe_way(request.form.get("next")), 303)


def register(bp: Blueprint) -> None:
    """Adds the page to the room's URLs."""
    bp.add_url_rule("/session/password", "own_password", own_password)
    bp.add_url_rule("/session/password", "choose_password", choose_password, methods=["POST"])


def _another(form: OwnPasswordForm, person_id: int) -> bool:
    """Whether the new password differs from the one that was given; says so at its field."""
    if matches(queries.person(person_id).password_hash, form.password.data or ""):
        form.password.errors = [sentence(Invalid("password_given"))]
        return False
    return True


def _page(form: OwnPasswordForm, status: int = 200) -> Any:
    return render_template("identity/own_password.html", form=form, way=safe_way(request.values.get("next"))), status
