"""AR2: the archive searched in Chinese with the keyboard alone, and its hits taken out."""

from datetime import timedelta

import pytest

from portal.identity import queries as people
from portal.kernel.db import transaction
from tests.browser.conftest import BOTH
from tests.builders import NINE, closed_case

pytestmark = pytest.mark.browser


@pytest.fixture
def closed(served, crew):
    """Numbers of two closed cases."""
    agent, supervisor, handler = (people.actor_by_login(role) for role in ("agent", "supervisor", "handler"))
    asked = (("P2", "移机后光猫常亮红色，不能上网"), ("P3", "光貓重啟後寬帶仍然很慢"))
    with transaction():
        return [
            closed_case(agent, supervisor, handler, level=level, now=NINE + timedelta(hours=n), description=text).no
            for n, (level, text) in enumerate(asked)
        ]


@pytest.mark.parametrize("locale", BOTH)
def test_the_archive_is_searched_by_keyboard_in_chinese_and_taken_out(window, closed, locale):
    w = window("supervisor", locale=locale)
    w.go("/archive")
    page = w.page
    page.keyboard.press("/")
    page.focus("#q")
    page.keyboard.type("光猫 lev")
    page.wait_for_selector("#complete-list [role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("#complete-list [role=option] >> text=P1")
    w.shot("completion")
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    assert page.input_value("#q") == "光猫 level:P2 "
    page.keyboard.press("Enter")
    page.wait_for_url("**/archive?q=*")
    assert page.locator("#results .hit .no").all_inner_texts() == closed[:1]
    assert "光猫" in page.locator("#results mark").first.inner_text()
    page.wait_for_selector("#facets:not([hx-get])")
    assert page.is_checked("#level-P2")
    page.uncheck("#level-P2")
    page.wait_for_url(lambda url: "level" not in url)
    assert page.input_value("#q") == "光猫"
    assert page.locator("#results .hit .no").all_inner_texts() == closed[::-1]
    w.shot("hits")
    assert w.fits()
    with page.expect_download() as download:
        page.click("a[href*='export.csv']")
    text = download.value.path().read_text("utf-8-sig")
    assert [line.split(",")[0].strip('"') for line in text.splitlines()[1:]] == closed[::-1]
    page.fill("#q", "光猫 leval:P2")
    page.press("#q", "Enter")
    page.wait_for_selector("#q-error")
    assert page.input_value("#q") == "光猫 leval:P2"
    page.wait_for_selector("#q:focus")
    w.shot("fault")
    page.fill("#q", "光猫")
    page.press("#q", "Enter")
    page.wait_for_selector("#results .hit a")
    page.focus("#results .hit a")
    page.keyboard.press("Enter")
    page.wait_for_selector("#verified.banner-ok")
