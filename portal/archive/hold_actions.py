"""Legal holds: placing them on a case, customer, incident, stretch of time or search result, and lifting them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import select

from portal.archive import keeping_rules as rules
from portal.archive import order_search
from portal.archive.forms import Asked
from portal.archive.holds import STREAM
from portal.archive.keeping_models import Hold
from portal.archive.models import Archived
from portal.archive.queries import every
from portal.archive.stores import MANY
from portal.cases.queries import case_by_no
from portal.directory.queries import root
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.incidents.models import Incident
from portal.journal import stream
from portal.kernel.db import db, write_many
from portal.kernel.errors import Invalid
from portal.kernel.i18n import parse_local
from portal.workflows.models import WorkOrder

ITEM = "INSERT INTO hold_item(hold_id, case_id) VALUES(:hold, :case) ON CONFLICT DO NOTHING"
ITEM_ORDER = "INSERT INTO hold_order(hold_id, order_id) VALUES(:hold, :order) ON CONFLICT DO NOTHING"
MOST = 50_000  # cases, and orders, that one search may hold


def place(actor: Actor, now: datetime, *, scope: str, target: str, until: str = "", reason: str) -> Hold:
    """Holds a case, order, customer, incident (by number), or what was archived between two days. Raises Invalid."""
    allow(actor, "hold.place")
    if scope not in rules.SCOPES or scope == "search":
        raise Invalid("choose_scope", field="scope")
    facts = MEANT[scope](actor, target, until)
    return _placed(actor, now, scope, facts, reason)


def place_on_search(actor: Actor, now: datetime, asked: Asked, *, reason: str) -> Hold:
    """Holds what a search finds now, cases and ended orders one by one; what is archived later is not in it."""
    allow(actor, "hold.place")
    search = asked.search(actor)
    if asked.empty:
        raise Invalid("hold_nothing", field="target")
    found = [hit.row.id for hit in islice(every(search), MOST + 1)]
    orders = list(islice(order_search.every(None, asked), MOST + 1))
    if not (found or orders) or max(len(found), len(orders)) > MOST:
        raise Invalid("hold_too_much" if found or orders else "hold_nothing", field="target", most=MOST)
    hold = _placed(actor, now, "search", {"what": asked.noted()[:200]}, reason)
    for start in range(0, len(found), MANY):
        wanted = select(Archived.case_id).where(Archived.id.in_(found[start : start + MANY]), Archived.current)
        write_many(ITEM, [{"hold": hold.id, "case": case_id} for case_id in db.session.scalars(wanted)])
    write_many(ITEM_ORDER, [{"hold": hold.id, "order": order_id} for order_id in orders])
    return hold


def lift(actor: Actor, now: datetime, hold_id: int, *, words: str) -> None:
    """Ends a hold; somebody else than who placed it does. Raises Refused."""
    allow(actor, "hold.place")
    hold = db.session.get_one(Hold, hold_id, with_for_update=True, populate_existing=True)
    rules.release(hold, actor.id)
    said = rules.reason_of(words, "words")
    hold.released_by, hold.released_at, hold.words = actor.id, now, said
    stream.append(STREAM, "HoldLifted", {"hold": hold.id, "words": said}, by_id=actor.id, at=now)


def _placed(actor: Actor, now: datetime, scope: str, facts: dict[str, Any], reason: str) -> Hold:
    hold = Hold(scope=scope, reason=rules.reason_of(reason), placed_by=actor.id, placed_at=now, **facts)
    db.session.add(hold)
    db.session.flush()
    told = {"hold": hold.id, "scope": scope, "what": hold.what, "reason": hold.reason}
    stream.append(STREAM, "HoldPlaced", told, by_id=actor.id, at=now)
    return hold


def _case(actor: Actor, target: str, _until: str) -> dict[str, Any]:
    case = case_by_no(actor, target)
    return {"ref": case.id, "what": case.no}


def _order(_actor: Actor, target: str, _until: str) -> dict[str, Any]:
    order = db.session.scalar(select(WorkOrder).where(WorkOrder.no == target.strip().upper(), WorkOrder.disposed == ""))
    if order is None:
        raise Invalid("no_such_order", field="target", no=target.strip()[:20])
    return {"ref": order.id, "what": order.no}


def _customer(_actor: Actor, target: str, _until: str) -> dict[str, Any]:
    code = target.strip().upper().removeprefix("KH")
    if not (code.isascii() and code.isdigit() and len(code) < 12):
        raise Invalid("no_such_file", field="target")
    file = root(int(code))
    return {"ref": file.id, "what": f"KH{file.id:06d}"}


def _incident(_actor: Actor, target: str, _until: str) -> dict[str, Any]:
    incident = db.session.scalar(select(Incident).where(Incident.no == target.strip().upper()))
    if incident is None:
        raise Invalid("no_such_incident", field="target", no=target.strip()[:20])
    return {"ref": incident.id, "what": incident.no}


def _range(_actor: Actor, target: str, until: str) -> dict[str, Any]:
    try:
        first, last = parse_local(f"{target.strip()}T00:00"), parse_local(f"{until.strip()}T00:00")
    except ValueError as error:
        raise Invalid("day_unreadable", field="target", day=target[:20]) from error
    if last < first:
        raise Invalid("range_backwards", field="until")
    ends = last + timedelta(days=1)
    span = {"from_at": int(first.timestamp()), "to_at": int(ends.timestamp())}
    return span | {"what": f"{target.strip()} – {until.strip()}"}


MEANT: dict[str, Callable[[Actor, str, str], dict[str, Any]]] = {
    "case": _case, "order": _order, "customer": _customer, "incident": _incident, "range": _range,
}  # fmt: skip
