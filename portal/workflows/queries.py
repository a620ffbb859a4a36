"""Reading orders: one by its number, what a unit has to do, how an order stands in its flow."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, select

from portal.clocks import book as books
from portal.clocks.calendar import Calendar
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.identity.unit_actions import DISSOLVED
from portal.journal import stream
from portal.journal.stream import Line
from portal.kernel.db import db, read, write
from portal.kernel.errors import Missing
from portal.kernel.i18n import local
from portal.workflows import versions
from portal.workflows.definition import Definition
from portal.workflows.limits import Way
from portal.workflows.models import OrderFile, WorkOrder

SERIES = "WO"  # what numbers of orders begin with
# built once: half of what such a question costs is building it
BY_NO = select(WorkOrder).where(WorkOrder.no == bindparam("no"))
TO_CHANGE = BY_NO.with_for_update().execution_options(populate_existing=True)


def next_number(now: datetime) -> str:
    """The next order number of the month, `WO2611-0473`: short enough to be read out."""
    series = f"{SERIES}{local(now):%y%m}"
    counted = (
        "INSERT INTO counter(series, last) VALUES(:s, 1)"
        " ON CONFLICT(series) DO UPDATE SET last = counter.last + 1 RETURNING last"
    )
    return f"{series}-{write(counted, {'s': series})[0][0]:04d}"


def order_by_no(actor: Actor, no: str) -> WorkOrder:
    """The order with this number, if the actor may see it and what it says was not erased. Raises Missing."""
    return _seen(actor, no, db.session.scalar(BY_NO, {"no": no.strip().upper()}))


def order_to_change(actor: Actor, no: str) -> WorkOrder:
    """The order, locked for this transaction, with its parts as they are now. Raises Missing as `order_by_no`."""
    db.session.expire_all()
    return _seen(actor, no, db.session.scalar(TO_CHANGE, {"no": no.strip().upper()}))


def _seen(actor: Actor, no: str, found: WorkOrder | None) -> WorkOrder:
    if found is None or not may(actor, "order.view", found):
        raise Missing("no_such_order", no=no)
    if found.disposed:
        raise Missing("order_disposed", no=found.no, batch=found.disposed)
    return found


def locked(order_id: int) -> WorkOrder:
    """The order with this id, locked for this transaction."""
    db.session.expire_all()
    return db.session.get_one(WorkOrder, order_id, with_for_update=True, populate_existing=True)


def order_by_id(order_id: int) -> WorkOrder:
    """The order with this id. Raises an error where there is none."""
    return db.session.get_one(WorkOrder, order_id)


def unit_ids() -> dict[str, int]:
    """The id of every unit by its code; of one that was dissolved, its nearest parent's that was not."""
    rows = read("SELECT id, code, parent_id, kind FROM unit ORDER BY position, id", {})
    above = {row[0]: row[2] for row in rows if row[3] == DISSOLVED}

    def living(unit_id: int) -> int:
        return living(above[unit_id]) if unit_id in above else unit_id

    return {str(row[1]): living(row[0]) for row in rows}


def open_steps_of(unit_id: int) -> int:
    """Open steps and sheets that a unit holds."""
    held = read("SELECT COUNT(*) FROM order_step WHERE state = 'open' AND unit_id = :unit", {"unit": unit_id})
    return int(held[0][0])


def calendars_now(definition: Definition, now: datetime) -> dict[str, Calendar]:
    """The calendars that a flow names, in the versions in force. Raises Missing."""
    known = books.in_force(now).calendars
    found = {}
    for code in {definition.calendar, *(s.limit.calendar for s in definition.steps if s.limit.calendar)}:
        if code not in known:
            raise Missing("no_such_calendar", calendar=code)
        found[code] = known[code]
    return found


def way_of(order: WorkOrder) -> Way:
    """What the order runs on: the version of the flow and the calendars it began with."""
    calendars = {code: books.calendar(code, version) for code, version in order.calendars.items()}
    return Way(versions.definition(order.flow, order.flow_version), calendars, unit_ids())


def history(order: WorkOrder) -> list[Line]:
    """What happened to an order, newest first."""
    return stream.read(order.stream, newest_first=True)


def file_of(order: WorkOrder, file_id: int) -> OrderFile:
    """One document of the order. Raises Missing."""
    found = next((file for file in order.files if file.id == file_id), None)
    if found is None:
        raise Missing("not_found")
    return found


def used(digests: Iterable[str]) -> set[str]:
    """Which of these contents a document still names."""
    return set(db.session.scalars(select(OrderFile.sha256).where(OrderFile.sha256.in_(list(digests)))))
