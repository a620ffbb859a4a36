"""A flow in a real browser: its picture on a wide screen and a phone, a step written with the check beside it."""

import pytest

from tests.browser.conftest import BOTH

pytestmark = pytest.mark.browser


@pytest.mark.slow
@pytest.mark.parametrize("locale", BOTH)
def test_a_dead_end_is_said_while_it_is_typed(served, window, locale):
    w = window("head", locale)
    page = w.page
    w.go("/flows/fault/1")
    assert page.locator(".flow-wide svg").is_visible()
    assert not page.locator(".flow-tall svg").is_visible()
    w.shot("1-flow")
    page.click("#step-verify th a")
    page.wait_for_url("**/step/verify", wait_until="load")
    page.uncheck("#next input[value=confirm]")
    page.locator("#checked > .flow-findings .late-text").first.wait_for()
    w.shot("2-dead-end")
    assert w.fits()
    page.check("#next input[value=confirm]")
    page.fill("#name_zh", "恢复验证（含客户侧）")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/flows/fault/1#step-verify")
    if locale == "zh-CN":
        page.get_by_role("link", name="恢复验证（含客户侧）").wait_for()


def test_a_phone_shows_the_flow_from_top_to_bottom(served, window):
    w = window("head", width=360, theme="dark")
    w.go("/flows/provisioning")
    assert w.page.locator(".flow-tall svg").is_visible()
    assert w.fits()
    w.shot("1-phone")
    w.go("/flows/fault/1/step/verify")
    assert w.fits()
