"""The record of an order: one document written with its end, sealed by its checksum, opened from it ever after (WF3).

It holds the order, its steps and numbered sheets with their clocks, what was reserved, the documents with their
checksums and every entry of its journal. Its SHA-256 is an entry of the journal `record:NUMBER`.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import exists, select

from portal.archive import order_index
from portal.archive.models import OrderRecord
from portal.archive.rules import retained_until
from portal.directory.rules import digits
from portal.identity.actor import Actor
from portal.journal import stream
from portal.journal.stream import Line, canonical
from portal.kernel import tokens
from portal.kernel.db import db, transaction
from portal.kernel.errors import Missing
from portal.kernel.instants import epoch
from portal.workflows import queries, versions
from portal.workflows.apply import apply
from portal.workflows.definition import Definition
from portal.workflows.events import from_facts
from portal.workflows.ledger import OUTSIDE_NUMBERS
from portal.workflows.models import WorkOrder

FORMAT = 1
LEFT_OUT = frozenset(("id", "order_id", "version", "next_at", "told_step"))  # what only delivery needs
PARTS = ("steps", "reservations", "files")
HEAD = ("no", "title", "customer", "sheets", "phone")  # the first lines of the text
SLICE = 200  # orders a transaction, where records are made afterwards
SAID = (
    "words",
    "reason",
    "note",
    "answer",
    "what",
    "name",
    "party",
    "contact",
    "raised_by",
    "person",
    "outside_no",
    "class_reason",
)


class Opened(NamedTuple):
    """A record as it is read: the order as its entries make it; `sound`: the document is the one that was sealed."""

    row: OrderRecord
    order: WorkOrder
    entries: list[Line]
    sound: bool
    sha256: str
    document: bytes


def keep(order: WorkOrder, at: datetime) -> None:
    """Follows the end of an order: writes its record and seals the checksum. Call inside transaction()."""
    lines = stream.read(order.stream)
    body = canonical(document(order, lines))
    sha256, ended = hashlib.sha256(body).hexdigest(), order.ended_at or at
    text = searched(order, lines)
    db.session.add(
        OrderRecord(order_id=order.id, no=order.no, archived_at=ended, retain_until=retained_until(ended),
                    sha256=sha256, body=zlib.compress(body, 6), text=text)
    )  # fmt: skip
    order_index.add([(order.id, text)])
    stream.append(f"record:{order.no}", "Filed", {"sha256": sha256, "entries": len(lines)}, by_id=0, at=at)


def document(order: WorkOrder, lines: list[Line]) -> dict[str, Any]:
    """The whole record as plain JSON; instants as epoch seconds."""
    return {
        "format": FORMAT, "order": _columns(order),
        **{part: [_columns(one) for one in getattr(order, part)] for part in PARTS},
        "entries": [[line.n, epoch(line.at), line.by_id, line.kind, line.facts] for line in lines],
    }  # fmt: skip


def _columns(row: Any) -> dict[str, Any]:
    names = [column.key for column in row.__table__.columns if column.key not in LEFT_OUT]
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    return epoch(value) if isinstance(value, datetime) else value


def searched(order: WorkOrder, lines: Iterable[Line]) -> str:
    """What an order is found by: numbers, customer and contacts first, then all that was asked, said and decided."""
    definition = versions.definition(order.flow, order.flow_version)
    outside = [order.facts.get(name) for name in (*OUTSIDE_NUMBERS, "old_no")]
    for step in order.steps:
        outside += [step.sheet, step.outside_no, *(step.facts.get(name) for name in OUTSIDE_NUMBERS)]
    contacts = (digits(step.contact) for step in order.steps)
    head = [order.no, order.title, order.customer_name, _joined(outside), _joined(contacts)]
    rest = [definition.name.zh, definition.name.en, *_facts(definition, order.facts)]
    for step in order.steps:
        rest += _facts(definition, step.facts)
    for line in lines:
        rest += [str(line.facts.get(name) or "") for name in SAID]
    once = dict.fromkeys(tokens.line(field) for field in rest)
    return tokens.fold("\n".join([tokens.line(field) for field in head] + [field for field in once if field]))


def _joined(values: Iterable[Any]) -> str:
    return " ".join(dict.fromkeys(str(value) for value in values if value))


def _facts(definition: Definition, facts: dict[str, Any]) -> Iterator[str]:
    """Typed facts as text; what was chosen by its names in both languages."""
    asked = {one.code: one for step in definition.steps for one in step.evidence} | {
        one.code: one for one in definition.fields
    }
    for code, value in facts.items():
        choices = asked[code].choices if code in asked else ()
        names = [word for one in choices if one.code == value for word in (one.name.zh, one.name.en)]
        yield from names or ([str(value)] if isinstance(value, (str, int, float)) and value is not True else [])


def sealed(no: str) -> str:
    """The checksum that was sealed for an order's record; empty where none was."""
    return next((str(line.facts["sha256"]) for line in stream.read(f"record:{no}")), "")


def read_of(row: OrderRecord) -> tuple[dict[str, Any], bytes, str]:
    """The document, its bytes and their checksum as they are now; all empty when it cannot be read."""
    try:
        body = zlib.decompress(row.body)
        return json.loads(body), body, hashlib.sha256(body).hexdigest()
    except (zlib.error, ValueError):
        return {}, b"", ""


def fault(order: WorkOrder) -> str:
    """What is wrong with the record of an ended order: missing, altered, or nothing."""
    row = db.session.get(OrderRecord, order.id)
    if row is None:
        return "missing"
    return "" if read_of(row)[2] == row.sha256 == sealed(row.no) else "altered"


def has(order: WorkOrder) -> bool:
    """Whether the order has ended and has a record."""
    return db.session.get(OrderRecord, order.id) is not None


def opened(actor: Actor, no: str) -> Opened:
    """A record as its document says it. Raises Missing, alike for unknown, forbidden and unreadable ones."""
    present = queries.order_by_no(actor, no)
    row = db.session.get(OrderRecord, present.id)
    kept, body, sha256 = read_of(row) if row else ({}, b"", "")
    if row is None or not kept:
        raise Missing("no_such_order", no=no)
    entries = [Line(0, n, _at(at), None, by, kind, facts) for n, at, by, kind, facts in kept["entries"]]
    lived = WorkOrder(id=present.id)
    for line in entries:
        apply(lived, from_facts(line.kind, line.facts), line.at, line.by_id)
    return Opened(row, lived, entries, sha256 == row.sha256 == sealed(row.no), sha256, body)


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds).astimezone()


def bring_up(now: datetime) -> int:
    """Files orders that ended before there were records of them; returns how many. Opens its own transactions."""
    lacking = ~exists().where(OrderRecord.order_id == WorkOrder.id)
    query = (
        select(WorkOrder)
        .where(WorkOrder.state == "ended", WorkOrder.disposed == "", lacking)
        .order_by(WorkOrder.id)
        .limit(SLICE)
    )
    count, after = 0, 0
    while True:
        with transaction() as session:
            orders = list(session.scalars(query.where(WorkOrder.id > after)))
            for order in orders:
                keep(order, now)
        if not orders:
            return count
        count, after = count + len(orders), orders[-1].id
