"""The bell in a real browser: its figure moves by itself, and of several tabs one alone announces what is new."""

import pytest

from portal.identity import queries as people
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.notices import tell
from tests.browser.conftest import BOTH

pytestmark = pytest.mark.browser
# a stand-in for what the browser's desktop would show, kept where all tabs can add to it
SHOWN = """
window.Notification = class { constructor(title, options) {
  const said = JSON.parse(localStorage.getItem('said') ?? '[]');
  localStorage.setItem('said', JSON.stringify([...said, options.body]));
} };
window.Notification.permission = 'granted';
"""


@pytest.mark.slow
@pytest.mark.parametrize("locale", BOTH)
def test_two_tabs_announce_a_notice_once(window, locale):
    w = window("handler", locale)
    w.page.context.add_init_script(SHOWN)
    w.go("/queues/mine")
    second = w.page.context.new_page()
    second.goto(w.base + "/queues/mine")
    person = people.actor_by_login("handler").id
    facts = {"no": "RQ1", "level": "P1", "title": "王芳"}
    with transaction():
        tell.tell([person], "due", subject="case:1", key="k", facts=facts, now=clock.now())
    for page in (w.page, second):
        page.bring_to_front()
        page.locator("#bell b", has_text="1").wait_for()
        page.wait_for_timeout(2500)
    said = w.page.evaluate("JSON.parse(localStorage.getItem('said'))")
    assert len(said) == 1
    assert said[0].startswith("RQ1 P1")
    assert "王芳" not in said[0]
    second.close()
    w.go("/notices/mine")
    assert w.page.locator("#bell").get_attribute("data-newest") != "0"
    assert w.fits()
    w.shot("my-notices")
