"""A technician with nothing but a phone: accepts, acknowledges, calls, takes a photo, writes the result."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from portal.identity import queries as people
from portal.jobs.watch import look
from portal.kernel import clock
from portal.kernel.db import transaction
from tests.browser.test_attachments import picture
from tests.browser.test_main_path import do
from tests.builders import judged_case

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_case_is_worked_on_at_360_pixels(window, crew):
    now = clock.now()
    with transaction():
        agent, supervisor = people.actor_by_login("agent"), people.actor_by_login("supervisor")
        no = judged_case(
            agent, supervisor, level="P1", unit="tech", now=now - timedelta(minutes=16), contact="13800130013"
        ).no
    w = window("handler", width=360, height=740)
    page = w.page
    w.go(f"/cases/{no}")
    page.locator("#case-top form[action$='/do/claim'] button").first.click()
    page.locator("#case-said .banner-ok").wait_for()
    look(clock.now())
    w.go("/notices")
    waits = page.locator("form[action$='/acknowledge'] button")
    waits.first.click()
    expect(waits).to_have_count(0)
    assert w.fits()
    w.go(f"/cases/{no}")
    expect(page.locator("main a[href='tel:13800130013']").first).to_be_visible()
    page.locator("#case-top details.menu summary").click()
    page.locator("a[href$='/do/attach']").first.click()
    page.set_input_files("#deed-attach input[capture]", {
        "name": "现场.png", "mimeType": "image/png", "buffer": picture(60)})  # fmt: skip
    page.locator("#deed-attach #files-waiting li").wait_for()
    page.locator("#deed-attach button[data-submit]").click()
    page.locator("#files img").wait_for()
    words = "更换光猫电源适配器，指示灯恢复正常，测速达到签约值"
    do(w, "result", text=words, cause_category="equipment", cause="电源老化")
    w.shot("result")
    assert w.fits()
