"""The daily check of the four properties of records (四性检测): authentic, complete, usable, safe.

A day's batch are the records of cases and of ended orders that were archived the day before, and a sample of all others
of each kind, drawn by the day. What waits to be looked at are ids of records of cases and numbers of orders.
"""

import json
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from portal.archive import audit_rules, order_soundness, snapshots
from portal.archive.models import Archived, SoundnessCheck
from portal.archive.rebuilding import closing, rebuilt
from portal.archive.record import faults
from portal.attachments import queries as files
from portal.journal import stream
from portal.kernel import files as contents
from portal.kernel.db import db, read, transaction, write
from portal.kernel.engines import holds
from portal.kernel.i18n import local, parse_local

FROM_HOUR = 3  # of the night, after the verification
OTHERS = 200  # [H] records of all others a day, of each kind
SLICE = 20  # a tick
MOST_NAMED = 100
PROPERTIES = ("authentic", "complete", "usable", "safe")
NEEDED = ("title", "description", "demand", "outcome", "received_at", "closed_at")
OF_DAY = "SELECT id FROM archived WHERE {} AND archived_at >= :since AND archived_at < :until ORDER BY id"
OTHER = "SELECT id FROM archived WHERE {} AND archived_at < :since"
MADE = (
    "INSERT INTO archive_soundness(day, at, total, orders, waiting, failed, faults) VALUES(:day, :at, :total, :orders,"
    " :waiting, '{}', '[]') ON CONFLICT DO NOTHING"
)


class Fault(NamedTuple):
    """One property that a record lacks, and a code of why."""

    no: str
    lacks: str
    why: str


def step(now: datetime) -> bool:
    """Goes on with today's check, or begins it; True while there is more to look at today."""
    here = local(now)
    if here.hour < FROM_HOUR:
        return False
    day = here.date()
    row = db.session.get(SoundnessCheck, day.isoformat())
    if row is None:
        with transaction():
            _begin(day, now)
        return True
    if not row.waiting:
        return False
    with transaction() as session:
        row = session.get_one(SoundnessCheck, day.isoformat(), with_for_update=True, populate_existing=True)
        some, row.waiting = row.waiting[:SLICE], row.waiting[SLICE:]
        found = [fault for one in some for fault in (check_order(one) if isinstance(one, str) else check(one))]
        counted = dict(row.failed)
        for fault in found:
            counted[fault.lacks] = counted.get(fault.lacks, 0) + 1
        row.failed = counted
        row.faults = [*row.faults, *(list(fault) for fault in found)][:MOST_NAMED]
        if not row.waiting:
            facts = {"day": row.day, "total": row.total, "orders": row.orders, "failed": counted}
            stream.append("proof", "FourProperties", facts, by_id=0, at=now)
    return bool(row.waiting)


def _begin(day: date, now: datetime) -> None:
    today = parse_local(f"{day.isoformat()}T00:00")
    since, until = int((today - timedelta(days=1)).timestamp()), int(today.timestamp())
    current = holds("current")
    ids = [row[0] for row in read(OF_DAY.format(current), {"since": since, "until": until})]
    others = (str(row[0]) for row in read(OTHER.format(current), {"since": since}))
    ids += [int(one) for one in audit_rules.draw(day.isoformat(), others, OTHERS)]
    orders = order_soundness.of_day(since, until)
    orders += audit_rules.draw(day.isoformat(), order_soundness.others(since), OTHERS)
    values = {
        "day": day.isoformat(), "at": int(now.timestamp()), "total": len(ids) + len(orders), "orders": len(orders),
        "waiting": json.dumps([*ids, *orders]),
    }  # fmt: skip
    write(MADE, values)


def check_order(no: str) -> list[Fault]:
    """What the record of one order lacks."""
    return [Fault(no, *one) for one in order_soundness.lacks(no)]


def check(row_id: int) -> list[Fault]:
    """What one record lacks; nothing for one that was disposed of meanwhile."""
    row = db.session.get(Archived, row_id)
    if row is None or not row.current:
        return []
    lines = stream.read(f"case:{row.case_id}")
    until = closing(lines, row.cycle)
    case = rebuilt(lines[:until], row.case_id)
    kept = snapshots.opened(row.id)
    found = [("authentic", fault.what) for fault in faults(row, case, lines[:until])]
    if kept is not None:
        found += _of_document(row, kept, until)
    found += [("complete", name) for name in _needed(lines) if not getattr(case, name)]
    states = {one.sha256: contents.state(one.sha256) for one in files.of_case(row.case_id)}
    found += [("usable", f"file_{state}") for state in set(states.values()) - {"sound"}]
    found += [("safe", "file_kind") for one in files.of_case(row.case_id) if one.kind == "text/html"]
    return [Fault(row.no, lacks, why) for lacks, why in found]


def _needed(lines: list[stream.Line]) -> tuple[str, ...]:
    """What a record has to have; another system's archive need not have asked for the demand."""
    imported = bool(lines) and lines[0].kind == "TakenOver"
    return tuple(name for name in NEEDED if not (imported and name == "demand"))


def _of_document(row: Archived, kept: tuple[dict[str, Any], str], entries: int) -> list[tuple[str, str]]:
    """What the kept document lacks."""
    document, sha256 = kept
    if not document:
        return [("usable", "document")]
    found = [("authentic", "document")] if sha256 != snapshots.sealed(row) else []
    parts = ("case", "entries", "clocks", "files")
    lacking = [part for part in parts if part not in document] or len(document["entries"]) != entries
    return found + ([("complete", "document")] if lacking else [])


def checks(most: int = 31) -> list[SoundnessCheck]:
    """The last days' checks, newest first."""
    return list(db.session.scalars(db.select(SoundnessCheck).order_by(SoundnessCheck.day.desc()).limit(most)))
