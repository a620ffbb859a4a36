"""Reading versions of the policy: the list, one of them, the newest approved one, the calendars a limit may run on."""

from datetime import datetime

from sqlalchemy import select

from portal.clocks import book
from portal.clocks.models import PolicyVersion
from portal.identity import queries as people
from portal.kernel.db import db
from portal.kernel.errors import Missing


def versions() -> list[PolicyVersion]:
    """All versions, the newest first."""
    return list(db.session.scalars(select(PolicyVersion).order_by(PolicyVersion.version.desc())))


def version(number: int, *, lock: bool = False) -> PolicyVersion:
    """One version; `lock` keeps other writers away until the transaction ends. Raises Missing."""
    query = select(PolicyVersion).where(PolicyVersion.version == number)
    found = db.session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise Missing("no_such_policy", version=number)
    return found


def newest_approved() -> PolicyVersion:
    """The approved version that holds last: the one in force, or the one that will follow it."""
    found = db.session.scalar(
        select(PolicyVersion)
        .where(PolicyVersion.state == "effective")
        .order_by(PolicyVersion.effective_from.desc(), PolicyVersion.version.desc())
        .limit(1)
    )
    if found is None:
        raise Missing("no_such_policy", version=1)
    return found


def in_force(now: datetime) -> int:
    """The number of the version by which a case received now is measured."""
    return book.in_force(now).policy.version


def calendars(now: datetime) -> list[str]:
    """Codes of the calendars a limit may run on."""
    return sorted(book.in_force(now).calendars)


def names(ids: set[int]) -> dict[int, str]:
    """Names of people by id."""
    return {person.id: person.name for person, _held in people.people() if person.id in ids}
