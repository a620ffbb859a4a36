"""The promises of all cases that a person may see: what is open, due today, broken, kept (SL7)."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.cases.ledger import Promised, ledger
from portal.cases.models import Case
from portal.clocks.models import Clock
from portal.identity.actor import Actor
from portal.identity.policy import scope
from portal.journal import stream
from portal.kernel.db import db, read
from portal.kernel.i18n import local
from portal.kernel.instants import epoch

STATES = ("open", "today", "broken", "kept")
PAGE = 50
BINDS = "COALESCE(k.agreed_at, k.due_at)"
# the first condition is the one of the index ix_clock_promised, to the letter
FROM = "FROM clock k JOIN cases c ON c.id = k.case_id WHERE (k.kind = 'promise' OR k.agreed_at IS NOT NULL) AND {scope}"
OPEN = f"k.outcome = 'running' AND ({BINDS} >= :now OR k.paused_at IS NOT NULL)"
WHERE = {
    "open": OPEN,
    "today": f"{OPEN} AND {BINDS} < :night",
    "broken": f"(k.outcome = 'missed' OR (k.outcome = 'running' AND {BINDS} < :now AND k.paused_at IS NULL))",
    "kept": "k.outcome = 'met'",
}


class Wanted(NamedTuple):
    """What is asked for: a state, and a department or an assignee (0: all)."""

    state: str
    unit: int
    person: int
    page: int


class Line(NamedTuple):
    """A promise with its case."""

    case: Case
    clock: Clock
    told: Promised | None


def counts(actor: Actor, want: Wanted, now: datetime) -> dict[str, int]:
    """How many promises stand in each state, in one statement."""
    sums = ", ".join(f"COALESCE(SUM(CASE WHEN {WHERE[name]} THEN 1 ELSE 0 END), 0)" for name in STATES)
    where, values = _limits(actor, want, now)
    return dict(zip(STATES, map(int, read(f"SELECT {sums} {FROM.format(scope=where)}", values)[0]), strict=True))


def lines(actor: Actor, want: Wanted, now: datetime) -> list[Line]:
    """One page of promises: the nearest first while they are open, else the latest first; each with its story."""
    where, values = _limits(actor, want, now)
    order = "ASC" if want.state in ("open", "today") else "DESC"
    query = (
        f"SELECT k.id {FROM.format(scope=where)} AND {WHERE[want.state]}"
        f" ORDER BY {BINDS} {order}, k.id {order} LIMIT {PAGE} OFFSET {(want.page - 1) * PAGE}"
    )
    ids = [row[0] for row in read(query, values)]
    found = {c.id: c for c in db.session.scalars(select(Clock).where(Clock.id.in_(ids)))}
    numbers = {c.case_id for c in found.values()}
    cases = {c.id: c for c in db.session.scalars(select(Case).where(Case.id.in_(numbers)))}
    told = _stories(cases, now)
    return [Line(cases[found[i].case_id], found[i], told.get(i)) for i in ids]


def people(actor: Actor, want: Wanted, now: datetime) -> list[tuple[int, str]]:
    """Assignees of cases with a promise that is open or broken: (id, name)."""
    where, values = _limits(actor, want._replace(person=0), now)
    query = f"SELECT DISTINCT c.owner_id, c.owner_name {FROM.format(scope=where)} AND c.owner_id IS NOT NULL"
    return sorted(((row[0], row[1]) for row in read(query, values)), key=lambda one: one[1])


def _stories(cases: dict[int, Case], now: datetime) -> dict[int, Promised]:
    """The newest promise or new time of each clock of these cases, by the clock's id."""
    journals = stream.read_many(case.stream for case in cases.values())
    rows: dict[int, list[Clock]] = {number: [] for number in cases}
    for row in db.session.scalars(select(Clock).where(Clock.case_id.in_(cases)).order_by(Clock.id)):
        rows[row.case_id].append(row)
    told = (one for number, case in cases.items() for one in ledger(journals[case.stream], rows[number], now))
    return {one.clock_id: one for one in told if one.clock_id}


def _limits(actor: Actor, want: Wanted, now: datetime) -> tuple[str, dict[str, Any]]:
    """What this person may see and asks for, as a condition."""
    here = local(now)
    night = here.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    values: dict[str, Any] = {"now": epoch(now), "night": epoch(night)}
    mine, found = scope(actor, "case.view"), ["1 = 1"]
    if mine is not None:
        units = ",".join(map(str, sorted(mine))) or "0"
        found.append(f"(c.unit_id IN ({units}) OR c.intake_unit_id IN ({units}))")
    if want.unit:
        found.append("COALESCE(k.department_id, c.unit_id) = :unit")
        values["unit"] = want.unit
    if want.person:
        found.append("c.owner_id = :person")
        values["person"] = want.person
    return " AND ".join(found), values
