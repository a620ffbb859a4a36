"""IN6 in a real browser: one key takes the proposal over; what the agent chooses otherwise is what is logged."""

import pytest

from portal.cases.models import Case
from portal.kernel.db import db

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_one_key_takes_the_proposal_and_the_agent_may_choose_otherwise(window):
    w = window("agent")
    w.go("/intake/new")
    page = w.page
    page.fill("#contact", "13800130013")
    page.fill("#happened", "今天 08:30 起")
    page.fill("#demand", "道歉并说明原因")
    page.locator("#description").press_sequentially("送餐员在门口骂人，态度很差", delay=5)
    page.locator("#proposal mark").first.wait_for()
    page.keyboard.press("Alt+a")
    assert [page.input_value(f"#{name}") for name in ("request_type", "category", "level")] == [
        "complaint", "attitude", "P2",
    ]  # fmt: skip
    w.shot("taken")
    page.select_option("#request_type", "order")
    page.locator("#intake button[data-submit]").click()
    page.wait_for_url("**/cases/**")
    case = db.session.query(Case).one()
    assert (case.request_type, case.category, case.proposed_level) == ("order", "attitude", "P2")
