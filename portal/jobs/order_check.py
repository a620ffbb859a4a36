"""Lives every order through again from its journal and compares it with its rows: replay is the row (WF5)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from portal.archive import order_records
from portal.jobs.selfcheck import NOT_REPLAYED, Difference, Found
from portal.journal import stream
from portal.journal.stream import Line
from portal.kernel import files as contents
from portal.kernel.db import db
from portal.kernel.instants import epoch
from portal.workflows.apply import apply
from portal.workflows.events import from_facts
from portal.workflows.models import OrderFile, WorkOrder

LOOKS_BACK = timedelta(days=90)
LEFT_OUT = frozenset(("id", "order_id", "version", "next_at", "told_step"))  # what delivery writes beside the journal
PARTS = ("steps", "reservations", "files")


def check_some(now: datetime, after: int, most: int) -> tuple[Found, int | None]:
    """The next orders behind an id, running or ended within 90 days; the last id looked at, None at the end."""
    batch = _read(now, after, most)
    journals = stream.read_many([order.stream for order in batch])
    found = Found(cases=len(batch))
    for order in batch:
        lines = journals.get(order.stream, [])
        if not all(line.facts for line in lines):
            found.erased += 1
        elif list(_differences(order, lines)):
            found.differences += _second_look(now, order.id)
    last = batch[-1].id if len(batch) == most else None
    db.session.rollback()  # holds no snapshot longer than a batch
    return found, last


def _read(now: datetime, after: int, most: int) -> list[WorkOrder]:
    recent = (WorkOrder.state != "ended") | (WorkOrder.ended_at >= now - LOOKS_BACK)
    wanted = select(WorkOrder).where(WorkOrder.id > after, recent).order_by(WorkOrder.id).limit(most)
    whole = [selectinload(getattr(WorkOrder, part)) for part in PARTS]
    return list(db.session.scalars(wanted.options(*whole)))


def _second_look(now: datetime, order_id: int) -> list[Difference]:
    """Reads the order once more: somebody may have written between the readings of the first look."""
    db.session.rollback()
    again = _read(now, order_id - 1, 1)
    if not again or again[0].id != order_id:
        return []
    return list(_differences(again[0], stream.read(again[0].stream)))


def _differences(order: WorkOrder, lines: Sequence[Line]) -> Iterator[Difference]:
    """Everything that the rows keep otherwise than the journal gives it."""
    lived = WorkOrder(id=order.id)
    try:
        for line in lines:
            apply(lived, from_facts(line.kind, line.facts), line.at, line.by_id)
    except NOT_REPLAYED as error:
        yield Difference(order.no, "order", "journal", "", f"{type(error).__name__}: {error}"[:120])
        return
    if order.version != len(lines):
        yield Difference(order.no, "order", "version", order.version, len(lines))
    yield from _kept_apart(order)
    yield from _fields(order.no, "order", order, lived)
    for part in PARTS:
        kept, counted = getattr(order, part), getattr(lived, part)
        if len(kept) != len(counted):
            yield Difference(order.no, part, "count", len(kept), len(counted))
            continue
        for mine, theirs in zip(kept, counted, strict=True):
            yield from _fields(order.no, part, mine, theirs)


def _kept_apart(order: WorkOrder) -> Iterator[Difference]:
    """What is wrong with the record of an order that has ended, and with the contents of documents."""
    wrong = order_records.fault(order) if order.state == "ended" else ""
    if wrong:
        yield Difference(order.no, "order", "record", wrong, "as sealed")
    for file in order.files:
        wrong = _content(file)
        if wrong:
            yield Difference(order.no, "file", "content", wrong, file.name)


def _content(file: OrderFile) -> str:
    """What is wrong with the content of a document, by its size: reading all of them would take the night."""
    place = contents.place(file.sha256)
    if not place.is_file():
        return "missing"
    return "" if place.stat().st_size == file.size else "changed"


def _fields(no: str, kind: str, mine: Any, theirs: Any) -> Iterator[Difference]:
    for column in mine.__table__.columns:
        if column.key in LEFT_OUT:
            continue
        kept, counted = _plain(getattr(mine, column.key)), _plain(getattr(theirs, column.key))
        if kept != counted:
            yield Difference(no, kind, column.key, str(kept)[:120], str(counted)[:120])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return epoch(value)
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value or None
