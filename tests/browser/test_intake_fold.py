"""The intake form: what a tick or a refusal speaks of is opened, reached and cleared."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import BOTH

pytestmark = pytest.mark.browser


@pytest.mark.slow
@pytest.mark.parametrize("locale", BOTH)
def test_a_fact_ticked_as_read_back_leads_to_its_field_in_the_fold(served, window, locale):
    w = window("agent", locale)
    page = w.page
    w.go("/intake/new")
    expect(page.locator("#caller")).to_be_hidden()
    page.check("[name=acting][value=other]")
    expect(page.locator("#caller")).to_be_visible()
    page.check("[name=acting][value=self]")
    expect(page.locator("#order_no")).to_be_hidden()
    page.check("[name=read_back][value=order_no]")
    expect(page.locator("#order_no")).to_be_focused()
    for name, text in (
        ("contact", "13800130013"), ("description", "移机后光猫 LOS 灯常亮红色，不能上网，重启两次无效"),
        ("demand", "今天上门修好"), ("happened", "今天早上八点半"),
    ):  # fmt: skip
        page.fill(f"#{name}", text)
    page.click("#more-facts summary")
    page.click("#intake [data-submit]")
    error = page.locator("#order_no-error")
    expect(error).to_be_visible()
    expect(page.locator("#order_no")).to_be_focused()
    w.shot("1-refused")
    page.fill("#order_no", "DD-778899")
    expect(error).to_have_count(0)
    page.click("#intake [data-submit]")
    page.wait_for_url(re.compile(r"/cases/"))
