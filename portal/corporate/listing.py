"""The lists of group customers and of support projects: filtered, scoped by policy, paged by key."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from portal.corporate.rules import STATES
from portal.identity.actor import Actor
from portal.identity.policy import scope
from portal.kernel.db import read

PAGE = 50
BATCH = 500  # rows of an export read at once
FAR = 1 << 60  # no row has a higher number

FILES = (
    "SELECT g.customer_id, c.name, c.category, g.trade, g.manager, g.contract_until,"
    " (SELECT count(*) FROM group_service s WHERE s.customer_id = g.customer_id AND s.state <> 'closed'),"
    " (SELECT count(*) FROM corporate_due d WHERE d.customer_id = g.customer_id AND d.state = 'open'"
    "  AND d.due_at < :now),"
    " (SELECT min(d.due_at) FROM corporate_due d WHERE d.customer_id = g.customer_id AND d.state = 'open'"
    "  AND d.due_at >= :now)"
    " FROM group_file g JOIN customer c ON c.id = g.customer_id WHERE g.customer_id < :before"
)
NAMED = (
    " AND (g.unit_id IN ({0}) OR g.manager_unit IN ({0})"
    " OR EXISTS (SELECT 1 FROM group_contact t WHERE t.customer_id = g.customer_id AND t.unit_id IN ({0}))"
    " OR EXISTS (SELECT 1 FROM corporate_due d WHERE d.customer_id = g.customer_id AND d.owner_unit IN ({0})))"
)
FITS = (
    " AND (lower(c.name) LIKE :part OR lower(g.contract_no) LIKE :part OR g.customer_id = :code"
    " OR EXISTS (SELECT 1 FROM group_service s WHERE s.customer_id = g.customer_id"
    "  AND lower(s.circuit_no) LIKE :part))"
)
LATE_FILE = (
    " AND EXISTS (SELECT 1 FROM corporate_due d WHERE d.customer_id = g.customer_id AND d.state = 'open'"
    " AND d.due_at < :now)"
)
PROJECTS = (
    "SELECT p.id, p.name, p.state, p.leader, p.customer_id, c.name, p.opened_at, p.orders, p.spells,"
    " (SELECT count(*) FROM corporate_due d WHERE d.project_id = p.id AND d.kind = 'milestone'"
    "  AND d.state <> 'dropped'),"
    " (SELECT count(*) FROM corporate_due d WHERE d.project_id = p.id AND d.kind = 'milestone' AND d.state = 'done'),"
    " (SELECT count(*) FROM corporate_due d WHERE d.project_id = p.id AND d.state = 'open' AND d.due_at < :now),"
    " (SELECT min(d.due_at) FROM corporate_due d WHERE d.project_id = p.id AND d.state = 'open')"
    " FROM support_project p JOIN customer c ON c.id = p.customer_id WHERE p.id < :before"
)
NAMED_IN = (
    " AND (p.unit_id IN ({0}) OR p.leader_unit IN ({0}) OR EXISTS (SELECT 1 FROM corporate_due d"
    " WHERE d.project_id = p.id AND d.owner_unit IN ({0})))"
)
LATE_PROJECT = (
    " AND EXISTS (SELECT 1 FROM corporate_due d WHERE d.project_id = p.id AND d.state = 'open' AND d.due_at < :now)"
)
FITS_PROJECT = " AND (lower(p.name) LIKE :part OR lower(c.name) LIKE :part OR p.id = :code)"


class Line(NamedTuple):
    """A group customer in the list; `next` is the next due instant in epoch seconds."""

    id: int
    name: str
    category: str
    trade: str
    manager: str
    contract_until: str
    services: int
    late: int
    next: int | None

    @property
    def code(self) -> str:
        """The number of the customer file."""
        return f"KH{self.id:06d}"


class Work(NamedTuple):
    """A project in the list; instants in epoch seconds."""

    id: int
    name: str
    state: str
    leader: str
    customer_id: int
    customer: str
    opened_at: int
    orders: list[str]
    spells: list[Any]
    milestones: int
    reached: int
    late: int
    next: int | None

    @property
    def code(self) -> str:
        """Its number as it is read out."""
        return f"ZC{self.id:05d}"

    @property
    def ended_at(self) -> int | None:
        """When it ended, where it has."""
        return self.spells[-1][1] if self.state == "ended" else None


class Wanted(NamedTuple):
    """What a list is narrowed to: text, states of projects, one's own, late ones, one customer's."""

    text: str = ""
    states: tuple[str, ...] = ()
    mine: bool = False
    late: bool = False
    customer: int = 0


def _looked_for(text: str, prefix: str) -> dict[str, Any]:
    plain = text.strip().lower().replace("\\", "").replace("%", "").replace("_", "")
    digits = plain.removeprefix(prefix)
    number = int(digits) if plain.startswith(prefix) and digits.isascii() and digits.isdigit() else 0
    return {"part": f"%{plain}%" if plain else "-", "code": number if number < 1 << 31 else 0}


def files(actor: Actor, now: datetime, want: Wanted, *, before: int = 0, size: int = PAGE) -> list[Line]:
    """Group customers, the newest file first, beginning below a number."""
    units = scope(actor, "corporate.view")
    if units is not None and not units:
        return []
    sql, values = FILES, {"now": int(now.timestamp()), "before": min(before, FAR) or FAR, "size": size}
    if want.text.strip():
        sql, values = sql + FITS, values | _looked_for(want.text, "kh")
    if units is not None:
        sql += NAMED.format(",".join(map(str, sorted(units))))
    if want.mine:
        sql, values = sql + " AND g.manager_id = :me", values | {"me": actor.id}
    sql += LATE_FILE if want.late else ""
    return [Line._make(row) for row in read(f"{sql} ORDER BY g.customer_id DESC LIMIT :size", values)]


def projects(actor: Actor, now: datetime, want: Wanted, *, before: int = 0, size: int = PAGE) -> list[Work]:
    """Support projects, the newest first, beginning below a number."""
    units = scope(actor, "project.view")
    if units is not None and not units:
        return []
    sql, values = PROJECTS, {"now": int(now.timestamp()), "before": min(before, FAR) or FAR, "size": size}
    if want.text.strip():
        sql, values = sql + FITS_PROJECT, values | _looked_for(want.text, "zc")
    states = [state for state in STATES if state in want.states]
    if states:
        sql += " AND p.state IN ({})".format(",".join(f"'{state}'" for state in states))
    if units is not None:
        sql += NAMED_IN.format(",".join(map(str, sorted(units))))
    if want.mine:
        sql, values = sql + " AND p.leader_id = :me", values | {"me": actor.id}
    if want.customer:
        sql, values = sql + " AND p.customer_id = :customer", values | {"customer": min(want.customer, FAR)}
    sql += LATE_PROJECT if want.late else ""
    return [_work(row) for row in read(f"{sql} ORDER BY p.id DESC LIMIT :size", values)]


def _work(row: tuple[Any, ...]) -> Work:
    lists = [json.loads(value) if isinstance(value, str) else value for value in row[7:9]]
    return Work._make((*row[:7], *lists, *row[9:]))


def all_projects(actor: Actor, now: datetime, want: Wanted) -> Iterator[Work]:
    """Every project of the list, read in batches."""
    before = 0
    while found := projects(actor, now, want, before=before, size=BATCH):
        yield from found
        before = found[-1].id
