"""What a queue says to a screen reader: that a limit came near or passed, in one sentence, and nothing else."""

from datetime import datetime

import pytest

from portal.identity import queries as people
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.instants import moment
from tests.browser.conftest import BOTH
from tests.builders import judged_case

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LISTEN = """addEventListener('DOMContentLoaded', () => {
    window.spoken = [];
    const region = document.getElementById('status-region');
    new MutationObserver(() => spoken.push(region.textContent)).observe(region, { childList: true });
});"""
SAID = {
    "zh-CN": ("，", "{no} 牵头组响应 临期", "{no} 牵头组响应 超时"),
    "en-US": (", ", "{no} Lead contact Soon", "{no} Lead contact Late"),
}


@pytest.fixture
def cases(at, served, crew):
    """Seven cases of the technical department, received and judged in the same second; the numbers."""
    agent, supervisor = people.actor_by_login("agent"), people.actor_by_login("supervisor")
    with transaction():
        return [judged_case(agent, supervisor, level="P2", unit="tech", now=clock.now()).no for _ in range(7)]


def go_on(page, seconds):
    """Lets the browser's clock run, and each check on the way be answered."""
    for _ in range(0, seconds, 2):
        with page.expect_response("**/changes*"):
            page.clock.run_for(2_500)


@pytest.mark.parametrize("locale", BOTH)
def test_a_limit_is_spoken_of_once_when_it_comes_near_and_once_when_it_passes(at, cases, window, locale):
    w = window("handler", locale=locale)
    page, (joint, near, passed) = w.page, SAID[locale]

    def until(instant: datetime, sentences: int) -> str:
        at(instant)
        go_on(page, 4 if sentences == 1 else 12)  # seconds; two sentences are ten apart
        page.wait_for_function("n => spoken.length === n", arg=sentences)
        go_on(page, 4)
        return page.evaluate("spoken.join('|')")

    page.clock.install(time=clock.now())
    page.add_init_script(LISTEN)
    w.go("/queues/tech")
    timer = page.locator("sla-timer").first
    warn, due = (moment(int(timer.get_attribute(name))) for name in ("warn", "due"))
    before = timer.inner_text()
    go_on(page, 4)
    assert (timer.inner_text() != before, page.evaluate("spoken")) == (True, [])
    first = joint.join(near.format(no=no) for no in cases[:5]) + " +2"
    second = joint.join(passed.format(no=no) for no in cases[:5]) + " +2"
    assert until(warn + (due - warn) / 2, 1) == first
    assert until(due + (due - warn), 2) == f"{first}|{second}"
    assert timer.get_attribute("state") == "late"
