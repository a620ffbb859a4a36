"""The end of a shift in two windows: one gives the sheet, the other accepts it by name; roster and announcements."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from portal.collaboration import actions as together
from portal.identity import queries as people
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.i18n import local
from portal.roster import actions as roster
from tests.builders import judged_case, make_person

pytestmark = pytest.mark.browser


@pytest.fixture
def shift(crew):
    """Two P2 cases of 陈浩, whose shift ends; 高飞 is on duty from now on. The numbers."""
    agent, supervisor = people.actor_by_login("agent"), people.actor_by_login("supervisor")
    giver, head, now = people.actor_by_login("handler"), people.actor_by_login("head"), clock.now()
    with transaction():
        made = [
            judged_case(agent, supervisor, level="P2", unit="tech", now=now, contact=f"1380013100{n}") for n in range(2)
        ]
        for case in made:
            together.claim(giver, now, case)
        taker = make_person(role="handler", unit="tech", name="高飞", login="gaofei")
        roster.add(
            head, now, unit_id=giver.unit_id, person_id=taker.id, role="handler", kind="desk", begin=now,
            end=now + timedelta(hours=8),
        )  # fmt: skip
        return [case.no for case in made]


@pytest.mark.slow
def test_a_sheet_is_given_and_accepted_by_name(window, shift):
    giver, taker = window("handler"), window("gaofei")
    giver.go("/handover")
    assert giver.page.locator("#lines tbody tr").count() == 2
    giver.page.fill("[name=note]", "二期机房备件已到，钥匙在值班室")
    giver.page.locator("#give button[type=submit]").dblclick()
    giver.page.wait_for_url(re.compile(r"/handover/1$"))
    expect(giver.page.locator("main")).to_contain_text("尚无人接收")
    taker.go("/handover")
    taker.page.locator("#given a").click()
    expect(taker.page.locator("#facts")).to_contain_text("钥匙在值班室")
    assert taker.page.locator("[name=cases]:checked").count() == 2
    taker.page.get_by_label(shift[1]).uncheck()
    taker.shot("sheet")
    taker.page.get_by_role("button", name="接班（高飞）").click()
    expect(taker.page.locator(".banner-ok").first).to_be_visible()
    taker.go("/queues/mine")
    assert taker.page.locator("[data-row] .nr").all_inner_texts() == [shift[0]]
    giver.go("/queues/mine")
    assert giver.page.locator("[data-row] .nr").all_inner_texts() == [shift[1]]
    giver.go("/handover/1")
    expect(giver.page.locator(".banner-ok").first).to_contain_text("高飞")
    assert giver.page.locator("[name=cases]").count() == 0


@pytest.mark.slow
def test_a_shift_is_entered_and_an_announcement_read_and_counted(window, crew):
    head, handler, supervisor = window("head"), window("handler"), window("supervisor")
    head.go("/roster/new?unit=tech")
    head.page.select_option("#person", label="陈浩")
    head.page.select_option("#role", index=1)
    begin = local(clock.now()).replace(minute=0)
    head.page.fill("#since", f"{begin:%Y-%m-%dT%H:%M}")
    head.page.fill("#until", f"{begin - timedelta(hours=1):%Y-%m-%dT%H:%M}")
    head.page.locator("main form button[type=submit]").click()
    head.page.locator(".field-error").first.wait_for()
    head.page.fill("#until", f"{begin + timedelta(hours=8):%Y-%m-%dT%H:%M}")
    head.page.locator("main form button[type=submit]").click()
    expect(head.page.locator(".roster-table")).to_contain_text("陈浩")
    supervisor.go("/announcements/new")
    supervisor.page.fill("#title", "计费系统故障期间的统一口径")
    supervisor.page.fill("#wording", "充值会晚到账，请勿重复缴费")
    supervisor.page.locator("main form button[type=submit]").click()
    expect(supervisor.page.locator("#read")).to_contain_text(re.compile(r"0\s*/\s*\d+"))
    handler.go("/desk")
    expect(handler.page.locator("#announcements")).to_contain_text("请勿重复缴费")
    handler.page.get_by_role("button", name="我已阅读").click()
    handler.page.get_by_role("button", name="我已阅读").wait_for(state="detached")
    supervisor.page.reload()
    expect(supervisor.page.locator("#read")).to_contain_text(re.compile(r"1\s*/\s*\d+"))
    expect(supervisor.page.locator("#read ul")).to_contain_text("陈浩")
