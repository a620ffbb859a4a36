"""RE4: from a dashboard down to a case in a browser; filters stand in the address; nothing scrolls sideways."""

from datetime import timedelta

import pytest

from portal.collaboration import actions as together
from portal.identity import queries as people
from portal.kernel import clock
from portal.kernel.db import transaction
from tests.browser.conftest import Window
from tests.builders import closed_case, judged_case

pytestmark = pytest.mark.browser
SLOW = pytest.mark.slow


@pytest.fixture
def worked(served, crew):
    """A closed case and one that nobody answered in time, with a name that is long."""
    now = clock.now().replace(microsecond=0) - timedelta(hours=30)
    staff = {login: people.actor_by_login(login) for login in ("agent", "supervisor", "handler")}
    with transaction():
        closed_case(staff["agent"], staff["supervisor"], staff["handler"], level="P2", now=now)
        late = judged_case(
            staff["agent"], staff["supervisor"], level="P2", channel="email", unit="tech", now=now,
            title="滨江区第二人民医院门诊楼与住院部双路由专线同时中断，挂号与收费系统无法使用",
        )  # fmt: skip
        together.claim(staff["handler"], now, late)
    return late


def down_to_the_case(w: Window, no: str) -> None:
    w.go("/reports/boards/month")
    w.shot("1-month")
    w.page.click(".stat[href*='code=result']")
    w.page.wait_for_url("**/reports/cases?figure=attainment**")
    w.page.click("a[href*='part=miss']")
    assert w.page.locator("main tbody tr").count() == 1
    w.shot("2-cases")
    w.page.click(f"tbody a[href^='/cases/{no}']")
    w.page.wait_for_url(f"**/cases/{no}?clock=**")
    assert w.page.locator("#why-panel").is_visible()


@pytest.mark.slow
def test_a_figure_opens_down_to_its_case(window, worked):
    down_to_the_case(window("supervisor"), worked.no)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("locale", "theme", "width"),
    [("zh-CN", "light", 1366), ("zh-CN", "dark", 360), ("en-US", "dark", 1366), ("en-US", "light", 360)],
)
def test_the_figures_in_every_look(window, worked, locale, theme, width):
    w = window("supervisor", locale=locale, theme=theme, width=width)
    down_to_the_case(w, worked.no)
    pages = {
        "figures": "/reports/figures?period=2026", "today": "/reports/boards/today",
        "hotline": "/reports/boards/hotline",
        "department": "/reports/boards/department", "management": "/reports/boards/management", "own": "/reports/own",
        "people": "/reports/own/people", "definitions": "/reports/figures/definitions",
    }  # fmt: skip
    for name, path in pages.items():
        w.go(path.replace("2026", f"{clock.now():%Y}"))
        w.shot(f"{name}-{theme}-{width}")
        assert w.fits(), name
    w.go("/reports/figures")
    w.page.click("#contents summary")
    w.shot(f"contents-{theme}-{width}")
    assert w.fits()
    w.page.click("#contents a[href='#fig-satisfaction']")
    assert w.page.locator("#fig-satisfaction").is_visible()
    w.shot(f"found-{theme}-{width}")
    w.go("/reports/boards/month")
    w.page.select_option("#pick-level", "P2")
    w.page.wait_for_url("**level=P2**")
    assert w.page.locator("#pick-level").input_value() == "P2"


@pytest.mark.slow
def test_a_miss_is_objected_to_and_answered(window, worked):
    w = window("handler")
    w.go("/reports/own")
    w.page.click("#breaches details summary >> nth=0")
    w.page.fill("#breaches textarea >> nth=0", "系统停机两小时，无法联系客户")
    w.page.click("#breaches button[type=submit] >> nth=0")
    w.page.wait_for_load_state()
    assert "待答复" in w.page.inner_text("#breaches")
    q = window("quality")
    q.go("/reports/own/people")
    q.page.fill("#objections textarea", "停机属实，予以接受")
    q.page.click("#objections button[value=yes]")
    q.page.wait_for_load_state()
    w.go("/reports/own")
    assert "异议成立" in w.page.inner_text("#breaches")
