"""Reading incidents, their linked cases and the people who can be given a role."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm.attributes import set_committed_value

from portal.cases.models import Case
from portal.clocks import book
from portal.clocks.models import Clock
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.models import Person
from portal.identity.policy import may
from portal.identity.queries import unit_names
from portal.incidents import gate, plans, rules
from portal.incidents.doubts import doubts
from portal.incidents.models import Incident
from portal.journal import stream
from portal.journal.stream import Line
from portal.kernel import masking
from portal.kernel.collation import by_name
from portal.kernel.db import db, read
from portal.kernel.errors import Invalid, Missing, Stale
from portal.kernel.i18n import local

CALENDAR = "cn-business"  # working days until a review is due
DAY = timedelta(days=1)
OWED = (
    "SELECT incident.no, task.title, task.due_at, task.done_at FROM incident_task AS task"
    " JOIN incident ON incident.id = task.incident_id WHERE task.code IN ('complaint.plan', 'complaint.solution')"
    " AND NOT incident.exercise AND incident.outcome <> 'merged' AND task.due_at >= :start AND task.due_at < :until"
    " ORDER BY task.due_at, task.id"
)
LINKED = "SELECT open, count(*) FROM cases WHERE incident_id = :id GROUP BY open"
ANYTHING = (
    "SELECT EXISTS(SELECT 1 FROM incident_role WHERE incident_id = :id)"
    " OR EXISTS(SELECT 1 FROM incident_call WHERE incident_id = :id)"
    " OR EXISTS(SELECT 1 FROM incident_task WHERE incident_id = :id)"
)
LOOKED_AT = 500  # open cases read for those that resemble an incident
ALIKE = 500  # cases linked at once by their likeness
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


class LikelyCase(NamedTuple):
    """A case that may belong to an incident; its title without numbers and names, the words it shares with it."""

    no: str
    level: str
    state: str
    unit: str
    title: str
    unit_ids: frozenset[int]
    received_at: datetime
    shared: tuple[str, ...]


class Owed(NamedTuple):
    """A plan or solution that a major complaint was owed: incident, what, by when, when it was given."""

    no: str
    title: str
    due: int
    done: int | None
    met: bool


def owed_to_complaints(start: int, until: int) -> list[Owed]:
    """What fell due in [start, until) for complaints led as incidents (EM11); exercises and merged ones left out."""
    rows = read(OWED, {"start": start, "until": until})
    return [Owed(no, title, due, done, done is not None and done <= due) for no, title, due, done in rows]


BY_NO = select(Incident).where(Incident.no == bindparam("no"))  # built once, for every viewer of a board asks it


def incident_by_no(actor: Actor, no: str) -> Incident:
    """The incident with this number, if the actor may see incidents. Raises Missing."""
    found = db.session.scalar(BY_NO, {"no": no.strip().upper()})
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
    db.session.flush()
    found = {bool(row[0]): row[1] for row in read(LINKED, {"id": incident_id})}
    return sum(found.values()), found.get(True, 0)


def begin_empty(incident: Incident) -> None:
    """Spares a report, which has no roles, calls and tasks yet, a reading of each; one that has some reads them."""
    db.session.flush()
    if not read(ANYTHING, {"id": incident.id})[0][0]:
        for name in ("roles", "calls", "tasks"):
            set_committed_value(incident, name, [])


def unconfirmed(incident_id: int) -> int:
    """How many linked cases are open while their customer has not confirmed."""
    query = select(func.count()).where(Case.incident_id == incident_id, Case.open, Case.confirmed_at.is_(None))
    return db.session.scalar(query) or 0


def doubts_of(
    incident: Incident, met_at: int | None = None, waived: Collection[str] = ()
) -> tuple[dict[str, Any], ...]:
    """What stands against the end now, or with the open conditions ticked at `met_at`; empty when it can be closed."""
    found = doubts(incident, plans.of(incident.plan_version), unconfirmed(incident.id), met_at, waived)
    return found + gate.further(incident.id)


def review_due(incident: Incident, now: datetime) -> int:
    """Epoch seconds when the review is due: so many days after the end, or working days, as the grade says (EM8)."""
    facts = plans.of(incident.plan_version).grades[incident.grade].facts
    if facts.get("review_days"):
        return int((now + timedelta(days=facts["review_days"])).timestamp())
    calendar = book.in_force(now).calendars[CALENDAR]
    return calendar.end_of_working_day(int(now.timestamp()), facts["review_working_days"])


def may_answer(actor: Actor, unit_id: int) -> bool:
    """Whether this person answers for a department: its head, and the supervisor."""
    return actor.has("supervisor") or any(role == "head" and unit in (unit_id, None) for role, unit in actor.roles)


def cases_by_no(numbers: Iterable[str], field: str = "numbers") -> list[Case]:
    """The cases with these numbers, locked, in the order given. Raises Invalid for an unknown one."""
    wanted = list(dict.fromkeys(n.strip().upper() for n in numbers if n.strip()))
    query = select(Case).where(Case.no.in_(wanted)).order_by(Case.id)
    rows = db.session.scalars(query.with_for_update().execution_options(populate_existing=True))
    found = {case.no: case for case in rows}
    for no in wanted:
        if no not in found:
            raise Invalid("no_such_case", field=field, no=no)
    return [found[no] for no in wanted]


def linkable(numbers: Iterable[str]) -> list[str]:
    """Those of these numbers that are open real cases in no incident, in order."""
    wanted = list(dict.fromkeys(n.strip().upper() for n in numbers if n.strip()))[:LOOKED_AT]
    query = select(Case.no).where(Case.no.in_(wanted), Case.open, Case.incident_id.is_(None), Case.exercise.is_(False))
    found = set(db.session.scalars(query))
    return [no for no in wanted if no in found]


def stoppable(incident_id: int, limit: int) -> list[Case]:
    """Linked cases that are open and whose clocks run, by the clock that presses most."""
    query = select(Case).where(Case.incident_id == incident_id, Case.open, Case.paused == "")
    return list(db.session.scalars(query.order_by(Case.press, Case.id).limit(limit)))


def stopped_cases(incident_id: int) -> list[Case]:
    """Linked cases whose clocks this incident has stopped, locked."""
    query = select(Case).where(Case.incident_id == incident_id, Case.open, Case.paused == "force_majeure")
    locked = query.order_by(Case.id).with_for_update().execution_options(populate_existing=True)
    return list(db.session.scalars(locked))


def clocks_that_stop(case_ids: Iterable[int]) -> dict[int, int]:
    """How many running clocks of these cases a pause would stop, by case id."""
    query = select(Clock.case_id, func.count()).where(
        Clock.case_id.in_(list(case_ids)), Clock.outcome == "running", Clock.pausable
    )
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Clock.case_id))}


def likely_cases(
    incident: Incident, also: Iterable[str] = (), limit: int = 12, older: bool = False, since: datetime | None = None
) -> list[LikelyCase]:
    """Open cases in no incident that speak of the same thing, newest first; those with the numbers `also` in any case.

    What an outage brings comes in after it began: received before the day before it are `older` ones alone. With
    `since` all that were received from then on are read. Titles are without numbers and names.
    """
    query = select(
        Case.no, Case.level, Case.proposed_level, Case.state, Case.unit_id, Case.intake_unit_id, Case.title,
        Case.description, Case.symptom, Case.product, Case.received_at, Case.customer_name, Case.caller,
    ).where(Case.open, Case.incident_id.is_(None), Case.exercise == incident.exercise)  # fmt: skip
    about = f"{incident.title} {incident.scope}"
    keywords = plans.of(incident.plan_version).classes[incident.kind].facts["keywords"]
    found: list[LikelyCase] = []
    wanted, units = set(also), unit_names()
    query = query.order_by(Case.id.desc())
    for r in db.session.execute(query.where(Case.received_at >= since) if since else query.limit(LOOKED_AT)):
        shared = rules.in_common(" ".join(r[6:10]), about, keywords)
        fresh = since or older or r[10] >= incident.occurred_at - DAY
        if (shared and fresh and len(found) < limit) or r[0] in wanted:
            title = masking.without_names(masking.hidden(r[6]), (r[11], r[12]))
            concerned = frozenset((r[4], r[5]))
            found.append(LikelyCase(r[0], r[1] or r[2], r[3], units[r[4]], title, concerned, r[10], shared))
    return found


def alike_since(incident: Incident, since: datetime) -> list[str]:
    """Numbers of the open cases in no incident that speak of the same thing and were received since then."""
    return [one.no for one in likely_cases(incident, limit=ALIKE, since=since)]


def _labelled(ids: Iterable[int]) -> list[tuple[int, str]]:
    units = unit_names()
    query = select(Person.id, Person.name, Person.unit_id).where(Person.id.in_(list(ids))).order_by(Person.id)
    rows = by_name(db.session.execute(query), lambda row: row[1])
    return [(row[0], f"{row[1]} · {units[row[2]]}" if row[2] else row[1]) for row in rows]


def candidates() -> list[tuple[int, str]]:
    """Active people who can be given a role or a task: (id, name and department), by name."""
    return _labelled({i for role in CANDIDATES for i in people.holders(role)})


def still_here(person_id: int, role: str) -> bool:
    """Whether a role's holder can still act: the account is open, and who commands holds the portal's role for it."""
    person = db.session.get(Person, person_id)
    return person is not None and person.active and (role != "commander" or person_id in people.holders("commander"))


def commanders() -> list[tuple[int, str]]:
    """People who may be commander: (id, name and department), by name."""
    return _labelled(people.holders("commander"))
