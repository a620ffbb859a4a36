"""RO8 in a real browser: an auditor's whole day, from the verification to the answer of a department, without help."""

import subprocess
import sys
import zipfile
from datetime import timedelta

import pytest

from portal.archive import packages
from portal.cases import actions as cases
from portal.identity import queries as people
from portal.jobs.loop import Worker
from portal.kernel import clock
from portal.kernel.db import transaction
from tests import builders

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WAYS = [("zh-CN", 1366, "light")]
FOUND = "处理过程缺少回访录音，请补充并说明原因"


def the_weeks_work() -> list[str]:
    """Thirty-two closed cases, one of them accepted as it was, one entered afterwards; and one whose level was
    overruled and lowered in its last quarter."""
    who = {login: people.actor_by_login(login) for login in ("agent", "supervisor", "handler")}
    day = timedelta(hours=24)
    odd = [{"overruled": "客户不愿多说"}, {"received": clock.now() - 3 * day - timedelta(hours=2)}, {}]
    with transaction():
        for n in range(32):
            builders.closed_case(
                who["agent"], who["supervisor"], who["handler"], now=clock.now() - 3 * day,
                customer_name="欧阳雪", contact=f"138001300{n:02d}", **(odd[n] if n < 2 else {}),
            )  # fmt: skip
        late = builders.judged_case(who["agent"], who["supervisor"], level="P2", now=clock.now() - day)
        cases.judge(
            who["supervisor"], clock.now() - day + timedelta(hours=19), late, level="P3", impact="single",
            urgency="low", harm=False, reason="影响仅一户", unit_id=late.unit_id,
        )  # fmt: skip
        return [late.no]


def work(seconds: int = 12) -> None:
    """Lets the worker do what waits: sealing, verifying, packing."""
    worker = Worker()
    for second in range(0, seconds, 4):
        worker.tick(clock.now() + timedelta(seconds=second))


@pytest.mark.parametrize(("locale", "width", "theme"), WAYS)
def test_a_whole_day_without_an_administrator(window, tmp_path, locale, width, theme):
    (lowered,) = the_weeks_work()
    w = window("auditor", locale, width, theme=theme)
    page = w.page

    def seen(name):
        assert w.fits(), name
        w.shot(f"{name}-{locale}-{width}-{theme}")

    # verify: the whole journal, before the auditor's eyes
    w.go("/archive/audit")
    page.click("a[href='/archive/proof']")
    page.click("form[action='/archive/proof/run'] button")
    page.locator("#proof[hx-get]").wait_for()
    work()
    page.locator("#proof:not([hx-get])").wait_for(timeout=15_000)
    assert page.locator("#proof .late-text").count() == 0
    seen("1-verified")

    # draw thirty by a seed, tick a sheet, open the record, ask who saw it
    w.go("/archive/audit")
    page.fill("#seed", "2026Q4-A")
    page.fill("#size", "30")
    page.click("#draw button[type=submit]")
    page.wait_for_url("**/archive/audit/samples/1")
    drawn = page.locator("tbody th.no").all_inner_texts()
    assert len(set(drawn)) == 30
    seen("2-drawn")
    for place in (1, 2):
        w.go(f"/archive/audit/samples/1?open={place}")
        for check in page.locator("#sheet fieldset").all():
            check.locator("input").first.check()
        if place == 1:
            with page.expect_popup() as opened:
                page.locator("#sheet a[href^='/archive/CS']").click()
            opened.value.wait_for_selector("#verified.banner-ok")
            assert "欧阳雪" not in opened.value.content()
            opened.value.close()
            with page.expect_popup() as looks:
                page.locator("#sheet a[href^='/archive/access']").click()
            looks.value.wait_for_selector("main tbody tr")
            assert "吴刚" in looks.value.locator("main tbody").first.inner_text()
            looks.value.close()
            assert page.locator("table .ok-text").count() >= 4  # verdicts by the policy version of that time
            seen("3-sheet")
        page.locator("#sheet button[type=submit]").click()
        page.wait_for_url(f"**open={place + 1}")
    assert page.locator("tbody .ok-text").count() >= 2

    # recount one figure from its cases
    w.go("/archive/audit")
    page.click("a[href='/reports/recount']")
    page.select_option("#pick-figure", "attainment")
    page.locator("form[action='/reports/recount'] button[type=submit]").click()
    page.locator("main p.ok-text").wait_for()
    seen("4-recounted")
    page.locator("section.panel header a, .panel header a").first.click()
    page.wait_for_selector("main tbody tr")
    seen("5-cases-behind")

    # overruled, late, back-dated, lowered levels
    for kind in ("accepted", "back", "overruled", "lowered"):
        w.go(f"/archive/access/exceptions?kind={kind}")
        assert page.locator("main tbody tr").count() >= 1, kind
    assert lowered in page.locator("main tbody").first.inner_text()
    w.go("/archive/access/exceptions")
    seen("6-exceptions")

    # export with proof, verified on a bare Python
    w.go("/archive?q=phone:13800130005")
    page.wait_for_selector("#results .hit")
    page.locator("a[href^='/archive/packages']").first.click()
    page.fill("#purpose", "年度审计抽查")
    page.locator("#purpose").press("Enter")
    page.wait_for_selector("#packages")
    worker, second = Worker(), 0
    while not packages.file_of(1).exists() or worker.packaging.run:
        worker.tick(clock.now() + timedelta(seconds=second))
        second += 4
    fetch = page.locator("#packages a[download]")
    fetch.wait_for(timeout=20_000)
    seen("7-package")
    with page.expect_download() as download:
        fetch.click()
    zipfile.ZipFile(download.value.path()).extractall(tmp_path / "out")
    folder = next((tmp_path / "out").iterdir())
    run = subprocess.run([sys.executable, "-I", "verify.py"], cwd=folder, capture_output=True, check=False)
    assert run.returncode == 0, run.stdout

    # a finding, its answer, and its end
    w.go("/archive/audit/samples/1?open=3")
    form = page.locator("form[action='/archive/audit/findings']")
    form.locator("textarea[name=text]").fill(FOUND)
    form.locator("button[type=submit]").click()
    page.wait_for_url("**/archive/audit/findings/1")
    head = window("head", locale, width, theme=theme)
    head.go("/archive/audit")
    head.page.locator("a[href='/archive/audit/findings/1']").click()
    head.page.fill("#answer", "录音已补充，本周内完成复查")
    head.shot(f"8-answering-{locale}-{width}-{theme}")
    head.page.locator("form[action$='/answer'] button").click()
    head.page.wait_for_selector(".pill")
    w.go("/notices")
    page.locator("a[href*='findings/1'], tr, li").first.wait_for()
    w.go("/archive/audit/findings/1")
    assert "录音已补充" in page.content()
    seen("9-answered")
    page.locator("form[action$='/close'] button").click()
    page.locator("form[action$='/close']").wait_for(state="detached")
    w.go("/archive/audit")
    seen("10-end-of-the-day")
