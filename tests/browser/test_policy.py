"""A limit is changed in a real browser, in both languages: draft, cell, review by a second person, in force."""

from datetime import datetime, timedelta

import pytest

from portal.kernel.db import transaction
from tests import builders
from tests.browser.conftest import Window

pytestmark = pytest.mark.browser
WORDS = {
    "zh-CN": {"draft": "草案", "own": "须由他人复核", "limit": "1 小时", "old": "2 小时", "unreadable": "不是时限",
              "force": "施行中", "changed": "已改", "verdict": "超时"},
    "en-US": {"draft": "Draft", "own": "somebody else has to review", "limit": "1 h", "old": "2 h",
              "unreadable": "is not a limit", "force": "in force", "changed": "changed", "verdict": "missed"},
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("locale", [pytest.param("zh-CN", marks=pytest.mark.slow), "en-US"])
def test_a_limit_goes_from_a_draft_through_review_into_force(served, window, locale):
    words = WORDS[locale]
    admin = window("admin", locale)
    draft_it(admin, words)
    try_it(admin, words)
    hand_it_in(admin, words)
    approve_it(window("supervisor", locale, width=390), words)
    admin.go("/admin/policy")
    assert words["force"] in admin.page.locator("#versions tbody tr").first.inner_text()
    assert words["limit"] in admin.page.locator("#by-level tbody tr").nth(2).inner_text()
    admin.shot("6-in-force")


def draft_it(w: Window, words: dict[str, str]) -> None:
    """Opens a draft, mistypes one limit, then writes one hour."""
    page = w.page
    w.go("/desk")
    page.locator("nav a[href='/admin/policy']").first.click()
    page.wait_for_url("**/admin/policy")
    w.shot("1-policy")
    page.locator("#open button[type=submit]").click()
    page.locator("#open .field-error").wait_for()
    page.fill("#why", "客户等得太久")
    page.locator("#open button[type=submit]").click()
    page.wait_for_url("**/admin/policy/2")
    assert words["draft"] in page.locator("main .meta").inner_text()
    page.locator("a[href$='/cell/P3.first_response']").click()
    page.wait_for_url("**/cell/**")
    page.fill("#limit", "soon")
    page.locator("#limit-panel button[type=submit]").click()
    page.locator("#limit-error").wait_for()
    assert words["unreadable"] in page.locator("#limit-error").inner_text()
    assert page.input_value("#limit") == "soon"
    w.shot("2-refused")
    page.fill("#limit", "1h")
    page.locator("#limit-panel button[type=submit]").click()
    page.wait_for_url("**/admin/policy/2")
    cell = page.locator("#by-level tbody tr").nth(2).locator("td").first.inner_text()
    assert all(word in cell for word in (words["old"], words["limit"], words["changed"]))
    assert page.locator("#changes tbody tr").count() == 1
    w.shot("3-draft")


def try_it(w: Window, words: dict[str, str]) -> None:
    """Tries the draft on a case that was answered after eighty minutes."""
    morning = datetime.fromisoformat("2025-11-10T09:30+08:00")  # a Monday on which people work
    with transaction():
        agent, supervisor = (
            builders.make_person(role=r, unit="service", everywhere=r == "supervisor") for r in ("agent", "supervisor")
        )
        case = builders.judged_case(agent, supervisor, level="P3", channel="app", now=morning)
        builders.cases.contact(agent, morning + timedelta(minutes=80), case, direction="out", means="phone",
                               reached=True, words="已与客户通话")  # fmt: skip
    w.go(f"/admin/policy/2/try?from={morning.date()}&to={morning.date()}")
    row = w.page.locator("#trial tbody tr", has_text=case.no)
    row.wait_for()
    assert words["verdict"] in row.inner_text()
    w.shot("4-tried")


def hand_it_in(w: Window, words: dict[str, str]) -> None:
    """Hands the draft in; its author cannot approve it."""
    page = w.page
    w.go("/admin/policy/2")
    page.fill("#hand_in-why", "请复核")
    page.locator("form[action$='/do/hand_in'] button").click()
    page.locator(".banner", has_text=words["own"]).wait_for()
    assert page.locator("form[action$='/do/approve']").count() == 0


def approve_it(w: Window, words: dict[str, str]) -> None:
    """Somebody else puts it into force today, on a telephone."""
    page = w.page
    w.go("/admin/policy/2")
    assert w.fits()
    w.shot("5-review")
    page.locator("form[action$='/do/approve'] button").click()
    page.locator(".banner-ok").wait_for()
