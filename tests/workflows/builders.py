"""Builders of orders: each goes through the actions that staff use; flows are walked as whoever may do everything."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from sqlalchemy import select

from portal.attachments.taking import take
from portal.identity import actions as identity
from portal.identity import queries as people
from portal.identity.actor import SYSTEM, Actor
from portal.kernel.db import db, transaction
from portal.workflows import actions, queries, rules, sheet_actions
from portal.workflows import seed as flows
from portal.workflows.definition import Definition, Evidence
from portal.workflows.models import WorkOrder
from portal.workflows.shipped import shipped
from tests.builders import NINE, make_person

UNITS = ("netops", "construction", "purchasing", "logistics", "enterprise", "upper")
BEFORE = datetime(2025, 1, 1, tzinfo=UTC)
Choose = Callable[[str, list[str]], str]


def departments() -> None:
    """The departments that the shipped flows name. Call inside transaction()."""
    known = queries.unit_ids()
    for code in UNITS:
        if code not in known:
            identity.add_unit(SYSTEM, code, f"{code}部", name_en=code, parent_id=known["hq"])


def crew() -> dict[str, Actor]:
    """A handler for each department of the flows, by its code, and a dispatcher. Call inside transaction()."""
    departments()
    found = {code: make_person(role="handler", unit=code, name=f"{code}一", login=f"o_{code}") for code in UNITS}
    found["dispatcher"] = make_person(role="dispatcher", unit="netops", name="调度", login="o_dispatcher")
    found["head"] = make_person(role="head", unit="netops", name="网运主任", login="o_head")
    flows.take_up(BEFORE, NINE)  # everything that the flows name is there now
    return found


def filled(wanted: Iterable[Evidence], **values: Any) -> dict[str, Any]:
    """Something for everything that is asked for."""
    plain = {"number": "100", "date": "2026-12-01", "check": "1", "text": "已核实"}
    found = {}
    for one in wanted:
        found[one.code] = values.get(one.code) or (one.choices[0].code if one.kind == "choice" else plain.get(one.kind))
    return found


def raised(actor: Actor, flow: str, now: datetime = NINE, *, key: str = "", **changes: Any) -> WorkOrder:
    """An order of a shipped flow, raised by the enterprise department. Call inside transaction()."""
    given = filled(shipped(flow).fields, **changes.pop("given", {}))
    unit = people.unit_id("enterprise")
    facts = {"title": "海天公司 100M 专线", "customer_name": "海天公司", "raising_unit_id": unit} | changes
    return actions.raise_order(actor, now, actions.Wish(flow=flow, given=given, **facts), key=key)


def prepare(actor: Actor, now: datetime, order: WorkOrder, n: int, definition: Definition) -> None:
    """Documents and reservations that a step needs."""
    step = order.step(n)
    assert step is not None
    for one in definition.step(step.code).evidence:
        if one.kind == "document" and one.required and step.kind != "sheet":
            paper = take(BytesIO(b"%PDF-1.4 paper"), "报告.pdf")
            sheet_actions.add_document(actor, now, order, n, one.code, paper)
        if one.kind == "reservation" and one.required:
            sheet_actions.reserve(actor, now, order, n, what="1 芯光纤", until=now + timedelta(days=20))


def do_next(actor: Actor, now: datetime, order: WorkOrder, choose: Choose) -> str:
    """Does the first thing that is open, and says which step it was. Call inside transaction()."""
    definition = queries.way_of(order).definition
    ready = [s for s in order.steps if s.state == "open"]
    step = next((s for s in ready if s.kind == "sheet"), ready[0])
    defined = definition.step(step.code)
    if step.kind == "sheet":
        sheet_actions.answer(actor, now, order, step.n, words="资源具备", outside_no="EXT-1")
        return step.code
    prepare(actor, now, order, step.n, definition)
    given = filled(defined.evidence)
    if step.kind == "decision":
        outcome = choose(step.code, [o.code for o in defined.outcomes])
        actions.decide(actor, now, order, step.n, outcome=outcome, given=given)
    elif step.kind == "sheets" and not rules.sheets_of(order, step.n):
        units = [queries.unit_ids()[code] for code in defined.units[:2]]
        sheet_actions.send(actor, now, order, step.n, to=[sheet_actions.Addressee(u) for u in units], words="请核查")
    else:
        if step.outside:
            actions.name_party(actor, now, order, step.n, party="外省公司", contact="张工 021-1", outside_no="W-9")
        actions.complete(actor, now, order, step.n, given=given)
    return step.code


def led(actor: Actor, no: str, choose: Choose, *, now: datetime = NINE, until: str = "", most: int = 80) -> list[str]:
    """Leads an order on, an hour a step, up to its end or until a step is open; the steps done. Opens transactions."""
    done: list[str] = []
    for _ in range(most):
        now += timedelta(hours=1)
        with transaction():
            order = queries.order_to_change(actor, no)
            if order.state == "ended" or any(s.code == until and s.state == "open" for s in order.steps):
                return done
            done.append(do_next(actor, now, order, choose))
    raise AssertionError(f"{no} does not end: {done}")


def first(code: str, outcomes: list[str]) -> str:
    """Takes the first way out of everything."""
    return outcomes[0]


def found(no: str) -> WorkOrder:
    """The order as it is stored."""
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(WorkOrder).where(WorkOrder.no == no)).one()
