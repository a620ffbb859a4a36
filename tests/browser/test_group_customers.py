"""WF6, WF7 in a real browser: a group customer's file is opened, kept, and read on a phone in the customer's office."""

import pytest

from portal.directory import actions as directory
from portal.identity.actor import SYSTEM
from portal.identity.queries import actor_by_login
from portal.kernel import clock
from portal.kernel.db import transaction
from tests.browser.conftest import Window
from tests.corporate.builders import make_group, make_project

pytestmark = pytest.mark.browser
LONG = "江南滨江新区望湖连锁超市股份有限公司临港物流园第二分公司客户服务与采购联合办公室"
SLOW = pytest.mark.slow


def send(w: Window) -> None:
    w.page.wait_for_load_state()  # the keys are there once the page's scripts are
    w.page.keyboard.press("Control+Enter")
    w.page.wait_for_url(lambda url: "/do/" not in url and "/new" not in url)


@pytest.mark.slow
def test_a_file_is_opened_kept_and_read_on_a_phone(window, served):
    with transaction():
        known = directory.recognise(
            SYSTEM, clock.now(), name=LONG, identity="0571-82607919", category="company"
        )  # fmt: skip
    w = window("head")
    w.go(f"/corporate/new?customer=KH{known.id:06d}")
    w.page.fill("#trade", "连锁零售")
    w.page.select_option("#manager_id", label="刘洋")
    w.page.select_option("#unit_id", label="技术支持组")
    send(w)
    page = f"/corporate/{known.id}"
    w.go(f"{page}/do/contact?n=ours")
    w.page.select_option("#person_id", label="陈浩")
    w.page.keyboard.press("Control+Enter")
    w.page.wait_for_selector("#mobile-error")  # a technical contact without a number; what was chosen is still chosen
    assert w.page.eval_on_selector("#person_id", "one => one.selectedOptions[0].label") == "陈浩"
    w.page.fill("#mobile", "189 0571 0001")
    send(w)
    w.go(f"{page}/do/maintenance")
    w.page.fill("#title", "门店终端抽检")
    w.page.check("#months-11")
    send(w)
    w.page.click("#maintenance a[id^=due-]")
    w.page.fill("#words", "抽检 6 店，正常")
    send(w)
    assert "抽检 6 店" in (w.page.get_attribute("#maintenance a[id^=due-]", "title") or "")
    phone = window("handler", width=360)
    phone.go(page)
    assert phone.fits()
    call = phone.page.locator("a.call")
    assert call.get_attribute("href") == "tel:18905710001"
    assert call.bounding_box()["height"] >= 36
    phone.shot("phone")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("locale", "theme", "width"),
    [("zh-CN", "light", 1366), pytest.param("en-US", "dark", 360, marks=SLOW),
     pytest.param("en-US", "light", 1366, marks=SLOW), pytest.param("zh-CN", "dark", 360, marks=SLOW)],
)  # fmt: skip
def test_the_pages_fit_and_read_well(window, served, crew, locale, theme, width):
    with transaction():
        head = actor_by_login("head")
        file = make_group(head, clock.now(), name=LONG)
        project = make_project(head, file, clock.now(), name=LONG)
    w = window("head", locale, width=width, theme=theme)
    for name, path in {
        "list": "/corporate", "none": "/corporate?q=zzz", "file": f"/corporate/{file.customer_id}",
        "sheet": f"/corporate/{file.customer_id}/sheet", "facts": f"/corporate/{file.customer_id}/do/facts",
        "projects": "/projects", "no-project": "/projects?q=zzz", "project": f"/projects/{project.id}",
        "task": f"/projects/{project.id}/do/task", "new": "/projects/new",
    }.items():  # fmt: skip
        w.go(path)
        assert w.fits(), path
        w.shot(f"{name}-{width}-{theme}")
