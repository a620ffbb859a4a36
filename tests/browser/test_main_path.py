"""The main path in a real browser, in both languages, from the first word to the quarter."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import TimeoutError

from portal.kernel import clock
from portal.kernel.i18n import local
from tests.browser.conftest import BOTH, Window

pytestmark = pytest.mark.browser
SAID = "移机后光猫 LOS 灯常亮红色，手机和电脑都不能上网，重启两次无效"
WORDS = {
    "zh-CN": {
        "closed": "已结案",
        "tech": "技术支持组",
        "log": "登记受理",
        "missing": "客户诉求",
        "told": "待确认",
        "live": "剩|临期|超时",
    },
    "en-US": {
        "closed": "Closed",
        "tech": "Technical support",
        "log": "Log a request",
        "missing": "demand",
        "told": "To be confirmed",
        "live": "Left|Soon|Late",
    },
}


def do(w: Window, deed: str, **fields: str) -> None:
    """Opens a deed's form on the case page, fills it in and sends it."""
    page = w.page
    link = page.locator(f"a[href$='/do/{deed}']").first
    for _ in range(3):  # the menu closes when the page hears of the deed before
        if not link.is_visible():
            page.locator("#case-top details.menu summary").click()
        try:
            link.click(timeout=4_000)
            break
        except TimeoutError:
            continue
    form = page.locator(f"#deed-{deed}")
    form.wait_for()
    for name, value in fields.items():
        field = form.locator(f"[name='{deed}-{name}']")
        if field.first.get_attribute("type") == "radio":
            form.locator(f"[name='{deed}-{name}'][value='{value}']").check()
        elif field.first.evaluate("e => e.tagName") == "SELECT":
            field.select_option(label=value) if name == "unit" else field.select_option(value)
        else:
            field.fill(value)
    w.shot(f"form-{deed}")
    form.locator("button[data-submit]").click()
    page.locator("#case-said .banner-ok").wait_for()
    page.locator("#deed form").wait_for(state="detached")


@pytest.mark.parametrize("locale", BOTH)
def test_a_request_goes_from_the_first_word_to_the_quarter(window, locale):
    words = WORDS[locale]
    agent = window("agent", locale, form=True)
    no = log_a_request(agent, words)
    judge_it(window("supervisor", locale), no, words)
    handler = window("handler", locale)
    answer_it(handler, no, words)
    close_it(agent, no, words)
    find_it(agent, no)
    number = command_an_incident(window("commander", locale), no)
    assert number.startswith("INC-")
    read_the_quarter(window("analyst", locale))


def log_a_request(w: Window, words: dict[str, str]) -> str:
    page = w.page
    page.keyboard.press("n")
    page.wait_for_url("**/intake/new")
    assert words["log"] in page.locator("h1").inner_text()
    page.fill("#contact", "13800130013")
    page.fill("#customer_name", "王芳")
    page.fill("#description", "不好用")
    page.fill("#happened", "今天 08:30 起")
    page.locator("#intake button[data-submit]").click()
    page.locator(".field-error").first.wait_for()
    w.shot("1-refused")
    assert page.input_value("#description") == "不好用"
    assert words["missing"] in page.locator("#error-summary").inner_text()
    page.fill("#description", SAID)
    page.fill("#demand", "今天上门修好并减免当日费用")
    page.locator("#four li.met >> nth=3").wait_for()
    page.locator("#intake button[data-submit]").dblclick()
    page.wait_for_url("**/cases/**")
    w.shot("2-logged")
    no = page.locator(".no").first.inner_text()
    assert re.fullmatch(r"CS\d{4}-\d{4}", no)
    w.go("/queues/service")
    assert page.locator("[data-row]").count() == 1
    return no


def judge_it(w: Window, no: str, words: dict[str, str]) -> None:
    page = w.page
    w.go("/queues/judging")
    page.get_by_text(no).first.wait_for()
    w.shot("3-judging")
    w.go(f"/cases/{no}")
    do(
        w,
        "judge",
        impact="part",
        urgency="high",
        level="P2",
        unit=words["tech"],
        reason="宽带完全中断，影响客户全部上网",
    )
    assert "P2" in page.locator("h1").inner_text()
    page.locator(".clock a").first.click()
    page.locator("#why-title").wait_for()
    w.shot("4-judged-why")


def answer_it(w: Window, no: str, words: dict[str, str]) -> None:
    page = w.page
    w.go("/queues/tech")
    row = page.locator("[data-row]", has_text=no)
    row.wait_for()
    timer = row.locator("sla-timer")
    assert re.search(words["live"], timer.inner_text())
    before = timer.inner_text()
    page.wait_for_function("([e, t]) => e.textContent !== t", arg=[timer.element_handle(), before])
    w.shot("5-queue")
    w.go(f"/cases/{no}")
    page.keyboard.press("c")
    page.locator("#case-said .banner-ok").wait_for()
    do(w, "work", what="联系客户核实现象，安排今日上门")
    do(w, "contact", means="phone", words="已与客户通话，约定今天下午上门", reached="yes")
    do(w, "result", text="上门更换光猫并重做光纤接头，测速正常", cause_category="equipment", cause="光猫老化")
    do(w, "tell", means="phone", words="已告知客户更换光猫并减免当日费用")
    assert words["told"] in page.locator("#case-top .meta").inner_text()
    w.shot("6-told")


def close_it(w: Window, no: str, words: dict[str, str]) -> None:
    w.go(f"/cases/{no}")
    do(w, "confirm", verdict="satisfied", means="phone", words="能上网了，满意")
    do(w, "rate", overall="5", means="phone")
    do(w, "close", outcome="confirmed")
    assert words["closed"] in w.page.locator("#case-top .meta").inner_text()
    w.shot("7-closed")


def find_it(w: Window, no: str) -> None:
    page = w.page
    page.fill("#global-search", "光猫")
    page.keyboard.press("Enter")
    page.wait_for_url("**/archive**")
    hit = page.locator(f"a[href*='/archive/{no}']").first
    hit.wait_for()
    page.locator("mark").first.wait_for()
    w.shot("8-archive")
    hit.click()
    page.wait_for_url(f"**/archive/{no}**")
    w.shot("9-record")


def command_an_incident(w: Window, no: str) -> str:
    page = w.page
    w.go("/incidents/report")
    page.fill("#title", "热线系统全部占线，客户打不进来")
    page.select_option("#kind", index=1)
    page.locator("[name=extent]").nth(1).check()
    page.fill("#occurred", f"{local(clock.now() - timedelta(minutes=20)):%Y-%m-%dT%H:%M}")
    page.fill("#place", "总部呼叫中心")
    page.fill("#scope", "热线全部坐席，客户来电无法接通")
    page.locator("#report-form button[type=submit]").click()
    page.wait_for_url("**/incidents/INC-**")
    number = page.url.rsplit("/", 1)[-1].split("?")[0]
    deed(w, "declare", reason="影响大量客户")
    page.locator("#tasks tbody tr").first.wait_for()
    deed(w, "entry", text="切换到备用语音网关", reason="主用网关无法恢复")
    w.shot("10-board")
    w.go("/incidents")
    w.shot("11-incidents")
    return number


def deed(w: Window, name: str, **fields: str) -> None:
    """Opens a form on the incident's board, fills it in and sends it."""
    page = w.page
    link = page.locator(f"a[href*='/do/{name}']").first
    if not link.is_visible():
        page.locator("details.menu summary").last.click()
    link.click()
    form = page.locator("form#deed")
    form.wait_for()
    for field, value in fields.items():
        form.locator(f"[name='{field}']").fill(value)
    radios = form.locator("input[type=radio]")
    if radios.count() and not form.locator("input[type=radio]:checked").count():
        radios.first.check()
    form.locator("button[type=submit]").click()
    form.wait_for(state="detached")


def read_the_quarter(w: Window) -> None:
    page, today = w.page, local(clock.now())
    quarter = f"{today.year}Q{(today.month - 1) // 3 + 1}"
    w.go("/reports")
    w.shot("12-reports")
    w.go(f"/reports/quarterly/{quarter}")
    assert page.locator("main h2").count() >= 8
    w.shot("13-quarter")
