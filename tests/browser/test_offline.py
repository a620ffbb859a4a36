"""The line goes and comes back while somebody works: the page says so, keeps what is typed, and goes on by itself."""

import time

import pytest
from playwright.sync_api import expect

from portal.cases import actions as cases
from portal.cases import queries
from portal.collaboration import actions as together
from portal.identity import queries as people
from portal.intake.models import Draft
from portal.kernel import clock
from portal.kernel.db import db, transaction
from tests.builders import judged_case

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TYPED = "调取机房告警，已派二线携带光猫上门，"


def test_typing_survives_a_line_that_is_gone_and_back(window, crew):
    agent, handler = people.actor_by_login("agent"), people.actor_by_login("handler")
    with transaction():
        case = judged_case(agent, people.actor_by_login("supervisor"), level="P2", unit="tech", now=clock.now())
        together.claim(handler, clock.now(), case)
        no = case.no
    w = window("handler")
    page, line = w.page, w.page.context
    w.go(f"/cases/{no}")
    page.locator("a[href$='/do/contact']").first.click()
    words = page.locator("[name='contact-words']")
    words.fill(TYPED)
    expect(page.locator("#draft-status")).to_contain_text("草稿已保存")
    gone = time.monotonic()
    line.set_offline(True)
    page.locator("#stale-banner").wait_for()
    assert time.monotonic() - gone <= 7
    words.press_sequentially("约今日十六时")
    expect(page.locator("#draft-status")).to_contain_text("草稿未保存", timeout=12_000)
    page.locator("#deed-contact button[data-submit]").click()
    expect(page.locator("#notice")).not_to_be_empty()  # it says that nothing was sent
    assert words.input_value() == TYPED + "约今日十六时"
    w.shot("gone")
    with transaction():
        cases.note(agent, clock.now(), queries.case_to_change(agent, no), text="客户又来电，等上门")
    line.set_offline(False)
    page.locator("#stale-banner").wait_for(state="hidden", timeout=5_000)
    expect(page.locator("main")).to_contain_text("客户又来电，等上门", timeout=6_000)
    assert words.input_value() == TYPED + "约今日十六时"
    expect(page.locator("#draft-status")).to_contain_text("草稿已保存", timeout=12_000)
    db.session.rollback()
    assert [one.fields["contact-words"] for one in db.session.query(Draft)] == [[TYPED + "约今日十六时"]]
    page.locator("#deed-contact button[data-submit]").click()
    page.locator("#deed form").wait_for(state="detached")
    assert page.locator("main").get_by_text(TYPED + "约今日十六时").count() == 1
    w.complaints.clear()  # the browser logs the requests that went nowhere
