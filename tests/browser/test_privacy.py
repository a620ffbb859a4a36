"""RO8, AR5, AR6 in a real browser: a field is shown for a minute, a sample's sheet is ticked, two people dispose."""

from datetime import timedelta

import pytest

from portal.archive import disposal
from portal.identity import queries as people
from portal.kernel import clock
from portal.kernel.db import transaction, write
from tests import builders
from tests.browser.conftest import BOTH

pytestmark = pytest.mark.browser


def work(hours=24, name="欧阳雪"):
    """A closed case of some time ago, and an open one."""
    who = {login: people.actor_by_login(login) for login in ("agent", "supervisor", "handler")}
    with transaction():
        made = builders.closed_case(
            who["agent"], who["supervisor"], who["handler"], now=clock.now() - timedelta(hours=hours),
            customer_name=name, contact="13800130013",
        )  # fmt: skip
        return made.no, builders.make_case(who["agent"], clock.now(), contact="13800130099").no


@pytest.mark.slow
@pytest.mark.parametrize("locale", BOTH)
@pytest.mark.parametrize(("width", "theme"), [(1366, "light"), (360, "dark")])
def test_a_number_is_shown_for_a_purpose_and_covers_itself(window, locale, width, theme):
    _closed, no = work()
    w = window("auditor", locale, width, theme=theme)
    w.go(f"/cases/{no}")
    assert "13800130099" not in w.page.content()
    w.shot(f"case-masked-{locale}-{width}-{theme}")
    field = f"#reveal-case-{no}-contact"
    w.page.locator(f"{field} a").click()
    w.page.locator(f"{field} button[type=submit]").click()
    w.page.locator(f"{field} .field-error").wait_for()
    w.page.fill(f"{field} input[name=words]", "抽查回访")
    w.shot(f"reveal-asked-{locale}-{width}-{theme}")
    assert w.fits()
    w.page.clock.install()
    w.page.locator(f"{field} button[type=submit]").click()
    w.page.locator(f"{field}.reveal-open").wait_for()
    assert "13800130099" in w.page.content()
    w.shot(f"revealed-{locale}-{width}-{theme}")
    w.page.clock.run_for(61_000)
    w.page.locator(f"{field} a").wait_for()
    assert "13800130099" not in w.page.content()
    assert w.fits()


@pytest.mark.slow
@pytest.mark.parametrize("locale", BOTH)
@pytest.mark.parametrize(("width", "theme"), [(1366, "light"), (360, "dark")])
def test_an_auditor_draws_ticks_and_writes_a_finding(window, locale, width, theme):
    no, _open = work()
    w = window("auditor", locale, width, theme=theme)
    w.go("/archive/audit")
    w.shot(f"audit-empty-{locale}-{width}-{theme}")
    w.page.fill("#seed", "2026Q4")
    w.page.locator("#draw button").click()
    w.page.get_by_role("link", name=no).wait_for()
    w.go("/archive/audit/samples/1?open=1")
    for check in ("request", "process", "verdict", "answer", "proof"):
        w.page.check(f"#{check}-{'no' if check == 'proof' else 'yes'}")
    w.shot(f"sample-{locale}-{width}-{theme}")
    assert w.fits()
    w.page.locator("#sheet button").click()
    w.page.locator(".late-text").first.wait_for()
    w.go("/archive/audit")
    w.page.fill("#finding textarea", "回访记录不完整，请补齐")
    w.page.locator("#finding button").click()
    w.page.get_by_role("heading", level=1).wait_for()
    w.shot(f"finding-{locale}-{width}-{theme}")
    for path, name in (
        ("/archive/access", "access"), ("/archive/access/exceptions", "exceptions"), ("/archive/soundness", "sound"),
        (f"/archive/{no}/versions/1", "version"), ("/archive/number", "number"),
        ("/reports/recount?figure=attainment", "recount"),
    ):  # fmt: skip
        w.go(path)
        w.shot(f"{name}-{locale}-{width}-{theme}")
        assert w.fits(), path


@pytest.mark.slow
@pytest.mark.parametrize("locale", BOTH)
@pytest.mark.parametrize(("width", "theme"), [(1366, "light"), (360, "dark")])
def test_two_people_dispose_of_a_record(window, locale, width, theme):
    work(name="诸葛亮")
    with transaction():
        then = "archived_at = archived_at - :d, retain_until = retain_until - :d"
        write(f"UPDATE archived SET {then}", {"d": 732 * 86_400})
        for role in ("security", "management"):
            builders.make_person(role=role, unit="hq", name=role, login=role, everywhere=True)
    one, two = window("security", locale, width, theme=theme), window("management", locale, width, theme=theme)
    one.go("/archive/retention")
    one.shot(f"retention-{locale}-{width}-{theme}")
    assert one.fits()
    one.page.fill("#propose-reason", "保管期满")
    one.page.locator("#propose button").click()
    one.page.get_by_role("link", name="XH00001").click()
    assert one.page.locator("#decide").count() == 0
    two.go("/archive/retention/disposals/1")
    two.page.fill("#words", "同意")
    two.shot(f"disposal-{locale}-{width}-{theme}")
    two.page.locator("#decide button.btn-primary").click()
    two.page.locator("#decide").wait_for(state="detached")
    for _ in range(3):
        disposal.step(clock.now())
    two.go("/archive/retention/disposals/1")
    two.page.locator("a[href$='certificate.pdf']").wait_for()
    two.shot(f"disposed-{locale}-{width}-{theme}")
    assert two.fits()
