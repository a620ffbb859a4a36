"""Bringing another system's cases in, in a real browser: mapped, tried, brought in while the page looks on."""

import pytest
from playwright.sync_api import expect

from portal.intake.import_job import Importing
from portal.kernel import clock
from tests.browser.conftest import BOTH
from tests.intake.test_sheets import workbook

pytestmark = pytest.mark.browser
SHEET = "反馈内容,客户,期望,备注\n" + "".join(
    f"第{n}号：宽带昨晚起频繁掉线，重启光猫无效，一个很长很长的说明说明说明说明,客户{n},上门修好,无\n"
    for n in range(30)
)


def book() -> bytes:
    """The same rows on the second sheet of a workbook, and one that says nothing."""
    rows = [line.split(",") for line in SHEET.splitlines()]
    return workbook(说明=[["先看第二张表"]], 数据=[*rows, ["", "客户", "", ""]])


def work() -> None:
    """The worker takes its turn."""
    worker = Importing()
    while worker.step(clock.now(), seconds=5):
        pass


@pytest.mark.slow
@pytest.mark.parametrize("locale", BOTH)
def test_a_sheet_is_mapped_tried_and_brought_in(served, window, locale):
    w = window("supervisor", locale=locale)
    page = w.page
    w.go("/imports")
    w.shot("1-empty")
    spreadsheet = locale == "zh-CN"  # English brings the same rows as text
    name, content = ("旧系统导出.xlsx", book()) if spreadsheet else ("旧系统导出.csv", (SHEET + "只有一格\n").encode())
    page.set_input_files("#file", {"name": name, "mimeType": "application/octet-stream", "buffer": content})
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/imports/*")
    if spreadsheet:
        w.shot("1-sheets")
        page.select_option("#sheet", "数据")
        page.locator("#sheets button[type=submit]").click()
        expect(page.locator("#preview")).to_contain_text("第0号")
    page.select_option("[name=column-description]", "反馈内容")
    page.select_option("[name=column-customer_name]", "客户")
    page.select_option("[name=column-demand]", "期望")
    page.fill("[name=default-happened]", "见反馈内容")
    w.shot("2-mapping")
    page.locator("#mapping button[type=submit]").click()
    page.locator("#progress progress").wait_for()
    work()
    expect(page.locator("#progress form button")).to_contain_text("30", timeout=6000)
    w.shot("3-tried")
    page.locator("#progress form button").click()
    page.locator("#progress progress").wait_for()
    work()
    expect(page.locator("#progress")).to_contain_text("CS26", timeout=6000)
    assert page.locator("#progress tbody tr").count() == 1
    w.shot("4-done")
    page.set_viewport_size({"width": 360, "height": 740})
    w.go("/imports/1")
    w.shot("5-phone")
    assert w.fits()
