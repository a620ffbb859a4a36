"""Roles, department and skills of an account that exists, changed by the administrator with effect at once."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.identity import queries, role_actions, rules, skills
from portal.identity.people_forms import HomeForm, RoleForm, SkillsForm
from portal.identity.people_pages import one_page, person_of
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid
from portal.kernel.i18n import sentence, term


def give_role(login: str) -> Any:
    """Gives one more role; a refusal stands at its field."""
    actor, person, form = current_actor(), person_of(login), RoleForm(prefix="role")
    allow(actor, "people.manage")
    rules.not_oneself(actor.id, person.id)
    form.offer(queries.units())
    if not (form.validate_on_submit() and _placed(form)):
        return one_page(person, 422, role_form=form)
    try:
        with transaction():
            role_actions.give_role(actor, clock.now(), person_of(login), form.role.data, form.place())
    except Invalid as refused:
        form[refused.facts.get("field", "role")].errors = [sentence(refused)]
        return one_page(person_of(login), 422, role_form=form)
    flash(
        _("%(name)s holds the role %(role)s from now on.", name=person.name, role=term(f"role.{form.role.data}")), "ok"
    )
    return _back(login)


def end_role(login: str) -> Any:
    """Ends a role; a refusal stands beside it."""
    actor, person, role = current_actor(), person_of(login), request.form.get("role", "")
    allow(actor, "people.manage")
    try:
        with transaction():
            ended = role_actions.end_role(actor, clock.now(), person_of(login), role, _unit())
    except Invalid as refused:
        return one_page(person_of(login), 422, refused=((role, _unit()), sentence(refused)))
    if ended:
        flash(_("%(name)s no longer holds the role %(role)s.", name=person.name, role=term(f"role.{role}")), "ok")
    return _back(login)


def move(login: str) -> Any:
    """Moves somebody to another home department."""
    actor, person, form = current_actor(), person_of(login), HomeForm(prefix="home")
    allow(actor, "people.manage")
    form.offer(queries.units())
    if not form.validate_on_submit():
        return one_page(person, 422, home_form=form)
    with transaction():
        moved = role_actions.move(actor, clock.now(), person_of(login), int(form.unit.data) if form.unit.data else None)
    if moved:
        flash(_("%(name)s belongs to another department from now on; roles are as they were.", name=person.name), "ok")
    return _back(login)


def set_skills(login: str) -> Any:
    """Says what somebody can do; a refusal stands at its field."""
    actor, person, form = current_actor(), person_of(login), SkillsForm(prefix="skills")
    allow(actor, "people.manage")
    if not form.validate_on_submit():
        return one_page(person, 422, skills_form=form)
    try:
        with transaction():
            skills.set_skills(actor, clock.now(), person_of(login), form.skills.data or "")
    except Invalid as refused:
        form.skills.errors = [sentence(refused)]
        return one_page(person_of(login), 422, skills_form=form)
    return _back(login)


def register(bp: Blueprint) -> None:
    """Adds the addresses to the room's."""
    bp.add_url_rule("/people/<login>/roles", "give_role", give_role, methods=["POST"])
    bp.add_url_rule("/people/<login>/roles/end", "end_role", end_role, methods=["POST"])
    bp.add_url_rule("/people/<login>/skills", "set_skills", set_skills, methods=["POST"])
    bp.add_url_rule("/people/<login>/home", "move", move, methods=["POST"])


def _placed(form: RoleForm) -> bool:
    """A role that holds in one department needs it; says so at the field."""
    if form.where.data == "home" and not form.unit.data:
        form.unit.errors = [_("Choose the department in which the role holds.")]
        return False
    return True


def _unit() -> int | None:
    """The department of the role that is ended; None for all."""
    text = request.form.get("unit", "")
    if text and not text.isdecimal():
        raise Invalid("unusable_input")
    return int(text) if text else None


def _back(login: str) -> Any:
    return redirect(url_for("identity.one_person", login=login), 303)
