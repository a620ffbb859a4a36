"""Reading incidents, their linked cases and the people who can be given a role."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, text

from portal.cases.models import Case
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.incidents.models import Incident
from portal.journal import stream
from portal.journal.stream import Line
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Missing, Stale
from portal.kernel.i18n import local

CANDIDATES = ("commander", "watch", "responder", "supervisor", "head", "handler", "dispatcher", "agent")


class LinkedCase(NamedTuple):
    """A linked case as the board shows it; title and customer only to those who may open the case."""

    id: int
    no: str
    level: str
    state: str
    open: bool
    title: str
    unit_ids: frozenset[int]


def incident_by_no(actor: Actor, no: str) -> Incident:
    """The incident with this number, if the actor may see incidents. Raises Missing."""
    found = db.session.scalar(select(Incident).where(Incident.no == no.strip().upper()))
    if found is None or not may(actor, "incident.view", found):
        raise Missing("no_such_incident", no=no)
    return found


def incident_to_change(actor: Actor, no: str, seen: int | None = None) -> Incident:
    """The incident, locked for this transaction. Raises Stale when it changed since the actor saw it."""
    found = incident_by_no(actor, no)
    locked = db.session.get_one(Incident, found.id, with_for_update=True, populate_existing=True)
    if seen is not None and seen != locked.version:
        raise Stale("changed_meanwhile", no=no, seen=seen)
    return locked


def incident_by_id(incident_id: int | None) -> Incident | None:
    """The incident a case points to, or None."""
    return db.session.get(Incident, incident_id) if incident_id else None


def running() -> list[tuple[int, str, str]]:
    """Declared incidents that have not ended: (id, number, title), the oldest first."""
    query = select(Incident.id, Incident.no, Incident.title).where(Incident.state == "active")
    return [(row[0], row[1], row[2]) for row in db.session.execute(query.order_by(Incident.id))]


def incidents(state: str, limit: int = 100) -> list[Incident]:
    """Incidents in a state, the newest first."""
    query = select(Incident).where(Incident.state == state).order_by(Incident.id.desc())
    return list(db.session.scalars(query.limit(limit)))


def next_number(now: datetime) -> str:
    """The next incident number of the year, `INC-2026-014`."""
    series = f"INC-{local(now):%Y}"
    last = db.session.connection().execute(
        text(
            "INSERT INTO counter(series, last) VALUES(:s, 1)"
            " ON CONFLICT(series) DO UPDATE SET last = counter.last + 1 RETURNING last"
        ),
        {"s": series},
    )
    return f"{series}-{last.scalar_one():03d}"


def history(incident: Incident) -> list[Line]:
    """What happened to an incident, newest first."""
    return stream.read(incident.stream, newest_first=True)


def linked(incident_id: int, limit: int = 50) -> list[LinkedCase]:
    """Linked cases, open ones first."""
    query = select(
        Case.id, Case.no, Case.level, Case.proposed_level, Case.state, Case.open, Case.title, Case.unit_id,
        Case.intake_unit_id,
    ).where(Case.incident_id == incident_id)  # fmt: skip
    rows = db.session.execute(query.order_by(Case.open.desc(), Case.id.desc()).limit(limit))
    return [LinkedCase(r[0], r[1], r[2] or r[3], r[4], r[5], r[6], frozenset((r[7], r[8]))) for r in rows]


def linked_counts(incident_id: int) -> tuple[int, int]:
    """How many cases are linked, and how many of them are still open."""
    query = select(Case.open, func.count()).where(Case.incident_id == incident_id).group_by(Case.open)
    found = {bool(row[0]): row[1] for row in db.session.execute(query)}
    return sum(found.values()), found.get(True, 0)


def cases_by_no(numbers: Iterable[str]) -> list[Case]:
    """The cases with these numbers, locked, in the order given. Raises Invalid for an unknown one."""
    wanted = list(dict.fromkeys(n.strip().upper() for n in numbers if n.strip()))
    query = select(Case).where(Case.no.in_(wanted)).order_by(Case.id)
    rows = db.session.scalars(query.with_for_update().execution_options(populate_existing=True))
    found = {case.no: case for case in rows}
    for no in wanted:
        if no not in found:
            raise Invalid("no_such_case", field="numbers", no=no)
    return [found[no] for no in wanted]


def candidates() -> list[tuple[int, str]]:
    """Active people who can be given a role or a task: (id, name), by name."""
    found: set[int] = set()
    for role in CANDIDATES:
        found.update(people.holders(role))
    names = people.names()
    return sorted(((i, names[i]) for i in found), key=lambda pair: (pair[1], pair[0]))


def commanders() -> list[tuple[int, str]]:
    """People who may be commander: (id, name), by name."""
    names = people.names()
    return sorted(((i, names[i]) for i in people.holders("commander")), key=lambda pair: pair[1])
