"""The administrator's pages about people: who has an account, in which roles; add, disable, new password."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.identity import actions, leaving, queries
from portal.identity.actor import Actor
from portal.identity.models import Person
from portal.identity.passwords import check_strength, hashed
from portal.identity.people_forms import HomeForm, NewPasswordForm, PersonForm, RoleForm, SkillsForm
from portal.identity.policy import UNIT_BOUND, allow, rights
from portal.identity.queries import unit_name, unit_names
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden, Invalid, Missing, Refused
from portal.kernel.i18n import sentence

MOST = 500
SAID = {
    "added": _l(
        "The account %(login)s is open. Give the first password to %(name)s in person; it has to be replaced at the"
        " first sign-in."
    ),
    "enabled": _l("The account %(login)s (%(name)s) is open again."),
    "disabled": _l("The account %(login)s (%(name)s) is disabled and signed out everywhere."),
    "password": _l(
        "%(name)s (%(login)s) has a new password, to be replaced at the next sign-in; every session has ended."
    ),
}


def people() -> Any:
    """Everybody with an account, with roles and state; ?q= narrows by login or name."""
    allow(current_actor(), "people.view")
    wanted = request.args.get("q", "").strip().lower()
    rows = [
        (person, held) for person, held in queries.people() if wanted in person.login or wanted in person.name.lower()
    ]
    return render_template(
        "identity/people.html",
        rows=rows[:MOST],
        total=len(rows),
        units=unit_names(),
        q=request.args.get("q", ""),
        required=queries.fact("second_factor") == "required",
    )


def new_person() -> Any:
    """The empty form of a new account."""
    allow(current_actor(), "people.manage")
    return _new_page(PersonForm())


def add_person() -> Any:
    """Opens an account; a refusal keeps what was typed, but for the password."""
    actor = current_actor()
    allow(actor, "people.manage")
    form = PersonForm()
    form.offer(queries.units())
    good = form.validate_on_submit()
    if not (_sensible(form) and good):
        return _new_page(form, 422)
    secret = hashed(form.password.data or "")
    try:
        _add(actor, form, secret)
    except Invalid as refused:
        field = form[refused.facts.get("field", "login")]
        field.errors = [sentence(refused)]
        return _new_page(form, 422)
    flash(_said(form.login.data or "", "added"), "ok")
    return redirect(url_for("identity.people", saved="added"), 303)


def one_person(login: str) -> Any:
    """One account: roles, state, and what the administrator may do to it."""
    allow(current_actor(), "people.view")
    return one_page(person_of(login))


def disabling(login: str) -> Any:
    """Asks once more before an account is disabled, and says what happens."""
    actor, person = current_actor(), person_of(login)
    allow(actor, "people.manage")
    if person.id == actor.id:
        raise Forbidden("not_allowed")
    return _disable_page(person)


def _disable_page(person: Person, status: int = 200, error: str = "") -> Any:
    """The question, with the open cases that have to find another hand first."""
    held = leaving.open_work(person.id)
    return render_template(
        "identity/people_disable.html", person=person, held=held, kinds=leaving.held(person.id), error=error,
        receivers=leaving.receivers(person.id) if held else (), chosen=request.form.get("to", ""),
    ), status  # fmt: skip


def set_active(login: str) -> Any:
    """Disables or enables an account, handing open cases over in the same act; nobody disables their own."""
    actor, active = current_actor(), request.form.get("active") == "1"
    allow(actor, "people.manage")
    if person_of(login).id == actor.id:
        raise Forbidden("not_allowed")
    to, now = request.form.get("to", ""), clock.now()
    try:
        with transaction():
            if not active and "to" in request.form:
                leaving.hand_over(actor, now, person_of(login), int(to) if to.isdecimal() and len(to) < 10 else 0)
            actions.set_active(actor, now, person_of(login), active)
    except Refused as refused:
        if refused.code not in ("open_cases_left", "choose_receiver"):
            raise
        return _disable_page(person_of(login), refused.status, sentence(refused))
    flash(_said(login, "enabled" if active else "disabled"), "ok")
    return redirect(url_for("identity.one_person", login=login), 303)


def new_password(login: str) -> Any:
    """Replaces somebody's password and signs them out everywhere."""
    actor, form = current_actor(), NewPasswordForm()
    allow(actor, "people.manage")
    person = person_of(login)
    if not (form.validate_on_submit() and _strong(form, person.login)):
        return one_page(person, 422, form=form)
    secret = hashed(form.password.data or "")
    with transaction():
        actions.set_password(actor, clock.now(), person_of(login), secret)
    flash(_said(login, "password"), "ok")
    return redirect(url_for("identity.one_person", login=login), 303)


def register(bp: Blueprint) -> None:
    """Adds the pages to the room's URLs."""
    bp.add_url_rule("/people", "people", people)
    bp.add_url_rule("/people/new", "new_person", new_person)
    bp.add_url_rule("/people", "add_person", add_person, methods=["POST"])
    bp.add_url_rule("/people/<login>", "one_person", one_person)
    bp.add_url_rule("/people/<login>/disable", "disabling", disabling)
    bp.add_url_rule("/people/<login>/active", "set_active", set_active, methods=["POST"])
    bp.add_url_rule("/people/<login>/password", "new_password", new_password, methods=["POST"])


def _add(actor: Actor, form: PersonForm, secret: str) -> None:
    with transaction():
        actions.add_person(
            actor, clock.now(), login=form.login.data or "", name=form.name.data or "", password_hash=secret,
            roles=form.held(), unit_id=form.home(), provisional=True,
        )  # fmt: skip


def _sensible(form: PersonForm) -> bool:
    """What the fields cannot say alone: a role needs its department, a login is free, a password must be strong."""
    login, good = form.login.data or "", True
    if form.where.data == "home" and not form.unit.data:
        form.unit.errors = [_("Choose the department in which the roles hold.")]
        good = False
    bound = UNIT_BOUND & set(form.roles.data or ())
    if form.where.data == "all" and bound:
        role = min(bound)
        form.where.errors = [sentence(Invalid("role_needs_unit", role=f"term:role.{role}"))]
        good = False
    if not form.login.errors and queries.person_by_login(login):
        form.login.errors = [sentence(Invalid("login_taken", field="login", login=login))]
        good = False
    return (not form.password.data or _strong(form, login)) and good


def _said(login: str, what: str) -> str:
    """What was done to whom."""
    person = person_of(login)
    return str(SAID[what]) % {"login": person.login, "name": person.name}


def _strong(form: Any, login: str) -> bool:
    try:
        check_strength(form.password.data or "", login)
    except Invalid as refused:
        form.password.errors = [sentence(refused)]
        return False
    return True


def person_of(login: str) -> Person:
    """The account with this login. Raises Missing."""
    found = queries.person_by_login(login)
    if found is None:
        raise Missing("no_such_person", login=login)
    return found


def _new_page(form: PersonForm, status: int = 200) -> Any:
    form.offer(queries.units())
    return render_template("identity/people_new.html", form=form), status


def one_page(person: Person, status: int = 200, **forms: Any) -> Any:
    """The page of one account; a form that was refused takes the place of its empty one."""
    actor, units = queries.actor_of(person), queries.units()
    shown = {"form": forms.get("form") or NewPasswordForm()}
    for name, kind in (("role_form", RoleForm), ("home_form", HomeForm), ("skills_form", SkillsForm)):
        shown[name] = forms.get(name) or kind(prefix=name.split("_")[0], formdata=None)
        if hasattr(shown[name], "offer"):
            shown[name].offer(units)
    if "skills_form" not in forms:
        shown["skills_form"].skills.data = person.skills.replace(",", ", ")
    if "home_form" not in forms:
        shown["home_form"].unit.data = str(person.unit_id or "")
    return render_template(
        "identity/people_one.html", person=person, units={u.id: unit_name(u) for u in units}, names=queries.names(),
        held=sorted(actor.roles, key=str), rights=rights(actor), changes=queries.history(person.id),
        refused=forms.get("refused"), **shown,
    ), status  # fmt: skip
