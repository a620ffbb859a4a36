"""Reading people, units and sessions."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from portal.identity.actor import Actor
from portal.identity.models import Membership, Person, SessionRow, SignInFailure, Unit
from portal.identity.rules import WINDOW
from portal.journal import stream
from portal.kernel.collation import by_name
from portal.kernel.db import db, read
from portal.kernel.errors import Missing
from portal.kernel.feed import Installation
from portal.kernel.gather import once
from portal.kernel.i18n import locale
from portal.kernel.lists import spread


def actor_of(person: Person) -> Actor:
    """The immutable picture of a person with all roles held."""
    held = db.session.execute(select(Membership.role, Membership.unit_id).where(Membership.person_id == person.id))
    unit = db.session.get(Unit, person.unit_id) if person.unit_id else None
    return Actor(
        id=person.id,
        login=person.login,
        name=person.name,
        locale=person.locale,
        roles=frozenset((role, unit_id) for role, unit_id in held),
        unit_id=person.unit_id,
        unit_name=unit.name if unit else "",
        theme=person.theme,
        keys=person.keys,
        look=person.queue_look,
        provisional=person.provisional,
        second=bool(person.second_nonce),
    )


def actor_by_login(login: str) -> Actor:
    """The actor with this login. Raises Missing."""
    person = person_by_login(login)
    if person is None:
        raise Missing("no_such_person", login=login)
    return actor_of(person)


def person_by_login(login: str) -> Person | None:
    """The account with this login, upper and lower case alike."""
    return db.session.scalar(select(Person).where(Person.login == login.strip().lower()))


def person(person_id: int) -> Person:
    """The person with this id. Raises Missing."""
    found = db.session.get(Person, person_id)
    if found is None:
        raise Missing("no_such_person", login=str(person_id))
    return found


def names_of(people: Iterable[int]) -> dict[int, str]:
    """The names of the people with these ids. Raises Missing for one that nobody has."""
    wanted = set(people)
    if not wanted:
        return {}
    marks, values = spread("p", sorted(wanted))
    found = {row[0]: str(row[1]) for row in read(f"SELECT id, name FROM person WHERE id IN ({marks})", values)}
    for person in wanted - found.keys():
        raise Missing("no_such_person", login=str(person))
    return found


def session_by_token(token: str) -> tuple[SessionRow, Person] | None:
    """A session row and its person, by the SHA-256 of the browser's token."""
    row = db.session.execute(
        select(SessionRow, Person).join(Person, Person.id == SessionRow.person_id).where(SessionRow.token == token)
    ).first()
    return (row[0], row[1]) if row else None


def failures(login: str, address: str, now: datetime) -> tuple[int, int]:
    """Wrong passwords of the last 15 minutes: (this account from this address, this address)."""
    recent = (SignInFailure.at > now - WINDOW) & (SignInFailure.address == address)
    pair = select(func.count()).select_from(SignInFailure).where(recent, SignInFailure.login == login)
    whole = select(func.count()).select_from(SignInFailure).where(recent)
    return db.session.scalar(pair) or 0, db.session.scalar(whole) or 0


def units() -> list[Unit]:
    """All units in the order of the tree."""
    return list(db.session.scalars(select(Unit).order_by(Unit.position, Unit.id)))


def departments() -> list[Unit]:
    """The units that hold queues."""
    return [u for u in units() if u.kind == "department"]


def unit_name(unit: Unit) -> str:
    """A unit's name in the reader's language."""
    return unit.name_en if locale() == "en" and unit.name_en else unit.name


def unit_names() -> dict[int, str]:
    """Names of all units in the reader's language, by id."""
    return {unit.id: unit_name(unit) for unit in units()}


def unit_by_code(code: str) -> Unit:
    """The unit with this code. Raises Missing."""
    found = db.session.scalar(select(Unit).where(Unit.code == code))
    if found is None:
        raise Missing("no_such_unit", unit=code)
    return found


def unit_id(code: str) -> int:
    """The id of the unit with this code. Raises Missing."""
    found = once(("unit", code), lambda: read("SELECT id FROM unit WHERE code = :code", {"code": code}))
    if not found:
        raise Missing("no_such_unit", unit=code)
    number: int = found[0][0]
    return number


def holders(role: str, unit_ids: Iterable[int] | None = None) -> list[int]:
    """Ids of active people who hold a role, in one of these units or everywhere."""
    if unit_ids is None:
        return holders_of(role)
    query = select(Membership.person_id).join(Person).where(Membership.role == role, Person.active)
    query = query.where(Membership.unit_id.in_(list(unit_ids)) | Membership.unit_id.is_(None))
    return sorted(set(db.session.scalars(query)))


def holders_of(*roles: str) -> list[int]:
    """Ids of active people who hold one of these roles somewhere."""
    db.session.flush()
    marks, values = spread("role", roles)
    held = "SELECT DISTINCT m.person_id FROM membership m JOIN person p ON p.id = m.person_id"
    return sorted(row[0] for row in read(f"{held} WHERE p.active AND m.role IN ({marks})", values))


def members(unit_id: int) -> list[Person]:
    """Active people whose home is this unit or who hold a role in it, by name."""
    inside = select(Membership.person_id).where(Membership.unit_id == unit_id)
    query = select(Person).where(Person.active, (Person.unit_id == unit_id) | Person.id.in_(inside))
    return by_name(db.session.scalars(query), lambda one: one.name)


def names() -> dict[int, str]:
    """Names of all people by id (there are few thousand at most)."""
    found = {row[0]: row[1] for row in db.session.execute(select(Person.id, Person.name))}
    return found | {0: "系统"}


def people() -> list[tuple[Person, list[tuple[str, int | None]]]]:
    """Everybody with the roles held, by name."""
    held: dict[int, list[tuple[str, int | None]]] = {}
    for who, role, unit in db.session.execute(select(Membership.person_id, Membership.role, Membership.unit_id)):
        held.setdefault(who, []).append((role, unit))
    return [(p, held.get(p.id, [])) for p in by_name(db.session.scalars(select(Person)), lambda one: one.name)]


def everybody() -> list[Actor]:
    """Everybody with an open account and the roles held, in two statements; without the names of units."""
    return [
        Actor(one.id, one.login, one.name, one.locale, frozenset(held), unit_id=one.unit_id)
        for one, held in people()
        if one.active
    ]


def history(person_id: int, limit: int = 20) -> list[stream.Line]:
    """The newest changes of an account, from the journal of all accounts."""
    lines = stream.read("config:people", newest_first=True)
    return [line for line in lines if line.facts.get("person") == person_id][:limit]


def holds(person_id: int, role: str) -> bool:
    """Whether this person holds the role anywhere."""
    held = select(Membership.id).where(Membership.person_id == person_id, Membership.role == role)
    return db.session.scalar(held.limit(1)) is not None


def membership(person_id: int, role: str, unit_id: int | None) -> Membership | None:
    """A role as somebody holds it, in one unit or (None) in all."""
    place = Membership.unit_id.is_(None) if unit_id is None else Membership.unit_id == unit_id
    return db.session.scalar(
        select(Membership).where(Membership.person_id == person_id, Membership.role == role, place)
    )


def fact(name: str) -> str | None:
    """A fact of this installation, or None."""
    row = db.session.get(Installation, name)
    return row.value if row else None


def any_person() -> bool:
    """Whether anybody has an account."""
    return db.session.scalar(select(Person.id).limit(1)) is not None


def demo_accounts() -> list[Actor]:
    """The demo's accounts that its sign-in page offers, one for each role, in the order of the roles."""
    wanted = (fact("demo_accounts") or "").split()
    found = {p.login: p for p in db.session.scalars(select(Person).where(Person.login.in_(wanted), Person.active))}
    return [actor_of(found[login]) for login in wanted if login in found]


def demo_others() -> list[Actor]:
    """Everybody else in a demo with an open account, by department and name."""
    first = {account.id for account in demo_accounts()}
    rest = [actor_of(p) for p in db.session.scalars(select(Person).where(Person.active)) if p.id not in first]
    return sorted(rest, key=lambda account: (account.unit_id or 0, account.id))
