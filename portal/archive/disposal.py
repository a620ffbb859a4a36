"""The one place where a record is disposed of: asked again at the last moment, erased, and said in its own journal.

One case or order is one transaction, so that a hold placed in the middle of a batch keeps whatever is not gone yet.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.archive import erasing, facets, order_erasing, withdrawing
from portal.archive import keeping_rules as rules
from portal.archive.disposals import Item, items
from portal.archive.holds import STREAM, held, held_order
from portal.archive.indexes import ORDERS
from portal.archive.keeping_models import Disposal, DisposalItem
from portal.archive.models import Archived, OrderRecord
from portal.archive.rules import quarter_of
from portal.cases.guard_events import Disposed
from portal.cases.models import Case
from portal.cases.record import record
from portal.identity.actor import SYSTEM
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.workflows import disposal_events as of_orders
from portal.workflows import queries as orders
from portal.workflows.models import WorkOrder
from portal.workflows.record import record as record_order

SLICE = 20  # records a tick


def dispose(batch: Disposal, item: Item, now: datetime) -> str:
    """Erases one record if it still may go; says what became of it: gone, held or kept. Call inside transaction()."""
    subject = _locked(item)
    why = _against(batch, subject, item, now)
    if why:
        item.state = "held" if why.startswith("hold") else "kept"
        refused = {"batch": batch.code, "no": item.no, "why": why}
        stream.append(STREAM, "DisposalRefused", refused, by_id=0, at=now)
        return item.state
    item.state = "disposing"
    db.session.flush()
    erased = erasing.bodies(subject.stream)
    if isinstance(subject, Case):
        record(subject, Disposed(batch.code, erased.entries, erased.digest), by=SYSTEM, at=now)
        erasing.everything_else(subject)
    else:
        record_order(subject, of_orders.Disposed(batch.code, erased.entries, erased.digest), by=SYSTEM, at=now)
        order_erasing.everything_else(subject)
    item.entries, item.digest, item.state = erased.entries, erased.digest, "gone"
    facts = {"batch": batch.code, "no": item.no, "entries": erased.entries, "digest": erased.digest}
    stream.append(STREAM, "Disposed", facts, by_id=0, at=now)
    return item.state


def _locked(item: Item) -> Case | WorkOrder:
    """The case or order of a line, as it is now."""
    if isinstance(item, DisposalItem):
        return db.session.get_one(Case, item.case_id, with_for_update=True, populate_existing=True)
    return orders.locked(item.order_id)


def _against(batch: Disposal, subject: Case | WorkOrder, item: Item, now: datetime) -> str:
    """Why a record must not go: empty when nothing speaks against it."""
    if batch.state != "approved" or batch.decided_by in (None, batch.proposed_by):
        return "not_approved"
    hold = held(subject.id) if isinstance(subject, Case) else held_order(subject.id)
    if hold:
        return f"hold {hold}"
    row: Archived | OrderRecord | None
    if isinstance(subject, Case):
        row = db.session.scalar(select(Archived).where(Archived.case_id == subject.id, Archived.current))
        closed = not subject.open
    else:
        row, closed = db.session.get(OrderRecord, subject.id), subject.state == "ended"
    if not closed or row is None or row.archived_at != item.archived_at or item.due_at > now:
        return "archived_anew"
    return ""


def step(now: datetime) -> int:
    """Goes on with the oldest approved batch, some records at a time; returns how many were looked at."""
    batch = db.session.scalar(select(Disposal).where(Disposal.state == "approved").order_by(Disposal.id).limit(1))
    if batch is None:
        return 0
    waiting: list[tuple[Any, tuple[int, int]]] = [
        (type(item), item.key) for item in items(batch.id) if item.state == "waiting"
    ][:SLICE]
    for kind, key in waiting:
        with transaction() as session:
            kept = session.get_one(Disposal, batch.id, populate_existing=True)
            item: Item = session.get_one(kind, key, with_for_update=True, populate_existing=True)
            if item.state == "waiting":
                dispose(kept, item, now)
        for path in session.info.pop("gone", ()):  # the rows are gone for good: now their contents may go
            path.unlink(missing_ok=True)
    if not waiting:
        _finish(batch.id, now)
    return len(waiting)


def _finish(batch_id: int, now: datetime) -> None:
    """The batch is done: its manifest goes under the seals, and the store forgets the bytes."""
    with transaction() as session:
        batch = session.get_one(Disposal, batch_id, with_for_update=True, populate_existing=True)
        if batch.state != "approved":
            return
        found = items(batch_id)
        batch.state, batch.done_at, batch.manifest = "done", now, rules.manifest(found)
        gone = {item.no for item in found if item.state == "gone"}
        batch.packages = withdrawing.withdraw(gone, batch.code, now)
        facts = {
            "batch": batch.code, "gone": len(gone), "kept": len(found) - len(gone), "manifest": batch.manifest,
            "packages": batch.packages,
        }  # fmt: skip
        stream.append(STREAM, "DisposalDone", facts, by_id=0, at=now)
    facets.forget()
    erasing.scrub(quarter_of(one.archived_at) if isinstance(one, DisposalItem) else ORDERS for one in found)
