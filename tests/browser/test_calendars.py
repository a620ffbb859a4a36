"""SL3 in a real browser: a day is edited in the month and put in force, in both languages; an import is put right."""

import re
from datetime import timedelta

import pytest

from portal.clocks import book
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.i18n import local
from tests.browser.conftest import BOTH

pytestmark = pytest.mark.browser
WORDS = {
    "zh-CN": {"half": "半天", "draft": "草稿", "made": "已生成版本 2", "typed": "公司庆典", "late": "尚未载入"},
    "en-US": {"half": "Half day", "draft": "draft", "made": "Version 2 is made", "typed": "Anniversary",
              "late": "are not loaded"},
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("locale", BOTH)
def test_a_day_is_edited_in_the_month_and_put_in_force(window, locale):
    words, w = WORDS[locale], window("admin", locale)
    page = w.page
    w.go("/admin/calendars")
    page.locator("a.row-title[href$='/cn-business']").click()
    page.locator("a[rel=next]").click()
    page.wait_for_url("**month=*")
    month = re.search(r"month=(\d{4}-\d\d)", page.url)[1]
    day = page.locator(f"#d-{month}-15")
    day.click()
    form = page.locator("#day form")
    form.locator("[name=day-kind][value=half]").check()
    form.locator("[name=day-hours]").fill("09:00-12:00, 11:00-13:00")
    form.locator("[name=day-name]").fill(words["typed"])
    form.locator("button[type=submit]").click()
    page.locator("#day-hours-error").wait_for()
    assert page.locator("[name=day-name]").input_value() == words["typed"]
    assert page.locator("[name=day-kind][value=half]").is_checked()
    w.shot("refused")
    page.locator("[name=day-hours]").fill("09:00-12:00")
    page.locator("#day form button[type=submit]").click()
    page.locator("#draft").wait_for()
    shown = page.locator(f"#d-{month}-15").inner_text()
    assert words["half"] in shown
    assert words["draft"].lower() in shown.lower()
    w.shot("draft")
    page.locator("#draft [name=force-note]").fill(words["typed"])
    page.locator("#draft form button.btn-primary").click()
    page.locator(".banner-ok", has_text=words["made"]).wait_for()
    assert words["typed"] in page.locator("#versions").inner_text()
    w.shot("in-force")
    db.session.rollback()
    found = book.in_force(clock.now()).calendars["cn-business"]
    assert found.version == 2
    assert [s.name for day, s in found.exceptions.items() if day.isoformat() == f"{month}-15"] == [words["typed"]]


@pytest.mark.slow
@pytest.mark.parametrize("locale", BOTH)
def test_a_year_is_imported_after_its_bad_line_was_put_right(window, locale):
    w = window("admin", locale)
    page, year = w.page, (local(clock.now()) + timedelta(days=366)).year
    w.go("/admin/calendars/cn-business/import")
    page.locator("[name=year]").fill(str(year))
    text = f"{year}-01-01,holiday,,元旦\n{year}-02-31,working,,春节\n"
    page.locator("[name=file]").set_input_files(
        {"name": "year.csv", "mimeType": "text/csv", "buffer": text.encode("gb18030")}
    )
    page.locator("button[value=try]").click()
    assert "02-31" in page.locator("#faults").inner_text()
    w.shot("faults")
    page.locator("[name=text]").fill(text.replace("02-31", "02-20"))
    page.locator("button[value=try]").click()
    page.locator("#trial").wait_for()
    w.shot("trial")
    page.locator("button[value=save]").click()
    page.locator("#draft").wait_for()
    assert f"{year}-02-20" in page.locator("#draft").inner_text()


@pytest.mark.slow
@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (390, "dark"), (1366, "dark"), (3840, "light")])
def test_the_pages_fit_every_screen(window, width, theme):
    for locale in WORDS:
        w = window("admin", locale, width=width, height=900, theme=theme)
        for name, path in (
            ("list", ""), ("new", "/new"), ("month", "/cn-business?month=2026-10&day=2026-10-10"),
            ("import", "/cn-business/import"),
        ):  # fmt: skip
            w.go(f"/admin/calendars{path}")
            w.shot(f"{name}-{locale}-{width}-{theme}")
            assert w.fits(), (locale, name)
