"""Changing people, units and sessions."""

import secrets
from datetime import datetime

from sqlalchemy import select, update

from portal.identity import leaving, queries
from portal.identity.actor import ROLES, SYSTEM, Actor
from portal.identity.models import Membership, Person, SessionRow, SignInFailure, Unit
from portal.identity.policy import UNIT_BOUND, allow
from portal.identity.queries import person_by_login
from portal.identity.upkeep import TOPIC, keep_an_administrator, write_down
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Refused
from portal.kernel.feed import Installation

CLOCK_STREAM = "watch:clock"  # jumps of the machine's clock, and that somebody has looked
NO_PASSWORD = "-"  # no password fits this


def add_unit(
    actor: Actor,
    code: str,
    name: str,
    *,
    name_en: str = "",
    kind: str = "department",
    parent_id: int | None = None,
) -> Unit:
    """Adds a unit to the tree, last among its siblings."""
    allow(actor, "people.manage")
    unit = Unit(code=code, name=name, name_en=name_en, kind=kind, parent_id=parent_id)
    db.session.add(unit)
    db.session.flush()
    unit.position = unit.id
    feed.touch(TOPIC, unit.id)
    return unit


def add_person(
    actor: Actor,
    now: datetime,
    *,
    login: str,
    name: str,
    password_hash: str,
    roles: list[tuple[str, int | None]],
    unit_id: int | None = None,
    locale: str | None = None,
    provisional: bool = False,
) -> Person:
    """Opens an account; a provisional password has to be replaced at the first sign-in.

    Raises Invalid for a login that is taken a role that does not exist, or one that lacks its department.
    """
    allow(actor, "people.manage")
    login = login.strip().lower()
    if not login or not name.strip():
        raise Invalid("name_missing", field="login")
    if person_by_login(login):
        raise Invalid("login_taken", field="login", login=login)
    person = Person(
        login=login, name=name.strip(), password_hash=password_hash, unit_id=unit_id, locale=locale,
        provisional=provisional, created_at=now,
    )  # fmt: skip
    db.session.add(person)
    db.session.flush()
    for role, unit in roles:
        if role not in ROLES:
            raise Invalid("no_such_role", field="roles", role=role)
        if unit is None and role in UNIT_BOUND:
            raise Invalid("role_needs_unit", field="roles", role=f"term:role.{role}")
        db.session.add(Membership(person_id=person.id, role=role, unit_id=unit))
    write_down(
        "PersonAdded",
        {"person": person.id, "login": login, "roles": [list(r) for r in roles]},
        actor,
        now,
        person.id,
    )
    return person


def set_password(actor: Actor, now: datetime, person: Person, password_hash: str) -> None:
    """Replaces a password and ends every session of the person. People may replace their own.

    Somebody else's choice is provisional: its owner has to replace it at the next sign-in.
    """
    allow_self_or_manage(actor, person)
    person.password_hash = password_hash
    person.provisional = actor.id != person.id
    end_sessions(person.id, now)
    write_down("PasswordSet", {"person": person.id}, actor, now, person.id)


def drop_password(now: datetime, person: Person) -> None:
    """Ends a password that somebody else chose, once its owner has come in by the company's account."""
    person.password_hash, person.provisional = NO_PASSWORD, False
    write_down("PasswordDropped", {"person": person.id}, SYSTEM, now, person.id)


def set_active(actor: Actor, now: datetime, person: Person, active: bool) -> None:
    """Disables or enables an account; disabling ends its sessions.

    Raises Refused while the person still holds open cases or tasks (DK3), Invalid for the last administrator's.
    """
    allow(actor, "people.manage")
    held = 0 if active else leaving.open_work(person.id)
    if held:
        raise Refused("open_cases_left", name=person.name, n=held)
    person.active = active
    if not active:
        end_sessions(person.id, now)
    write_down("PersonEnabled" if active else "PersonDisabled", {"person": person.id}, actor, now, person.id)
    if not active and queries.holds(person.id, "admin"):
        keep_an_administrator(actor)


def set_preferences(
    actor: Actor, person: Person, *, locale: str | None = None, theme: str | None = None, look: str | None = None
) -> None:
    """Keeps a person's own language and theme, and how queues look."""
    allow_self_or_manage(actor, person)
    if locale in ("en", "zh_Hans_CN"):
        person.locale = locale
    if theme in ("light", "dark", "auto"):
        person.theme = theme
    if look is not None:
        person.queue_look = look
    feed.touch(TOPIC, person.id)


def allow_self_or_manage(actor: Actor, person: Person) -> None:
    """A person's own account needs no right; another's needs people.manage."""
    if actor.id != person.id:
        allow(actor, "people.manage")


def set_second(actor: Actor, now: datetime, person: Person, nonce: str, step: int) -> None:
    """Keeps the app a person proved by the code of a step, or forgets it; ends every session of the person."""
    allow_self_or_manage(actor, person)
    person.second_nonce, person.second_step = nonce, step
    end_sessions(person.id, now)
    write_down("SecondFactorSet" if nonce else "SecondFactorDropped", {"person": person.id}, actor, now, person.id)


def use_step(person_id: int, step: int) -> bool:
    """Marks a code as used; False when it, or a later one, was used already."""
    later = (Person.id == person_id) & (Person.second_step < step)
    return bool(db.session.execute(update(Person).where(later).values(second_step=step)).rowcount)  # type: ignore[attr-defined]


def set_second_mode(actor: Actor, now: datetime, mode: str) -> None:
    """Whether the second factor is `required` (SE2) or `offered`."""
    allow(actor, "people.manage")
    set_fact("second_factor", mode)
    write_down("SecondFactorMode", {"mode": mode}, actor, now, actor.id)


def open_session(person_id: int, token: str, now: datetime, *, second: bool = False) -> None:
    """Records a signed-in browser by the SHA-256 of its token; `second`: a code of the person's app was given too."""
    db.session.add(SessionRow(token=token, person_id=person_id, created_at=now, input_at=now, second=second))


def touch_session(session_id: int, now: datetime) -> None:
    """Notes that the person did something; called at most every five minutes a session."""
    db.session.execute(update(SessionRow).where(SessionRow.id == session_id).values(input_at=now))


def end_session(session_id: int, person_id: int, now: datetime) -> None:
    """Signs one browser out for ever."""
    db.session.execute(update(SessionRow).where(SessionRow.id == session_id).values(revoked_at=now))
    feed.touch(TOPIC, person_id)


def end_sessions(person_id: int, now: datetime) -> None:
    """Signs a person out everywhere."""
    mine = (SessionRow.person_id == person_id) & SessionRow.revoked_at.is_(None)
    db.session.execute(update(SessionRow).where(mine).values(revoked_at=now))
    feed.touch(TOPIC, person_id)


def note_failure(login: str, address: str, now: datetime) -> None:
    """Counts a wrong password."""
    db.session.add(SignInFailure(login=login[:60], address=address[:64], at=now))


def set_fact(name: str, value: str) -> None:
    """Keeps a fact of this installation."""
    row = db.session.scalar(select(Installation).where(Installation.name == name))
    if row is None:
        db.session.add(Installation(name=name, value=value))
    else:
        row.value = value


def confirm_clock(actor: Actor, now: datetime) -> None:
    """Somebody has looked: the machine's clock is right as it is now, and the warning about its jump ends."""
    allow(actor, "clock.confirm")
    set_fact(feed.LEAP_NAME, "0 0 0")
    stream.append(CLOCK_STREAM, "ClockConfirmed", {}, by_id=actor.id, at=now)
    feed.touch("installation", 0)


def new_identity() -> str:
    """A fresh identity for a store, so that a restored copy never looks like the one before."""
    return secrets.token_hex(8)
