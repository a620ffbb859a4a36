"""QA2: orders on time, by hand: a dozen and more orders with what each counts as, and the cycle of three."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from portal.kernel.db import transaction, write
from portal.reports import quarterly
from portal.workflows import actions, queries, timeliness
from portal.workflows.timeliness import Period
from tests.builders import NINE
from tests.workflows import builders


def s(text: str) -> int:
    """Epoch seconds of a local instant."""
    return int(datetime.fromisoformat(f"{text}+08:00").timestamp())


QUARTER = Period(s("2026-10-01T00:00"), s("2027-01-01T00:00"), s("2026-12-01T12:00"))
# flow, due, ended, paused since, result -> what it counts as in the quarter: True on time, False late, None not
ORDERS: list[tuple[str, str, str, str, str, bool | None]] = [
    ("verification", "2026-11-25T17:00:00", "2026-11-25T17:00:00", "", "completed", True),  # at the due second
    ("verification", "2026-11-25T17:00:00", "2026-11-25T17:00:01", "", "completed", False),  # a second after
    ("verification", "2026-11-26T17:00:00", "", "", "", False),  # open, overdue: late at its due instant
    ("verification", "2026-12-05T17:00:00", "", "", "", None),  # open, not due yet
    ("verification", "2026-11-25T17:00:00", "2026-11-24T10:00:00", "", "declined", True),  # an answer, in time
    ("provisioning", "2026-11-25T17:00:00", "2026-11-24T10:00:00", "", "cancelled", None),  # not wanted any more
    ("provisioning", "2026-11-25T17:00:00", "2026-11-26T10:00:00", "", "cancelled", False),  # was late before
    ("provisioning", "2026-11-25T17:00:00", "", "2026-11-24T10:00:00", "", None),  # waits for its customer
    ("provisioning", "2026-11-25T17:00:00", "", "2026-11-25T18:00:00", "", False),  # waits, but was late before
    ("provisioning", "2026-09-30T17:00:00", "2026-10-02T10:00:00", "", "completed", None),  # late in the third quarter
    ("provisioning", "2026-10-05T17:00:00", "2026-09-29T10:00:00", "", "completed", None),  # on time in the third
    ("fault", "2026-11-30T17:00:00", "2026-12-02T10:00:00", "", "completed", False),  # open when counting stopped
    ("fault", "2026-12-02T17:00:00", "2026-12-02T10:00:00", "", "completed", None),  # its end is not known yet
    ("presales", "2026-11-25T17:00:00", "2026-11-25T10:00:00", "", "completed", None),  # none of the three
]
EXPECTED = {"verification": (2, 2), "provisioning": (0, 2), "fault": (0, 1)}
CYCLES = (("10:00", "[]"), ("11:00", "[]"), ("12:00", f"[[{s('2026-11-24T09:30')}, {s('2026-11-24T10:00')}]]"))


def placed(staff: Any, flow: str, due: str, ended: str, paused: str, result: str, **more: Any) -> str:
    """An order whose instants are put where the table wants them. Call inside transaction()."""
    no = builders.raised(staff["supervisor"], flow).no
    values = {"no": no, "due": s(due), "ended": s(ended) if ended else None, "paused": s(paused) if paused else None}
    state = "ended" if ended else "paused" if paused else "running"
    write(
        "UPDATE work_order SET due_at = :due, ended_at = :ended, paused_at = :paused, result = :result, state = :state"
        " WHERE no = :no",
        values | {"result": result, "state": state},
    )
    write("DELETE FROM order_step WHERE order_id = (SELECT id FROM work_order WHERE no = :no)", {"no": no})
    return no


@pytest.mark.parametrize("row", ORDERS, ids=range(len(ORDERS)))
def test_each_order_by_itself(row):
    flow, due, ended, paused, result, expected = row
    done = s(ended) if ended and s(ended) <= QUARTER.until else None
    stands = min(QUARTER.until, s(paused)) if paused else QUARTER.until
    found = timeliness.judged(s(due), done, stands, counts=result != "cancelled")
    within = found is not None and QUARTER.start <= found[1] < QUARTER.end
    assert (found[0] if found and within and flow in timeliness.KINDS else None) == expected


def test_the_table_as_a_whole_and_the_cycle(app, engine, at, staff):
    with transaction():
        builders.crew()
        for row in ORDERS:
            placed(staff, *row[:-1])
    found = {one.key: (one.met, one.missed) for one in timeliness.shares(timeliness.orders(QUARTER), "flow")}
    assert found == EXPECTED
    with transaction():
        for until, pauses in CYCLES:
            no = placed(staff, "provisioning", "2026-12-15T18:00", f"2026-11-24T{until}", "", "completed")
            write("UPDATE work_order SET pauses = :p WHERE no = :no", {"p": pauses, "no": no})
    november = Period(s("2026-11-01T00:00"), QUARTER.end, QUARTER.as_of)
    took = timeliness.cycle(november)  # one, two, and two and a half hours
    assert (took.orders, took.median, took.p90) == (3, 7200, 9000)
    assert {one.key: one.met for one in timeliness.shares(timeliness.orders(QUARTER), "flow")}["provisioning"] == 3


def test_a_step_late_because_another_held_the_work_does_not_blame_the_receiver(app, engine, at, staff, signed_in):
    boss = staff["supervisor"]
    with transaction():
        builders.crew()
        no, other = builders.raised(boss, "provisioning").no, builders.raised(boss, "provisioning").no
    units = queries.unit_ids()
    later = NINE + timedelta(days=5)  # the request was due long before: the enterprise department is late
    with transaction():
        order = queries.order_to_change(boss, no)
        builders.do_next(boss, later, order, builders.first)
    with transaction():  # accepted within the hour
        builders.do_next(boss, later + timedelta(hours=1), queries.order_to_change(boss, no), builders.first)
    with transaction():
        builders.do_next(boss, NINE, queries.order_to_change(boss, other), builders.first)
    with transaction():  # held by the network department beyond its due instant, then given away: late for it alone
        order = queries.order_to_change(boss, other)
        n = next(step.n for step in order.steps if step.state == "open")
        actions.hand_over(boss, later, order, n, unit_id=units["construction"], reason="人手不足")
    with transaction():
        builders.do_next(boss, later + timedelta(hours=1), queries.order_to_change(boss, other), builders.first)
    period = Period(QUARTER.start, QUARTER.end, int((later + timedelta(hours=2)).timestamp()))
    found = {one.key: (one.met, one.missed) for one in timeliness.shares(timeliness.steps(period), "unit_id")}
    assert found == {units["enterprise"]: (1, 1), units["netops"]: (1, 1), units["construction"]: (1, 0)}
    at(days=5, hours=2)
    page = signed_in(staff["analyst"]).get("/orders/timeliness").get_data(as_text=True)
    assert "/orders/timeliness/behind?of=steps" in page
    behind = signed_in(staff["analyst"]).get(f"/orders/timeliness/behind?of=steps&met=0&unit={units['netops']}")
    assert other in behind.get_data(as_text=True)
    assert no not in behind.get_data(as_text=True)
    address = f"/orders/timeliness/behind?of=steps&unit={units['netops']}"
    readers = {"supervisor": ("", 200), "head": ("其他部门的工单", 404), "analyst": ("您的角色不可打开", 403)}
    for role, (why, answer) in readers.items():
        reader = signed_in(staff[role])
        page = reader.get(address).text
        assert (other in page, f'href="/orders/{other}"' in page, why in page) == (True, answer == 200, True)
        assert reader.get(f"/orders/{other}").status_code == answer
    assert signed_in(staff["agent"]).get("/orders/timeliness").status_code == 403


def test_section_three_of_the_quarterly_report_holds_the_figures(app, at, staff, signed_in):
    browser = signed_in(staff["analyst"])
    empty = browser.get("/reports/quarterly/2026Q4").get_data(as_text=True)
    with transaction():
        builders.crew()
        placed(staff, *ORDERS[0][:-1])
        placed(staff, *ORDERS[1][:-1])
    now = at(days=7)
    tables = quarterly.document("2026Q4", now).tables
    assert [values for _label, values in tables["flows"].rows] == [[2, 1, 1, "50.0 %"]]
    assert tables["cycle"].rows == []
    page = signed_in(staff["analyst"]).get("/reports/quarterly/2026Q4").get_data(as_text=True)
    assert "50.0 %" in page
    assert "50.0 %" not in empty
