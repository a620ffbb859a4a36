"""WF3: the board of running orders, live, with whose time was used; which step waits and took longest."""

from datetime import timedelta

from portal.kernel.db import read, transaction
from portal.kernel.instants import epoch
from portal.workflows import actions, board, bottlenecks, queries, used
from tests.builders import NINE
from tests.workflows import builders


def at_sheets(staff) -> list[str]:
    """A provisioning order at its material, and a verification whose sheets are out. Opens transactions."""
    with transaction():
        builders.crew()
        one, two = (
            builders.raised(staff["supervisor"], "provisioning"),
            builders.raised(staff["supervisor"], "verification"),
        )
        numbers = one.no, two.no
    builders.led(staff["supervisor"], numbers[0], builders.first, until="material")
    for _ in range(6):
        with transaction():
            order = queries.order_to_change(staff["supervisor"], numbers[1])
            if any(s.kind == "sheet" for s in order.steps):
                break
            builders.do_next(staff["supervisor"], NINE + timedelta(hours=1), order, builders.first)
    return numbers


def orders_of(flow: str, now: int) -> list[board.Line]:
    return board.page(board.Asked(flow, None), now)[0]


def test_the_time_used_on_the_board_is_that_of_the_order_s_page(app, engine, at, staff):
    provisioning, verification = at_sheets(staff)
    now = NINE + timedelta(days=1, hours=3)
    with transaction():
        order = queries.order_to_change(staff["supervisor"], provisioning)
        step = next(s for s in order.steps if s.state == "open")
        unit = queries.unit_ids()["construction"]
        actions.hand_over(
            staff["supervisor"], NINE + timedelta(hours=5), order, step.n, unit_id=unit, reason="人手不足"
        )
        actions.pause(staff["supervisor"], NINE + timedelta(hours=6), order, words="客户改期")
    for flow, no in (("provisioning", provisioning), ("verification", verification)):
        order = builders.found(no)
        expected = used.by_unit(order, queries.way_of(order).calendars, epoch(now))
        assert len(expected) > 1
        assert [line.spent for line in orders_of(flow, epoch(now))] == [expected]


def test_the_board_shows_flows_and_moves_when_an_order_does(app, engine, at, staff, signed_in):
    provisioning, verification = at_sheets(staff)
    browser = signed_in(staff["supervisor"])
    page = browser.get("/orders/board?flow=provisioning").get_data(as_text=True)
    assert provisioning in page
    assert verification not in page
    first = browser.get("/orders/board/changes?flow=provisioning", headers={"HX-Request": "true", "HX-PTag": "first"})
    assert 'class="used"' in first.get_data(as_text=True)  # whose time was used comes with the first check
    assert 'class="used"' in browser.get("/orders/board?flow=provisioning&times=1").get_data(as_text=True)
    assert 'class="used"' not in page
    asking = {"HX-Request": "true", "HX-PTag": first.headers["HX-PTag"]}
    assert browser.get("/orders/board/changes?flow=provisioning", headers=asking).status_code == 204
    with transaction():
        order = queries.order_to_change(staff["supervisor"], provisioning)
        actions.cancel(staff["supervisor"], NINE + timedelta(hours=9), order, reason="客户取消")
    answer = browser.get("/orders/board/changes?flow=provisioning", headers=asking)
    assert answer.status_code == 200
    assert provisioning not in answer.get_data(as_text=True)
    assert verification in browser.get("/orders/board").get_data(as_text=True)
    assert signed_in(staff["business"]).get("/orders/board?flow=verification").status_code == 200
    assert signed_in(staff["admin"]).get("/orders/board").status_code == 403


def test_bottlenecks_count_what_waits_and_what_took_long(app, engine, at, staff, signed_in):
    at_sheets(staff)
    found = {(row.flow, row.code): row for row in bottlenecks.found(staff["supervisor"], NINE + timedelta(hours=8))}
    accepted = found["provisioning", "accept"]
    assert (accepted.waiting, accepted.done, accepted.median, accepted.p90) == (0, 1, 3600, 3600)
    waits = found["provisioning", "material"]
    assert waits.waiting == 1
    assert waits.waits_median == waits.waits_longest
    assert bottlenecks.rank([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9) == 9
    assert bottlenecks.rank([1, 2, 3], 0.5) == 2
    assert "/orders/board" in signed_in(staff["supervisor"]).get("/orders/board/bottlenecks").get_data(as_text=True)
    assert read("SELECT COUNT(*) FROM work_order", {})[0][0] == 2
