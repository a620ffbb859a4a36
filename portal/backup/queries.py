"""Reading the backup channel: blocks and sheets, what is not accounted for, entries to be checked, the kit."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, text

from portal.backup import rules
from portal.backup.models import BackEntry, DutyPhone, KitRun, PaperBlock, PaperSheet
from portal.identity.actor import Actor
from portal.identity.models import Person
from portal.identity.policy import may
from portal.incidents.models import Incident
from portal.kernel.collation import by_name
from portal.kernel.db import db
from portal.kernel.errors import Missing

SHOWN = 100


class BlockLine(NamedTuple):
    """A block with how many of its sheets are in each state."""

    block: PaperBlock
    counts: dict[str, int]
    incident: str


class EntryLine(NamedTuple):
    """A request entered afterwards; `over`: entered after the limit of its outage, counted apart, never late."""

    entry: BackEntry
    over: bool


def block(number: int) -> PaperBlock:
    """The block with this id. Raises Missing."""
    found = db.session.get(PaperBlock, number)
    if found is None:
        raise Missing("no_such_block")
    return found


def block_to_change(number: int) -> PaperBlock:
    """The same, locked for this transaction."""
    block(number)
    return db.session.get_one(PaperBlock, number, with_for_update=True, populate_existing=True)


def block_made_by(key: str) -> PaperBlock | None:
    """What a form with this key has made."""
    return db.session.scalar(select(PaperBlock).where(PaperBlock.key == key)) if key else None


def sheets(block_id: int) -> list[PaperSheet]:
    """The sheets of a block in their order."""
    return list(db.session.scalars(select(PaperSheet).where(PaperSheet.block_id == block_id).order_by(PaperSheet.n)))


def sheet(serial: str, *, lock: bool = False) -> PaperSheet | None:
    """The sheet with this number, or None."""
    query = select(PaperSheet).where(PaperSheet.serial == rules.tidy(serial))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def of_drill(sheet: PaperSheet | None) -> bool:
    """Whether a sheet was handed out in a drill: what stands on it is practice, and never becomes a case (F-41)."""
    if sheet is None or sheet.incident_id is None:
        return False
    return bool(db.session.scalar(select(Incident.exercise).where(Incident.id == sheet.incident_id)))


def stock(unit_id: int) -> list[PaperSheet]:
    """The blank sheets a department has, in order; the kit prints them."""
    query = (
        select(PaperSheet).join(PaperBlock, PaperBlock.id == PaperSheet.block_id)
        .where(PaperBlock.unit_id == unit_id, PaperSheet.state == "stock")
    )  # fmt: skip
    return list(db.session.scalars(query.order_by(PaperSheet.id).limit(rules.MOST_SHEETS)))


def blocks(actor: Actor) -> list[BlockLine]:
    """Blocks of the departments for which this person keeps them (all for who may only look), the newest first."""
    query = select(PaperBlock).order_by(PaperBlock.id.desc()).limit(SHOWN)
    rows = [one for one in db.session.scalars(query) if may(actor, "backup.view")]
    counts: dict[int, dict[str, int]] = {one.id: {} for one in rows}
    found = select(PaperSheet.block_id, PaperSheet.state, func.count()).where(PaperSheet.block_id.in_(list(counts)))
    for block_id, state, n in db.session.execute(found.group_by(PaperSheet.block_id, PaperSheet.state)):
        counts[block_id][state] = n
    numbers = _incident_numbers(one.incident_id for one in rows)
    return [BlockLine(one, counts[one.id], numbers.get(one.incident_id or 0, "")) for one in rows]


def incident_no(incident_id: int | None) -> str:
    """The number of an incident."""
    return _incident_numbers([incident_id]).get(incident_id or 0, "")


def _incident_numbers(ids: Iterable[int | None]) -> dict[int, str]:
    wanted = [i for i in set(ids) if i]
    query = select(Incident.id, Incident.no).where(Incident.id.in_(wanted))
    return {row[0]: row[1] for row in db.session.execute(query)} if wanted else {}


def unreconciled(incident_id: int) -> dict[str, int]:
    """How many sheets of an incident are out or missing: numbers nobody has accounted for."""
    query = select(PaperSheet.state, func.count()).where(
        PaperSheet.incident_id == incident_id, PaperSheet.state.in_(("out", "missing"))
    )
    found = {row[0]: row[1] for row in db.session.execute(query.group_by(PaperSheet.state))}
    return {"out": found.get("out", 0), "missing": found.get("missing", 0)}


def entry_of(case_id: int) -> BackEntry | None:
    """How a case was entered afterwards, or None."""
    return db.session.scalar(select(BackEntry).where(BackEntry.case_id == case_id))


def entry(number: int) -> BackEntry:
    """The entry with this id. Raises Missing."""
    found = db.session.get(BackEntry, number)
    if found is None:
        raise Missing("no_such_back_entry")
    return found


def entries(limit: int = SHOWN) -> list[EntryLine]:
    """Requests entered afterwards: those to be checked first, then the newest."""
    waiting = BackEntry.checked_at.is_not(None)
    query = select(BackEntry).order_by(waiting, BackEntry.agrees, BackEntry.id.desc()).limit(limit)
    found = list(db.session.scalars(query))
    ends = _restored(one.incident_id for one in found)
    lines = []
    for one in found:
        until = rules.limit(ends.get(one.incident_id or 0))
        lines.append(EntryLine(one, until is not None and one.entered_at > until))
    return lines


def _restored(ids: Iterable[int | None]) -> dict[int, datetime]:
    wanted = [i for i in set(ids) if i]
    if not wanted:
        return {}
    found = {}
    for incident in db.session.scalars(select(Incident).where(Incident.id.in_(wanted))):
        known = {m.code: m.at for m in incident.milestones}
        when = known.get("restored") or incident.ended_at
        if when:
            found[incident.id] = when
    return found


def running() -> list[tuple[int, str]]:
    """Incidents for which sheets can be handed out: (id, number and title), the newest first."""
    query = select(Incident.id, Incident.no, Incident.title).where(Incident.state == "active")
    return [(row[0], f"{row[1]} {row[2]}") for row in db.session.execute(query.order_by(Incident.id.desc()))]


def phones() -> dict[int, str]:
    """Emergency numbers by person."""
    return {row[0]: row[1] for row in db.session.execute(select(DutyPhone.person_id, DutyPhone.phone))}


def people_with_phones() -> list[tuple[int, str, str, str]]:
    """Everybody with an open account: (id, name, login, phone), those with a number first."""
    numbers = phones()
    query = select(Person.id, Person.name, Person.login).where(Person.active).order_by(Person.id)
    found = by_name(db.session.execute(query), lambda row: row[1])
    rows = [(row[0], row[1], row[2], numbers.get(row[0], "")) for row in found]
    return sorted(rows, key=lambda row: not row[3])


def kit_runs(limit: int = 7) -> list[KitRun]:
    """The newest kits, and why one was not written."""
    return list(db.session.scalars(select(KitRun).order_by(KitRun.day.desc()).limit(limit)))


def next_numbers(unit_id: int, count: int) -> int:
    """The first of so many new numbers of a department."""
    values: dict[str, Any] = {"s": f"paper:{unit_id}", "n": count}
    last = db.session.connection().execute(
        text(
            "INSERT INTO counter(series, last) VALUES(:s, :n)"
            " ON CONFLICT(series) DO UPDATE SET last = counter.last + :n RETURNING last"
        ),
        values,
    )
    return int(last.scalar_one()) - count + 1
