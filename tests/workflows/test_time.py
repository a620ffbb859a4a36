"""WF2, WF3, SL4: what time brings to orders, and who hears of it; each once, late rather than never."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from portal.identity import queries as people
from portal.identity.unit_actions import dissolve
from portal.jobs.orders import look_at_orders
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Refused, Stale
from portal.notices.models import Notice
from portal.workflows import actions, course, queries, sheet_actions, versions
from portal.workflows.definition import to_data
from portal.workflows.flow_models import FlowVersion
from portal.workflows.shipped import shipped
from tests.builders import NINE, make_case
from tests.workflows.builders import crew, filled, first, found, led, raised


@pytest.fixture
def made(app, at, staff):
    """The crew of the departments."""
    with transaction():
        return crew()


def told(kind: str) -> list[str]:
    """Who was told of this, by login."""
    names = {p.id: p.login for p, _held in people.people()}
    return sorted(names[one] for one in db.session.scalars(select(Notice.person_id).where(Notice.kind == kind)))


def at_reserve(staff) -> str:
    """A verification whose resources are to be reserved."""
    with transaction():
        no = raised(staff["supervisor"], "verification").no
    led(staff["supervisor"], no, first, until="reserve")
    return no


def reserved(staff, until) -> str:
    no = at_reserve(staff)
    with transaction():
        order = queries.order_to_change(staff["supervisor"], no)
        n = course.rounds(order, "reserve")[-1].n
        sheet_actions.reserve(staff["supervisor"], NINE + timedelta(hours=9), order, n, what="2 芯", until=until)
    return no


def test_a_step_is_told_at_three_quarters_at_its_end_and_its_head_later(made, staff, engine):
    with transaction():
        no = raised(staff["supervisor"], "verification").no
    led(staff["supervisor"], no, first, until="accept")
    step = course.rounds(found(no), "accept")[-1]
    warn, due, head = step.warn_at, step.due_at, step.head_at
    assert look_at_orders(warn - timedelta(seconds=1)) == 0
    assert look_at_orders(warn) == 1
    assert told("order_warn") == ["o_dispatcher"]
    assert look_at_orders(warn) == 0
    look_at_orders(due)
    assert told("order_due") == ["o_dispatcher"]
    look_at_orders(head)
    assert told("order_head") == ["o_dispatcher", "o_head"]


def test_a_watch_that_was_dead_tells_each_person_once_and_late(made, staff):
    with transaction():
        no = raised(staff["supervisor"], "verification").no
    led(staff["supervisor"], no, first, until="accept")
    look_at_orders(NINE + timedelta(days=1, hours=4))
    look_at_orders(NINE + timedelta(days=1, hours=4))
    rows = db.session.scalars(select(Notice).where(Notice.kind.in_(("order_warn", "order_due", "order_head")))).all()
    about = [(r.kind, r.person_id) for r in rows if ":whole." not in r.key]
    assert len({person for _kind, person in about}) == len(about)
    assert all(r.late_seconds > 0 for r in rows)


def test_a_reservation_is_warned_of_a_working_day_before_and_expires(made, staff, engine):
    end = NINE + timedelta(days=6)  # a Monday; the working day before is Friday
    no = reserved(staff, end)
    look_at_orders(end - timedelta(days=3, seconds=1))
    assert told("order_reservation_warn") == []
    look_at_orders(end - timedelta(days=3))
    assert "o_netops" in told("order_reservation_warn")
    assert found(no).reservations[0].state == "held"
    look_at_orders(end)
    look_at_orders(end + timedelta(hours=1))
    assert found(no).reservations[0].state == "expired"
    assert len(told("order_reservation_expired")) == len(set(told("order_reservation_expired")))


def test_a_prolongation_before_the_last_instant_holds_and_at_it_is_refused(made, staff, engine):
    end = NINE + timedelta(days=6)
    no, boss = reserved(staff, end), staff["supervisor"]
    with transaction():
        order = queries.order_to_change(boss, no)
        later = end + timedelta(days=2)
        sheet_actions.prolong(boss, end - timedelta(seconds=1), order, 1, until=later, reason="合同待签")
    look_at_orders(end)
    assert found(no).reservations[0].state == "held"
    for look_first in (False, True):  # whether or not the worker was faster
        if look_first:
            look_at_orders(later)
        with transaction():
            order = queries.order_to_change(boss, no)
            with pytest.raises(Refused) as refused:
                sheet_actions.prolong(boss, later, order, 1, until=later + timedelta(days=1), reason="再延")
            assert refused.value.code == "reservation_expired"


def test_a_pause_ends_at_its_last_instant_even_when_the_watch_comes_late(made, staff):
    boss = staff["supervisor"]
    with transaction():
        order = raised(boss, "verification")
        no, due = order.no, order.due_at
        actions.pause(boss, NINE, order, words="已电话张经理，等客户确认", until=NINE + timedelta(hours=2))
    look_at_orders(NINE + timedelta(hours=1))
    assert found(no).state == "paused"
    look_at_orders(NINE + timedelta(days=1))
    order = found(no)
    assert (order.state, order.due_at) == ("running", due + timedelta(hours=17))  # two hours of the next morning
    assert order.pauses == [[int(NINE.timestamp()), int(NINE.timestamp()) + 7200]]


def test_a_pause_has_a_cap(made, staff):
    with transaction():
        order = raised(staff["supervisor"], "verification")
        with pytest.raises(Invalid) as refused:
            actions.pause(staff["supervisor"], NINE, order, words="等", until=NINE + timedelta(days=60))
    assert refused.value.code == "pause_too_long"


def test_a_unit_that_holds_a_step_is_not_dissolved_before_it_is_handed_over(made, staff, engine):
    boss = staff["supervisor"]
    with transaction():
        no = raised(boss, "provisioning", given={"action": "close"}).no
    led(boss, no, first, until="dismantle")
    with transaction():
        unit = people.unit_by_code("logistics")
        with pytest.raises(Refused) as refused:
            dissolve(staff["admin"], NINE, unit)
        assert refused.value.code == "unit_holds_work"
    with transaction():
        order = queries.order_to_change(boss, no)
        n = course.rounds(order, "dismantle")[-1].n
        actions.hand_over(boss, NINE, order, n, unit_id=people.unit_id("construction"), reason="部门撤并")
        dissolve(staff["admin"], NINE, people.unit_by_code("logistics"))
    assert queries.unit_ids()["logistics"] == people.unit_id("hq")  # what names it goes to its parent


def test_only_the_head_hands_a_step_to_others(made, staff):
    with transaction():
        no = raised(staff["supervisor"], "verification").no
    led(staff["supervisor"], no, first, until="accept")
    with transaction():
        order = queries.order_to_change(made["dispatcher"], no)
        n = course.rounds(order, "accept")[-1].n
        with pytest.raises(Forbidden):
            actions.hand_over(made["dispatcher"], NINE, order, n, unit_id=people.unit_id("tech"), reason="x")
        actions.assign(made["head"], NINE, order, n, person_id=made["netops"].id)
        assert order.step(n).person == made["netops"].name


def test_a_running_order_keeps_its_version_when_the_flow_changes(made, staff):
    boss = staff["supervisor"]
    with transaction():
        no = raised(boss, "verification").no
    data = to_data(shipped("verification"))
    data["steps"] = [s | {"next": ["sheets"]} if s["code"] == "request" else s for s in data["steps"]]
    data["steps"] = [s for s in data["steps"] if s["code"] != "accept"]
    with transaction() as session:
        session.add(
            FlowVersion(
                flow="verification", version=2, state="effective", effective_from=NINE, hands=[], data=data, note=""
            )
        )
        session.flush()
    versions.forget()
    led(boss, no, first, until="accept")
    assert course.standing(found(no), "accept") == "open"
    with transaction():
        fresh = actions.raise_order(boss, NINE, actions.Wish(
            "verification", "新单", "海天", people.unit_id("enterprise"), given=filled(shipped("verification").fields)
        ))  # fmt: skip
        fresh_no = fresh.no
    led(boss, fresh_no, first, until="sheets")
    assert course.standing(found(fresh_no), "sheets") == "open"
    assert (found(fresh_no).flow_version, found(no).flow_version) == (2, 1)


def test_a_step_completed_twice_at_once_is_done_once(made, staff, engine, app):
    boss = staff["supervisor"]
    with transaction():
        no = raised(boss, "verification").no
    gate, outcomes = Barrier(2), []

    def complete() -> None:
        with app.app_context():
            gate.wait()
            try:
                with transaction():
                    order = queries.order_to_change(boss, no)
                    actions.complete(boss, NINE + timedelta(hours=1), order, 1, given={"facts_complete": "1"})
                outcomes.append("done")
            except Stale:
                outcomes.append("stale")
            finally:
                db.session.remove()

    threads = [Thread(target=complete) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "stale"]
    assert [s.code for s in found(no).steps] == ["request", "accept"]


def test_what_waits_on_an_order_reaches_the_notices_page(made, staff, signed_in):
    with transaction():
        no = raised(staff["supervisor"], "verification").no
    led(staff["supervisor"], no, first, until="accept")
    page = signed_in(made["dispatcher"]).get("/notices").text
    assert f'href="/orders/{no}"' in page


def test_the_customers_field_offers_files_and_a_number_leads_to_one(made, staff, signed_in):
    with transaction():
        make_case(staff["agent"], customer_name="海天公司")
    client = signed_in(staff["supervisor"])
    offered = client.get("/orders/new/customers?customer=海天").text
    assert "海天公司 · KH0" in offered
