"""RE1, RE2 in a real browser: two people at one section, a quarter signed by two, and its next edition."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from portal.identity.actor import SYSTEM
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.i18n import local
from portal.reports import paper_actions
from portal.reports.drafting import Drafting
from portal.reports.paper_models import Paper
from portal.reports.paper_rules import KINDS, before, period_of
from tests import builders

pytestmark = pytest.mark.browser


def worked() -> None:
    """The worker drafts what waits."""
    worker = Drafting()
    while worker.step(clock.now()):
        pass


def last_quarter() -> Paper:
    """A report of the quarter that is over, with its figures."""
    now = clock.now()
    with transaction():
        staff = [
            builders.make_person(role=role, unit="tech", name=name)
            for role, name in (("agent", "李小敏"), ("supervisor", "周小国"), ("handler", "陈小浩"))
        ]
        for days in (40, 70, 71):
            builders.closed_case(
                *staff, level="P2", now=now - timedelta(days=days + local(now).day), rating=days % 5 + 1
            )
        paper = paper_actions.open_paper(
            SYSTEM, now, KINDS["quarterly"], before("quarter", period_of("quarter", local(now).date()))
        )
    worked()
    return paper


@pytest.mark.slow
def test_two_people_at_one_section_lose_nothing(window):
    paper = last_quarter()
    where = f"/reports/papers/{paper.id}/sections/7"
    first, second = window("analyst"), window("quality")
    first.go(where)
    second.go(where)
    first.page.locator("#text").press_sequentially("夜班不足，建议增加一人。")
    expect(first.page.locator("#draft-status")).to_contain_text("草稿已保存")
    second.page.fill("#text", "派单串区，建议按网格校验。")
    second.page.click("#write button[type=submit]")
    expect(second.page.locator("#section-7")).to_contain_text("派单串区")
    first.page.click("#write button[type=submit]")
    expect(first.page.locator("#meanwhile")).to_contain_text("派单串区")
    expect(first.page.locator("#text")).to_have_value("夜班不足，建议增加一人。")
    first.complaints.clear()  # the refused post, which the page has shown
    first.page.fill("#text", "派单串区，建议按网格校验；夜班不足，建议增加一人。")
    first.page.click("#write button[type=submit]")
    expect(first.page.locator("#section-7")).to_contain_text("夜班不足")


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
@pytest.mark.parametrize(("width", "theme"), [(1366, "light"), (1366, "dark"), (360, "light")])
def test_a_quarter_is_signed_by_two_and_corrected_by_a_new_edition(window, locale, width, theme):
    paper = last_quarter()
    where, look = f"/reports/papers/{paper.id}", f"{locale}-{width}-{theme}"
    writer = window("analyst", locale, width, theme=theme)
    page = writer.page
    for path, name in (
        ("/reports/papers", "list"),
        (where, "draft"),
        (f"{where}/sections/7", "write"),
        ("/reports/trends", "trends"),
    ):
        writer.go(path)
        writer.shot(f"{name}-{look}")
        assert writer.fits()
    page.goto(writer.base + f"{where}/sections/7")
    page.fill("#text", "")
    page.locator("[data-wording]").first.click()
    assert len(page.locator("#text").input_value()) > 5  # what was offered stands at the caret
    page.click("#write button[type=submit]")
    for name in ("周建国", "何静"):
        page.get_by_label(name, exact=True).check()
    writer.shot(f"hand-in-{look}")
    page.click("#hand-in button[type=submit]")
    page.locator("#signed").wait_for()
    for login in ("supervisor", "quality"):
        signer = window(login, locale, width, theme=theme)
        signer.go(where)
        signer.shot(f"review-{login}-{look}")
        signer.page.click(".next button[type=submit]")
        signer.page.locator("#signed .ok-text").first.wait_for()
        assert signer.fits()
    writer.go(where)
    expect(page.locator("#signed code")).to_have_count(1)
    writer.shot(f"published-{look}")
    page.fill("#correct-words", "第五节满意率分母更正")
    page.click("#correct button[type=submit]")
    page.locator("#changed").wait_for()
    worked()
    page.reload()
    writer.shot(f"second-edition-{look}")
    assert writer.fits()
    expect(page.locator("#changed")).to_contain_text("第五节满意率分母更正")
