"""F-80, F-82 in a real browser: the session ends in mid-word; somebody else sits down at the same computer."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portal.identity import actions
from portal.identity import session as sessions
from portal.identity.models import SessionRow
from portal.intake.models import Draft
from portal.kernel import clock
from portal.kernel.db import db, transaction
from tests import builders
from tests.browser.conftest import Window, cookie_of

pytestmark = pytest.mark.browser
TEXT = "机房断电后交换机起不来，二楼三楼的电话和网络全断，客户催了两次。"


def end_sessions() -> None:
    """Every session ends, as after an hour without input."""
    with transaction():
        for row in db.session.scalars(select(SessionRow)):
            actions.end_session(row.id, row.person_id, clock.now())
    sessions.forget_all()


def kept() -> list[str]:
    db.session.rollback()
    return [draft.fields.get("description", "") for draft in db.session.scalars(select(Draft))]


def forgive(w: Window, status: str) -> None:
    """What the browser logged of the refusals this test is about."""
    w.complaints[:] = [line for line in w.complaints if f"status of {status}" not in line]


@pytest.mark.slow
def test_the_session_ends_while_somebody_types(served, window):
    w = window("agent")
    page = w.page
    w.go("/intake/new")
    page.locator("#description").press_sequentially(TEXT[:10], delay=120)  # no pause: saved all the same
    expect(page.locator("#draft-status")).to_contain_text("草稿已保存", timeout=2000)
    assert kept()[0].startswith(TEXT[:3])
    end_sessions()
    page.locator("#description").press_sequentially(TEXT[10:])
    dialog = page.locator("#relogin")
    dialog.wait_for()
    assert page.locator("#description").is_hidden()
    w.shot("1-ended")
    page.fill("#relogin-password", builders.PASSWORD)
    dialog.locator("button[type=submit]").click()
    dialog.wait_for(state="hidden")
    assert page.input_value("#description") == TEXT
    page.fill("#contact", "13800130013")
    page.fill("#happened", "今天 08:30 起")
    page.fill("#demand", "今天上门修好")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/cases/CS"), timeout=15_000)
    assert kept() == []
    forgive(w, "401")
    forgive(w, "400")  # a draft that was on its way while the session was renewed is refused, and sent again


@pytest.mark.slow
def test_the_next_person_at_the_same_computer_sees_nothing_of_it(served, window):
    w = window("agent")
    first = w.page
    w.go("/intake/new")
    first.fill("#description", TEXT)
    expect(first.locator("#draft-status")).to_contain_text("草稿已保存")
    first.fill("#demand", "第一个人没有存下的话")
    cookie = cookie_of(served[0], "supervisor")
    first.context.add_cookies([{"name": "portal", "value": cookie, "url": served[1]}])
    second = first.context.new_page()
    second.goto(served[1] + "/intake/new")
    expect(first).to_have_url(re.compile(r"/desk"), timeout=15_000)  # the page of the person before has gone away
    assert second.input_value("#description") == ""
    assert TEXT not in second.content()
    second.wait_for_timeout(1500)
    assert kept() == [TEXT]
    assert second.input_value("#demand") == ""
    forgive(w, "400")


@pytest.mark.slow
def test_a_draft_that_cannot_be_saved_says_so_in_red_and_is_saved_when_it_can(served, window):
    """F-81: no tick without the store's word, and what was typed is there after a reload."""
    w = window("agent")
    page, status = w.page, w.page.locator("#draft-status")
    w.go("/intake/new")
    page.locator("#description").fill(TEXT[:8])
    expect(status).to_contain_text("草稿已保存", timeout=3000)
    page.route("**/intake/draft", lambda route: route.fulfill(status=503, body="no"))
    page.locator("#description").fill(TEXT)
    expect(status).to_have_class(re.compile("draft-bad"), timeout=3000)
    expect(status).to_contain_text("草稿未保存")
    expect(status).not_to_contain_text("已保存")
    assert kept() == [TEXT[:8]]
    w.shot("1-not-saved")
    page.unroute("**/intake/draft")
    expect(status).to_contain_text("草稿已保存", timeout=12_000)
    assert kept() == [TEXT]
    page.reload()
    assert page.input_value("#description") == TEXT
    forgive(w, "503")
