"""Sheets to several units, resources reserved, documents: what people do beside a step's completion."""

from collections.abc import Iterable
from datetime import datetime

from portal.attachments.taking import Taken
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel.errors import Invalid
from portal.kernel.instants import epoch
from portal.workflows import events as e
from portal.workflows import queries, reservation_rules, rules, sheet_rules, telling
from portal.workflows.models import WorkOrder
from portal.workflows.record import record
from portal.workflows.rights import allow_step
from portal.workflows.sheet_rules import Addressee

MOST_FILES = 50  # of one order [H]


def send(actor: Actor, now: datetime, order: WorkOrder, n: int, *, to: Iterable[Addressee], words: str) -> None:
    """Sends a numbered sheet to each of these units and parties, all or none; the units hear of theirs (WF2)."""
    allow(actor, "order.view", order)
    allow_step(actor, "order.work", order, n)
    way, there = queries.way_of(order), list(to)
    if not there:
        raise Invalid("unit_missing", field="units")
    for one in there:
        record(order, sheet_rules.send(order, n, way, now, one, words), by=actor, at=now)
        sheet = order.steps[-1]
        if not one.party:
            who = [person for person in telling.workers(one.unit_id) if person != actor.id]
            telling.say(who, "order_begun", order, now, key=f"{sheet.n}", due=epoch(sheet.due_at))


def answer(actor: Actor, now: datetime, order: WorkOrder, n: int, *, words: str, outside_no: str = "") -> None:
    """Feeds back on a sheet; when it was the last one, the collector hears that all are there."""
    allow(actor, "order.view", order)
    sheet = allow_step(actor, "order.work", order, n)
    event = sheet_rules.answer(order, n, queries.way_of(order), now, words=words, outside_no=outside_no)
    record(order, event, by=actor, at=now)
    parent = order.step(sheet.parent)
    if parent is not None and all(s.state != "open" for s in rules.sheets_of(order, parent.n)):
        who = [person for person in telling.holders_of(parent) if person != actor.id]
        telling.say(who, "order_answered", order, now, due=epoch(parent.due_at))


def ask_again(actor: Actor, now: datetime, order: WorkOrder, n: int, *, reason: str) -> None:
    """Sends an incomplete answer back to the unit that gave it, as the sheet's next round."""
    allow(actor, "order.view", order)
    sheet = order.step(n)
    allow_step(actor, "order.return", order, sheet.parent if sheet else n)
    for event in sheet_rules.ask_again(order, n, queries.way_of(order), now, reason):
        record(order, event, by=actor, at=now)
    again = order.steps[-1]
    who = [] if again.party else telling.workers(again.unit_id)
    telling.say(who, "order_returned", order, now, key=f"{again.n}", due=epoch(again.due_at))


def withdraw(actor: Actor, now: datetime, order: WorkOrder, n: int, *, reason: str) -> None:
    """Takes a sheet back that was sent in error; whoever has it hears of it, with the reason."""
    allow(actor, "order.view", order)
    sheet = order.step(n)
    allow_step(actor, "order.work", order, sheet.parent if sheet else n)
    event = sheet_rules.withdraw(order, n, reason)
    record(order, event, by=actor, at=now)
    who = [] if sheet is None or sheet.party else telling.holders_of(sheet)
    telling.say(set(who) - {actor.id}, "order_sheet_withdrawn", order, now, key=f"{n}", said=event.reason)


def reserve(actor: Actor, now: datetime, order: WorkOrder, n: int, *, what: str, until: datetime) -> None:
    """Reserves resources for the customer until an instant (WF2)."""
    allow(actor, "order.view", order)
    allow_step(actor, "order.work", order, n)
    record(
        order, reservation_rules.reserve(order, n, queries.way_of(order), now, what=what, until=until), by=actor, at=now
    )


def _allow_kept(actor: Actor, order: WorkOrder, r: int) -> None:
    """Whoever works in the unit that reserved may prolong and release."""
    row = next((one for one in order.reservations if one.r == r), None)
    allow_step(actor, "order.work", order, row.n if row else 0)


def prolong(actor: Actor, now: datetime, order: WorkOrder, r: int, *, until: datetime, reason: str) -> None:
    """Keeps a reservation longer, with the reason."""
    allow(actor, "order.view", order)
    _allow_kept(actor, order, r)
    event = reservation_rules.prolong(order, r, queries.way_of(order), now, until=until, reason=reason)
    record(order, event, by=actor, at=now)


def release(actor: Actor, now: datetime, order: WorkOrder, r: int, *, reason: str) -> None:
    """Lets reserved resources go, with the reason."""
    allow(actor, "order.view", order)
    _allow_kept(actor, order, r)
    record(order, reservation_rules.release(order, r, now, reason), by=actor, at=now)


def add_document(actor: Actor, now: datetime, order: WorkOrder, n: int, code: str, file: Taken) -> None:
    """A file becomes the order's, for one of the documents its step asks for; the same content once."""
    allow(actor, "order.view", order)
    step = allow_step(actor, "order.work", order, n)
    rules.open_step(order, n)
    wanted = {one.code for one in queries.way_of(order).definition.step(step.code).evidence if one.kind == "document"}
    if code not in wanted and code != "other":
        raise Invalid("no_such_document", field=code)
    if any(one.n == n and one.code == code and one.sha256 == file.sha256 for one in order.files):
        return
    if len(order.files) >= MOST_FILES:
        raise Invalid("files_too_many", field=code, most=MOST_FILES, name=file.name)
    record(order, e.DocumentAdded(n, code, file.name, file.size, file.kind, file.sha256), by=actor, at=now)
