"""Wording in a real browser: approved by a second person, put into a text by key at intake and on a case."""

import pytest

from portal.identity import queries
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.knowledge import actions
from portal.knowledge.models import KnowledgeUse
from tests.browser.conftest import Window

pytestmark = pytest.mark.browser
TEXT = "{客户}，实在抱歉，{部门}正在处理工单{工单号}。"


ANSWER = "请先把光猫断电一分钟再开机，检查光纤接头是否插紧。"
ARTICLE = {
    "request_type": "fault", "category": "product", "owner_id": 1, "review_on": "2030-01-01", "off": False,
    "zh": {"title": "光猫 LOS 灯亮红", "question": "光猫亮红灯不能上网", "answer": ANSWER, "keywords": "光猫，LOS"},
    "en": {"title": "", "question": "", "answer": "", "keywords": ""},
}  # fmt: skip


@pytest.mark.slow
def test_wording_is_approved_by_a_second_person_and_said_by_key(served, window):
    draft_it(window("quality"))
    approve_it(window("supervisor"))
    agent = window("agent")
    shelve_an_article()
    no = take_down(agent)
    say_it(agent, no)
    db.session.rollback()
    assert {use.deed for use in db.session.query(KnowledgeUse)} == {"log", "contact"}


def draft_it(w: Window) -> None:
    """A wrong place is refused at its field, the preview follows the typing, then the draft is handed in."""
    page = w.page
    w.go("/knowledge/wording")
    w.shot("1-list")
    page.click("#step-apology tbody a")
    page.click("a[href$='/apology/edit']")
    page.wait_for_url("**/apology/edit", wait_until="load")
    page.fill("#text_zh", "{客户}，抱歉{没有}")
    page.locator("#preview .late-text").wait_for()
    with page.expect_navigation(wait_until="load"):
        page.locator("#text-form button[data-submit]").click()
    page.locator("#text_zh-error").wait_for()
    w.shot("2-refused")
    page.fill("#text_zh", TEXT)
    page.get_by_text("王芳，实在抱歉，技术支持组正在处理工单CS2611-0473。").wait_for()
    w.shot("3-preview")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/wording/apology")
    page.locator("#do-hand_in button").click()
    page.locator(".flash, .banner-ok").first.wait_for()
    w.shot("4-handed-in")


def approve_it(w: Window) -> None:
    w.go("/knowledge/wording/apology")
    assert w.page.locator("#changes del").count() >= 1
    w.shot("5-review")
    w.page.locator("#do-approve button").click()
    w.page.locator("#versions tr:has(a[href*='version=2'])", has_text="施行中").wait_for()
    w.shot("6-approved")


def shelve_an_article() -> None:
    people = {name: queries.actor_by_login(name) for name in ("quality", "supervisor")}
    now = clock.now()
    with transaction():
        code = actions.write_new(people["quality"], now, "article", ARTICLE).code
        actions.hand_in(people["quality"], now, "article", code)
        actions.approve(people["supervisor"], now, "article", code)


def take_down(w: Window) -> str:
    """The text comes in at the caret; what was typed before and after it stays."""
    page = w.page
    w.go("/intake/new")
    page.fill("#contact", "13800130013")
    page.fill("#customer_name", "王芳")
    page.fill("#description", "移机后光猫 LOS 灯常亮红色，手机和电脑都不能上网。")
    page.evaluate("document.getElementById('description').setSelectionRange(3, 3)")
    page.locator("#articles", has_text=ANSWER).wait_for()
    assert page.evaluate("[document.activeElement.id, document.activeElement.selectionStart]") == ["description", 3]
    page.keyboard.press("Alt+1")
    text = page.input_value("#description")
    assert text.startswith("移机后您好，")
    assert text.endswith("光猫 LOS 灯常亮红色，手机和电脑都不能上网。")
    assert page.evaluate("document.activeElement.id") == "description"
    page.keyboard.press("Control+z")
    assert page.input_value("#description").startswith("移机后光猫")
    page.evaluate("""document.getElementById('description').dispatchEvent(
        new KeyboardEvent('keydown', {key: '1', code: 'Digit1', altKey: true, isComposing: true, bubbles: true}))""")
    assert page.input_value("#description").startswith("移机后光猫")
    w.shot("7-intake")
    page.fill("#happened", "今天 08:30 起")
    page.fill("#demand", "今天上门修好")
    page.locator("#intake button[data-submit]").click()
    page.wait_for_url("**/cases/**")
    return page.locator(".no").first.inner_text()


def say_it(w: Window, no: str) -> None:
    page = w.page
    w.go(f"/cases/{no}")
    page.keyboard.press("u")
    form = page.locator("#deed-contact")
    form.wait_for()
    w.shot("8-form")
    words = form.locator("textarea")
    words.fill("已接通。")
    button = form.locator("[data-wording='apology:2']")
    key = button.get_attribute("data-key").split()[1]
    page.keyboard.press(f"Alt+{key}")
    assert words.input_value() == f"已接通。王芳，实在抱歉，客户服务部正在处理工单{no}。"
    form.locator("[data-wording^='delay:']").click()
    assert words.input_value().endswith("我不会挂断。")
    w.shot("9-said")
    page.keyboard.press("Control+Enter")
    page.locator("#case-said .banner-ok").wait_for()
