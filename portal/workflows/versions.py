"""The versions of flows: what an order runs on, and what the next one will. Kept in memory: a version never changes."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.clocks import book
from portal.identity import queries as people
from portal.identity.actor import ROLES
from portal.kernel import feed
from portal.kernel.db import db, read
from portal.kernel.errors import Missing
from portal.workflows import shared_lists
from portal.workflows.definition import Definition, from_data
from portal.workflows.flow_models import FlowVersion
from portal.workflows.lint import Known
from portal.workflows.shared_lists import asks, with_lists

TOPIC = "flows"
OPEN = ("draft", "review")
MEMBERS = """
SELECT u.code, count(DISTINCT m.person_id) FROM unit u
LEFT JOIN (SELECT h.unit_id, h.person_id FROM membership h JOIN person p ON p.id = h.person_id AND p.active
           UNION SELECT p.unit_id, p.id FROM person p WHERE p.active) m ON m.unit_id = u.id
GROUP BY u.code
"""
_made: dict[tuple[str, str, int], tuple[Definition, bool]] = {}  # with whether it asks for a shared list
_known: dict[str, Any] = {}


def definition(flow: str, version: int) -> Definition:
    """One version of a flow with the shared lists; approved ones are read once. Raises Missing."""
    key = (str(db.engine.url), flow, version)
    if key not in _made:
        row = one(flow, version)
        made = from_data(row.data, row.version)
        if row.state != "effective":
            return made
        _made[key] = made, asks(made)
    made, lists = _made[key]
    return with_lists(key, made) if lists else made


def newest(flow: str, now: datetime) -> Definition:
    """The version in force at `now`. Raises Missing."""
    held = [version for code, version, since in _effective() if code == flow and since <= now]
    if not held:
        raise Missing("no_such_flow", flow=flow[:40])
    return definition(flow, held[-1])


def all_newest(now: datetime) -> list[Definition]:
    """Every flow that an order may be raised on at `now`, the shipped ones as they came, then others."""
    return [newest(flow, now) for flow in dict.fromkeys(code for code, _v, since in _effective() if since <= now)]


def _effective() -> list[tuple[str, int, datetime]]:
    """Flow, version and since when it holds, of all approved ones in that order; read again when versions move."""
    key = (str(db.engine.url), feed.version(TOPIC))
    if _known.get("key") != key:
        query = select(FlowVersion.flow, FlowVersion.version, FlowVersion.effective_from, FlowVersion.id)
        rows = db.session.execute(query.where(FlowVersion.state == "effective")).all()
        place = {row[0]: row[3] for row in sorted(rows, key=lambda row: -row[3])}
        rows = sorted(rows, key=lambda row: (place[row[0]], row[2], row[1]))
        _known["rows"] = [(row[0], row[1], row[2]) for row in rows]
        _known["key"] = key
    found: list[tuple[str, int, datetime]] = _known["rows"]
    return found


def one(flow: str, version: int, *, lock: bool = False) -> FlowVersion:
    """One version's row; `lock` keeps other writers away until the transaction ends. Raises Missing."""
    query = select(FlowVersion).where(FlowVersion.flow == flow, FlowVersion.version == version)
    found = db.session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise Missing("no_such_flow", flow=flow[:40])
    return found


def of_flow(flow: str) -> list[FlowVersion]:
    """All versions of a flow, the newest first. Raises Missing."""
    query = select(FlowVersion).where(FlowVersion.flow == flow).order_by(FlowVersion.version.desc())
    found = list(db.session.scalars(query))
    if not found:
        raise Missing("no_such_flow", flow=flow[:40])
    return found


def flows() -> dict[str, list[FlowVersion]]:
    """All versions by flow, the newest first; flows in the order in which they came."""
    found: dict[str, list[FlowVersion]] = {}
    for row in db.session.scalars(select(FlowVersion).order_by(FlowVersion.id)):
        found.setdefault(row.flow, []).insert(0, row)
    return found


def newest_approved(flow: str) -> FlowVersion | None:
    """The approved version that holds last: in force, or the one that will follow it."""
    return next((row for row in sorted(of_flow(flow), key=_since, reverse=True) if row.state == "effective"), None)


def _since(row: FlowVersion) -> tuple[datetime, int]:
    return row.effective_from, row.version


def open_draft(flow: str) -> FlowVersion | None:
    """The version that is being written or reviewed; there is at most one."""
    query = select(FlowVersion).where(FlowVersion.flow == flow, FlowVersion.state.in_(OPEN))
    return db.session.scalar(query)


def made_by(key: str) -> FlowVersion | None:
    """The version that a form made by its key."""
    return db.session.scalar(select(FlowVersion).where(FlowVersion.key == key)) if key else None


def known(now: datetime) -> Known:
    """What this installation knows, for the linter: departments with their people, roles, calendars."""
    return Known(dict(read(MEMBERS, {})), ROLES, book.in_force(now).calendars)


def forget() -> None:
    """Empties the memory: another store is opened."""
    _made.clear()
    _known.clear()
    shared_lists.forget()


def names(ids: set[int]) -> dict[int, str]:
    """Names of people by id."""
    return {person.id: person.name for person, _held in people.people() if person.id in ids}
