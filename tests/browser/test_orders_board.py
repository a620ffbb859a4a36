"""The board keeps itself up to date and its ledger; a sheet is printed from the order's page."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from portal.identity import queries as people
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.workflows import actions, queries
from tests.browser.conftest import BOTH
from tests.workflows import builders

pytestmark = pytest.mark.browser


@pytest.mark.slow
@pytest.mark.parametrize("locale", BOTH)
def test_the_board_moves_and_a_sheet_is_printed(served, window, locale):
    now = datetime.fromtimestamp(clock.millis() // 1000, UTC)
    with transaction():
        builders.make_person(role="handler", unit="business", login="b_business")
        builders.crew()
        boss = people.actor_of(people.person_by_login("supervisor"))
        begun = now - timedelta(days=14)  # with working hours in between, whatever the time of the day
        numbers = [builders.raised(boss, "provisioning", begun, title=title).no for title in ("一号专线", "二号专线")]
    builders.led(boss, numbers[0], builders.first, now=begun, until="material")
    there = window("supervisor", locale=locale)
    there.go("/orders/board?flow=provisioning")
    there.page.wait_for_selector("svg.used")  # the first check brings the time used
    assert there.page.locator("#board tr[data-row]").count() == 2
    there.shot("board")
    with transaction():
        actions.cancel(boss, now, queries.order_to_change(boss, numbers[1]), reason="客户取消")
    expect(there.page.locator("#board tr[data-row]")).to_have_count(1)
    there.page.click("#board a.row-title")
    sheet = there.page.locator(f"a[href*='/sheets/{numbers[0]}-']").first
    answer = there.page.request.get(there.base + sheet.get_attribute("href"))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.body().startswith(b"%PDF")
    for path in ("/orders/ledger?flow=provisioning", "/orders/board/bottlenecks", "/orders/timeliness"):
        there.go(path)
        assert there.fits()
    phone = window("supervisor", locale=locale, width=360, height=740)
    for path in ("/orders/board", "/orders/ledger", "/orders/timeliness", "/orders/board/bottlenecks"):
        phone.go(path)
        assert phone.fits(), path
