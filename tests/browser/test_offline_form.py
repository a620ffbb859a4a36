"""EM5: with the network cut the offline form opens, keeps what is typed, and sends it once when the portal is back."""

import json

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portal.backup import kit
from portal.backup.models import BackEntry
from portal.cases.models import Case
from portal.kernel.db import db

pytestmark = pytest.mark.browser
SAID = {
    "heard_by": "李敏", "customer_name": "王芳", "contact": "13800130013", "occurred": "今天早上八点半",
    "description": "热线打不通，宽带 LOS 灯红色", "demand": "今天恢复",
}  # fmt: skip


def fill(page, **changes):
    for name, words in (SAID | changes).items():
        page.locator(f"#offline [name={name}]").fill(words)
    page.locator("#offline button[type=submit]").click()


def test_the_form_works_without_the_portal_and_sends_once_when_it_is_back(window, served):
    w = window("agent")
    page, line = w.page, w.page.context
    w.go("/offline/")
    expect(page.locator("#say-ready")).to_be_visible()
    line.set_offline(True)
    w.go("/offline/")  # opened anew while the portal is away
    expect(page.locator("#say-away")).to_be_visible()
    fill(page)
    fill(page, customer_name="赵强", contact="13900139000")
    expect(page.locator("#count")).to_have_text("2")
    w.shot("away")
    page.reload()
    expect(page.locator("#count")).to_have_text("2")  # it waits in the browser
    assert "13800130013" not in page.locator("body").inner_text()  # and cannot be read there
    held = page.evaluate("localStorage.getItem('portal-offline')")
    line.set_offline(False)
    page.locator("#send").click()
    expect(page.locator("#count")).to_have_text("0")
    assert page.evaluate("localStorage.getItem('portal-offline')") == "[]"
    page.evaluate("held => localStorage.setItem('portal-offline', held)", held)  # as if the answer had been lost
    page.reload()
    expect(page.locator("#count")).to_have_text("0")
    assert json.loads(held)[0]["customer_name"] == "王芳"
    assert [c.customer_name for c in db.session.scalars(select(Case).order_by(Case.id))] == ["王芳", "赵强"]
    assert db.session.query(BackEntry).count() == 2
    w.complaints.clear()  # the browser logs the requests that went nowhere


def test_who_is_not_signed_in_loses_nothing(window, served):
    w = window("agent")
    w.go("/offline/")
    expect(w.page.locator("#say-ready")).to_be_visible()
    w.page.context.clear_cookies()
    w.go("/offline/")
    fill(w.page)
    expect(w.page.locator("#say-sign-in")).to_be_visible()
    expect(w.page.locator("#count")).to_have_text("1")
    w.complaints.clear()


@pytest.mark.slow
@pytest.mark.parametrize("language", kit.FORMS)
def test_the_file_of_the_kit_is_opened_from_the_disk(chromium, served, tmp_path, language):
    file = tmp_path / kit.FORMS[language]
    file.write_text(kit.offline_file(language), encoding="utf-8")
    context = chromium.new_context(offline=True, accept_downloads=True)
    page = context.new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(file.as_uri())
    fill(page)
    expect(page.locator("#count")).to_have_text("1")
    with page.expect_download() as download:
        page.locator("#save").click()
    saved = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert saved["entries"][0]["contact"] == "13800130013"
    page.locator("#clear").click()
    expect(page.locator("#count")).to_have_text("0")
    context.close()
    assert wrong == []
