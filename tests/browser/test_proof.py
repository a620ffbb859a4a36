"""AR3 in a real browser: an auditor has the record verified, sees it end by itself, and what was altered."""

from datetime import timedelta

import pytest

from portal.jobs.loop import Worker
from portal.journal import stream
from portal.kernel import clock
from portal.kernel.db import transaction, write
from tests.browser.conftest import BOTH

pytestmark = pytest.mark.browser


@pytest.mark.slow
@pytest.mark.parametrize("locale", BOTH)
@pytest.mark.parametrize(("width", "theme"), [(1366, "light"), pytest.param(360, "dark", marks=pytest.mark.slow)])
def test_a_verification_ends_before_the_eyes_of_who_asked(window, locale, width, theme):
    with transaction():
        for name in ("customer:1", "incident:2026-0001:a-rather-long-name-of-a-journal"):
            stream.append(name, "Said", {"said": "a"}, by_id=1, at=clock.now())
    w, worker = window("auditor", locale, width, theme=theme), Worker()
    page = w.page
    w.go("/archive/proof")
    w.shot(f"proof-empty-{locale}-{width}-{theme}")
    page.locator("form[action='/archive/proof/run'] button").click()
    page.locator("#proof[hx-get]").wait_for()
    w.shot(f"proof-running-{locale}-{width}-{theme}")
    for seconds in (0, 5):  # the one that was asked for, then the night's
        worker.tick(clock.now() + timedelta(seconds=seconds))
    page.locator("#proof:not([hx-get])").wait_for(timeout=8_000)
    assert page.locator("#proof td").count() > 5
    assert w.fits()
    with transaction():
        write("UPDATE journal_body SET facts = :f", {"f": '{"said": "b"}'})
    page.locator("form[action='/archive/proof/run'] button").click()
    Worker().tick(clock.now())
    page.locator("#proof .late-text").first.wait_for(timeout=8_000)
    w.shot(f"proof-altered-{locale}-{width}-{theme}")
    assert w.fits()
    assert w.complaints == []
    w.go("/archive")
    w.shot(f"archive-{locale}-{width}-{theme}")
    assert w.fits()
