"""The case page on a phone: what a tap opens is seen; after sending, what was done and what comes next is."""

import pytest
from playwright.sync_api import expect

from portal.cases import actions as cases
from portal.cases import queries
from portal.collaboration import actions as together
from portal.identity import queries as people
from portal.kernel import clock
from portal.kernel.db import transaction
from tests.builders import judged_case

pytestmark = pytest.mark.browser


@pytest.mark.slow
def test_a_form_comes_into_view_and_the_next_step_after_it(served, window):
    handler, now = people.actor_by_login("handler"), clock.now()
    with transaction():
        case = judged_case(
            people.actor_by_login("agent"), people.actor_by_login("supervisor"), unit="tech", channel="email", now=now
        )
        together.claim(handler, now, case)
    w = window("handler", width=390, height=844)
    page = w.page
    w.go(f"/cases/{case.no}")
    call = page.locator(".page-head .call")
    expect(call).to_have_attribute("href", "tel:13800130013")
    box = call.bounding_box()
    assert box
    assert box["height"] >= 40
    menu = page.locator(".page-head details.menu")
    menu.locator("summary").click()
    for item in menu.locator(".menu-box > a").all():
        box = item.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    menu.get_by_text("添加附件").click()
    expect(page.locator("#deed form h2")).to_have_text("添加附件")
    expect(menu.locator(".menu-box")).to_be_hidden()
    page.locator(".end [data-key=u], .next [data-key=u]").first.click()
    form = page.locator("#deed form")
    expect(form.locator("input:not([type=hidden]), select, textarea").first).to_be_focused()
    expect(form.locator("h2")).to_be_in_viewport()
    expect(form.locator(".call")).to_be_visible()
    page.locator(".next [data-key=r]").click()
    expect(form.locator("h2")).to_have_text("填写结果")
    form.locator("[name$=text]").fill("更换光猫并重做接头，连续测速正常")
    form.locator("select").first.select_option(index=1)
    form.locator("[name$=cause]").fill("光猫老化")
    form.locator("button[type=submit]").click()
    expect(page.locator("#said")).to_be_in_viewport()
    expect(page.locator(".next")).to_be_in_viewport()
    expect(page.locator("#case-keys")).to_contain_text("告知客户")
    w.shot("1-done")
    page.click("#clocks-met summary")
    with transaction():
        cases.note(handler, clock.now(), queries.case_to_change(handler, case.no), text="本人的备注")
    expect(page.locator("#case-rest")).to_contain_text("本人的备注")
    expect(page.locator("#said")).to_be_visible()
    expect(page.locator("#clocks-met li").first).to_be_visible()  # what was opened stays open when the page moves on
    with transaction():
        agent = people.actor_by_login("agent")
        cases.note(agent, clock.now(), queries.case_to_change(agent, case.no), text="别人又写了一句")
    expect(page.locator("#case-rest")).to_contain_text("别人又写了一句")
    expect(page.locator("#said")).to_have_count(0)
