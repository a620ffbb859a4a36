"""Reading group customers and projects as policy allows, and the figures of section 4 of the quarterly report."""

import json
from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import select

from portal.corporate.models import Document, GroupFile, Project
from portal.corporate.rules import NOBODY, STATES, Person
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.kernel.db import db, read
from portal.kernel.errors import Invalid, Missing

FAR = 1 << 60  # no row has a higher number


def colleague(person_id: int) -> Person:
    """A colleague by number: (number, name, department); nobody for 0. Raises Invalid for who is not here any more."""
    if not person_id:
        return NOBODY
    found = people.person(person_id)
    if not found.active:
        raise Invalid("choose_colleague", field="person_id")
    return found.id, found.name, found.unit_id or 0


def colleagues() -> list[tuple[int, str]]:
    """Everybody with an open account, by name, for a select."""
    return [(person.id, person.name) for person, _roles in people.people() if person.active]


def group_file(customer_id: int) -> GroupFile | None:
    """The file of a customer, None where the customer is no group customer."""
    return db.session.get(GroupFile, customer_id)


def file(actor: Actor, customer_id: int) -> tuple[GroupFile, bool]:
    """The file, and whether this person reads telephone numbers in the clear. Missing alike for unknown and hidden."""
    found = db.session.get(GroupFile, min(customer_id, FAR))
    if found is None or not may(actor, "corporate.view", found):
        raise Missing("no_group_file")
    return found, may(actor, "customer.contact", found)


def file_to_change(actor: Actor, customer_id: int) -> GroupFile:
    """The file, locked for this transaction."""
    file(actor, customer_id)
    return db.session.get_one(GroupFile, customer_id, with_for_update=True, populate_existing=True)


def project(actor: Actor, project_id: int) -> Project:
    """The project. Missing alike for unknown and hidden."""
    found = db.session.get(Project, min(project_id, FAR))
    if found is None or not may(actor, "project.view", found):
        raise Missing("no_project")
    return found


def project_to_change(actor: Actor, project_id: int) -> Project:
    """The project, locked for this transaction."""
    project(actor, project_id)
    return db.session.get_one(Project, project_id, with_for_update=True, populate_existing=True)


def document(owner: GroupFile | Project, n: int) -> Document:
    """One document of a dossier that is shown. Raises Missing."""
    found = next((d for d in owner.documents if d.n == n and not d.withdrawn), None)
    if found is None:
        raise Missing("not_found")
    return found


def contents(digests: Collection[str]) -> set[str]:
    """Which of these contents a dossier names, also one that was withdrawn."""
    return set(db.session.scalars(select(Document.sha256).where(Document.sha256.in_(digests))))


class Kept(NamedTuple):
    """How many fell due in a period, how many were done by their day, and by the day first agreed."""

    due: int
    met: int
    first_due: int
    first_met: int

    @property
    def rate(self) -> float | None:
        """The share done by their day in per cent, None where nothing fell due."""
        return round(100 * self.met / self.due, 1) if self.due else None


# dropped after its day counts as missed, dropped before it as never due; a breach is not erased by giving up
DUE = (
    "FROM corporate_due WHERE kind = :kind AND {0} >= :start AND {0} < :until"
    " AND NOT (state = 'dropped' AND ended_at <= {0})"
)
MET = "state = 'done' AND ended_at <= {0}"
FELL_DUE = f"SELECT code, count(*), count(*) FILTER (WHERE {MET}) {DUE} GROUP BY code ORDER BY code"
ROWS = (
    "SELECT customer_id, title, owner_unit, due_at, CASE WHEN state = 'done' THEN ended_at END AS done,"
    f" CASE WHEN {MET} THEN 1 ELSE 0 END AS met {DUE}"
)
STOOD = "SELECT spells FROM support_project WHERE opened_at < :until"


def kept(kind: str, start: int, until: int) -> dict[str, Kept]:
    """By code, how dues of a kind that fell due in [start, until) were kept. Epoch seconds.

    Kinds are those of due_rules; only reports have codes, all others stand under the empty one. An empty dict where
    nothing fell due.
    """
    values = {"kind": kind, "start": start, "until": until}
    agreed = {row[0]: row[1:] for row in read(FELL_DUE.format("due_at"), values)}
    first = {row[0]: row[1:] for row in read(FELL_DUE.format("first_at"), values)}
    return {
        code: Kept(*agreed.get(code, (0, 0)), *first.get(code, (0, 0))) for code in sorted({*agreed, *first})
    }  # fmt: skip


class FellDue(NamedTuple):
    """One thing that fell due: whose, what, with which department, by when, when it was done (epoch seconds)."""

    customer: int
    title: str
    unit: int
    due: int
    done: int | None
    met: bool


def fell_due(kind: str, start: int, until: int) -> list[FellDue]:
    """What `kept` counts, one by one."""
    rows = read(ROWS.format("due_at"), {"kind": kind, "start": start, "until": until})
    return [
        FellDue(customer or 0, title, unit, due, done, bool(met)) for customer, title, unit, due, done, met in rows
    ]  # fmt: skip


def projects_by_state(until: int) -> dict[str, int]:
    """How many projects stood in each state just before an instant, in the order of the states. Epoch seconds."""
    rows = read(STOOD, {"until": until})
    found = Counter(_state(json.loads(r[0]) if isinstance(r[0], str) else r[0], until) for r in rows)
    return {state: found[state] for state in STATES if found[state]}


def _state(spells: Iterable[tuple[str, int]], until: int) -> str:
    return [state for state, since in spells if since < until][-1]
