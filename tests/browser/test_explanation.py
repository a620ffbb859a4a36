"""Time that explains itself in a real browser: the picture, its table, and "why this time?", in both languages."""

from datetime import timedelta

import pytest

from portal.cases import actions as cases
from portal.collaboration import actions as together
from portal.identity.queries import actor_by_login, unit_by_code
from portal.kernel import clock
from portal.kernel.db import transaction
from tests.browser.conftest import BOTH
from tests.builders import judged_case

pytestmark = pytest.mark.browser
WORDS = {
    "zh-CN": {"who": "时间用在哪个部门", "late": "超时", "told": "起计时", "tech": "技术支持组", "paused": "停止计时"},
    "en-US": {"who": "Who used the time", "late": "late by", "told": "The time counts from",
              "tech": "Technical support", "paused": "it stood still"},
}  # fmt: skip


def a_long_story() -> str:
    """A case that was handed on, waited for its customer, and is late now."""
    now = clock.now()
    agent, boss, handler = (actor_by_login(login) for login in ("agent", "supervisor", "handler"))
    with transaction():
        begun = now - timedelta(hours=30)
        case = judged_case(agent, boss, level="P2", unit="service", channel="email", now=begun)
        tech = unit_by_code("tech").id
        together.transfer(agent, begun + timedelta(hours=2), case, unit_id=tech, reason="需要现场处理，线路问题")
        cases.contact(
            handler,
            begun + timedelta(hours=3),
            case,
            direction="out",
            means="phone",
            reached=True,
            words="请客户提供",
        )
        together.pause(handler, begun + timedelta(hours=4), case, reason="customer", words="等客户拍照")
        together.resume(handler, begun + timedelta(hours=6), case, why="照片已收到")
        return str(case.no)


@pytest.mark.parametrize("locale", BOTH)
@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
@pytest.mark.parametrize("width", [1366, pytest.param(390, marks=pytest.mark.slow)])
def test_a_case_shows_where_its_time_went_and_why_it_is_due(window, crew, locale, theme, width):
    no, words = a_long_story(), WORDS[locale]
    w = window("supervisor", locale, width=width, theme=theme)
    w.go(f"/cases/{no}")
    page = w.page
    page.locator("#case-time").scroll_into_view_if_needed()  # the panel is drawn when somebody comes to it
    picture = page.locator("#case-time svg[role=img]").first
    assert words["late"] in page.locator("#case-time .time-chart .bad-text").first.text_content()
    assert words["tech"] in picture.locator("title").first.text_content()
    assert picture.bounding_box()["width"] <= width
    assert picture.locator("rect.pause").count() == 3  # two cycles of progress and the result stood still
    assert picture.locator("line.now").count() == 1
    assert words["who"] in page.locator("#case-time .used-table caption").inner_text()
    assert words["tech"] in page.locator("#case-time .used-table tbody").inner_text()
    page.click("#case-told-box summary")
    page.wait_for_selector("#case-told:not([hx-get]) p")  # nobody was told yet, since no watch runs here
    page.locator("#case-time .see-table summary").first.click()
    assert page.locator("#case-time .see-table tbody tr").count() >= 8
    w.shot(f"case-{theme}-{width}")
    page.locator(".clock:has(sla-timer[kind=result]) a").first.click()
    page.locator("#why-title").wait_for()
    said = page.locator("#why-panel").inner_text()
    assert words["told"] in said
    assert words["paused"] in said
    assert page.locator("#why-panel svg[role=img]").count() == 1
    assert page.locator("#why-panel .used-table tbody tr").count() == 2
    assert page.locator("#why-panel .why-table tbody tr").count() >= 6
    assert w.fits()
    w.shot(f"why-{theme}-{width}")


def test_it_explains_itself_without_script(window, crew):
    no = a_long_story()
    w = window("supervisor")
    w.go(f"/cases/{no}")
    url = w.page.locator(".clock a").first.get_attribute("href")
    w.go(url)
    assert w.page.locator("#why-panel svg[role=img]").count() == 1
