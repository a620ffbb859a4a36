"""`portal user`: accounts from the command line, for the first administrator and for emergencies."""

import sys

import click

from portal.identity import actions, queries
from portal.identity.actor import SYSTEM
from portal.identity.models import Person
from portal.identity.passwords import check_strength, hashed
from portal.identity.policy import UNIT_BOUND
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Missing

STDIN = click.option("--password-stdin", is_flag=True, help="Read the password from the first line of the input.")


@click.group()
def user() -> None:
    """Accounts: add, password, second-off, disable, enable, list."""


@user.command("add")
@click.argument("login")
@click.option("--name", default="", help="As shown on screens; the login when not given.")
@click.option("--unit", help="Code of the home department, e.g. service.")
@click.option("--role", "roles", multiple=True, required=True, metavar="ROLE[@UNIT]", help="e.g. agent@service, admin")
@click.option("--locale", type=click.Choice(["zh_Hans_CN", "en"]), help="Language; else the browser's.")
@STDIN
def add(
    login: str, name: str, unit: str | None, roles: tuple[str, ...], locale: str | None, password_stdin: bool
) -> None:
    """Opens an account."""
    named = queries.unit_by_code(unit).id if unit else None
    held = [in_its_unit(*role_of(text), named) for text in roles]
    home = named or next((place for _, place in held if place), None)
    secret = _new_password(login, password_stdin)
    with transaction():
        actions.add_person(
            SYSTEM, clock.now(), login=login, name=name or login, password_hash=secret, roles=held,
            unit_id=home, locale=locale, provisional=True,
        )  # fmt: skip
    click.echo(f"{login.strip().lower()} can sign in; the password has to be replaced then.")


@user.command("password")
@click.argument("login")
@STDIN
def password(login: str, password_stdin: bool) -> None:
    """Replaces a password and signs the person out everywhere."""
    _person(login)
    secret = _new_password(login, password_stdin)
    with transaction():
        actions.set_password(SYSTEM, clock.now(), _person(login), secret)
    click.echo(f"{login} has a new password, to be replaced at the next sign-in; every session has ended.")


@user.command("second-off")
@click.argument("login")
def second_off(login: str) -> None:
    """Drops the second factor of somebody whose telephone is lost, and signs the person out everywhere."""
    with transaction():
        actions.set_second(SYSTEM, clock.now(), _person(login), "", 0)
    click.echo(f"{login} signs in with the password alone, until a new app is set up.")


@user.command("disable")
@click.argument("login")
def disable(login: str) -> None:
    """Closes an account and signs the person out everywhere."""
    with transaction():
        actions.set_active(SYSTEM, clock.now(), _person(login), False)
    click.echo(f"{login} can no longer sign in.")


@user.command("enable")
@click.argument("login")
def enable(login: str) -> None:
    """Opens a closed account again."""
    with transaction():
        actions.set_active(SYSTEM, clock.now(), _person(login), True)
    click.echo(f"{login} can sign in again.")


@user.command("list")
def list_() -> None:
    """Lists all accounts with their roles."""
    units = {u.id: u.code for u in queries.units()}
    for person, held in queries.people():
        roles = ", ".join(f"{role}@{units[place]}" if place else role for role, place in held)
        click.echo(f"{person.login:<16} {'' if person.active else '(disabled) '}{person.name}  {roles}")


def role_of(text: str) -> tuple[str, int | None]:
    """`agent@service` as role and unit id; without a unit the role is held everywhere. Raises Missing."""
    role, _, unit = text.partition("@")
    return role, queries.unit_by_code(unit).id if unit else None


def in_its_unit(role: str, place: int | None, home: int | None) -> tuple[str, int | None]:
    """A role that works in one department is held in the person's home where none is named. Raises UsageError."""
    if place or role not in UNIT_BOUND:
        return role, place
    if home is None:
        raise click.UsageError(
            f"The role {role} is held in one department: write --role {role}@DEPARTMENT, or name it with --unit."
        )
    return role, home


def _person(login: str) -> Person:
    found = queries.person_by_login(login)
    if found is None:
        raise Missing("no_such_person", login=login)
    return found


def _new_password(login: str, from_input: bool) -> str:
    """The hash of a password that is read, or asked for twice. Raises Invalid for a weak one."""
    if from_input:
        typed = sys.stdin.readline().rstrip("\n")
    else:
        typed = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    check_strength(typed, login)
    return hashed(typed)
