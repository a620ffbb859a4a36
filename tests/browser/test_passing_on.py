"""Handing to and fro, chasing, a customer who is twice not satisfied, each in several real windows."""

import re

import pytest
from playwright.sync_api import expect

from portal.cases import actions as cases
from portal.cases import queries
from portal.collaboration import actions as together
from portal.identity import queries as people
from portal.kernel import clock
from portal.kernel.db import transaction
from tests.browser.conftest import Window
from tests.browser.test_main_path import do
from tests.builders import judged_case, make_person

pytestmark = pytest.mark.browser


def claimed() -> str:
    """The number of a P2 case in the hands of 陈浩 of the technicians."""
    agent, supervisor = people.actor_by_login("agent"), people.actor_by_login("supervisor")
    with transaction():
        made = judged_case(agent, supervisor, level="P2", unit="tech", now=clock.now())
        together.claim(people.actor_by_login("handler"), clock.now(), made)
        return made.no


def claim(w: Window, no: str) -> None:
    """Takes the case by its key."""
    w.go(f"/cases/{no}")
    w.page.keyboard.press("c")
    w.page.locator("#case-said .banner-ok").wait_for()


def send(w: Window, no: str, deed: str, **fields: str) -> None:
    """Sends a form after which the case may be out of this person's sight."""
    w.go(f"/cases/{no}/do/{deed}")
    for name, value in fields.items():
        field = w.page.locator(f"[name='{deed}-{name}']")
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(label=value) if name == "unit" else field.select_option(value)
        else:
            field.fill(value)
    w.page.locator("button[data-submit]").click()
    w.page.locator(f"#deed-{deed}").wait_for(state="detached")


def news(w: Window) -> str:
    """What the bell leads to."""
    w.go("/notices")
    return w.page.locator("main").inner_text()


@pytest.mark.slow
def test_the_third_hand_over_goes_to_the_supervisor(window, crew):
    with transaction():
        make_person(role="handler", unit="business", name="王丽娜", login="business")
    no = claimed()
    tech, business, supervisor = window("handler"), window("business"), window("supervisor")
    send(tech, no, "transfer", unit="业务处理组", reason="需核对账务记录")
    business.go("/queues/business")
    business.page.locator("[data-row]", has_text=no).get_by_text("待接收").wait_for()
    send(business, no, "return", code="not_ours", words="属线路故障，账务无误")
    assert "第三次" not in news(supervisor)
    claim(tech, no)
    expect(tech.page.locator("#case-top .meta")).to_contain_text("退单 1 次")
    supervisor.go("/queues/judging")
    send(tech, no, "transfer", unit="业务处理组", reason="仍需账务确认")
    supervisor.page.locator("#bell b").wait_for()
    told = news(supervisor)
    assert ("第三次" in told, no in told) == (True, True)
    supervisor.shot("told")
    assert "第三次" not in news(business)


@pytest.mark.slow
def test_the_chased_person_sees_it_at_once_and_the_second_time_the_head_too(window, crew):
    no = claimed()
    handler, head, agent = window("handler"), window("head"), window("agent")
    handler.go("/queues/mine")
    row = handler.page.locator("[data-row]", has_text=no)
    assert row.locator(".tag-chase").count() == 0
    head.go("/desk")
    before = handler.page.locator("#bell b").inner_text()
    agent.go(f"/cases/{no}")
    do(agent, "chase", words="客户第二次来电询问何时上门")
    expect(row.locator(".tag-chase")).to_have_text(re.compile("催办 1"), timeout=4_000)
    expect(handler.page.locator("#bell b")).to_have_text(str(int(before) + 1), timeout=4_000)
    handler.shot("row")
    assert "催办" in news(handler)
    assert "催办" not in news(head)
    do(agent, "chase", words="客户再次来电，要求今天有人联系")
    assert "催办" in news(head)
    handler.go(f"/cases/{no}")
    expect(handler.page.locator("#case-top")).to_contain_text("催办 2")
    assert "客户再次来电" in handler.page.locator("main").inner_text()


@pytest.mark.slow
def test_a_customer_twice_unhappy_begins_two_more_rounds_with_every_word_kept(window, crew):
    no = claimed()
    said = ("还是掉线，晚上尤其厉害", "好了一天又断了", "这次真的好了")
    handler, agent = window("handler"), window("agent")
    for n, words in enumerate(said, start=1):
        hand_a_result(no, n)
        agent.go(f"/cases/{no}")
        do(agent, "confirm", verdict="satisfied" if n == 3 else "not_satisfied", means="phone", words=words)
        if n < 3:
            expect(agent.page.locator("#case-top .meta")).to_contain_text(f"第 {n + 1} 轮")
            handler.go("/queues/mine")
            handler.page.locator("[data-row]", has_text=no).get_by_text("处理中").wait_for()
    handler.go(f"/cases/{no}")
    page = handler.page.locator("main").inner_text()
    assert [one for one in said if one not in page] == []
    assert [n for n in (1, 2, 3) if f"第 {n} 次处理" not in page] == []
    agent.shot("third-round")


def hand_a_result(no: str, n: int) -> None:
    """The handler's result of this round, told to the customer."""
    handler, now = people.actor_by_login("handler"), clock.now()
    with transaction():
        case = queries.case_to_change(handler, no)
        cases.contact(handler, now, case, direction="out", means="phone", reached=True, words="已与客户核实现象")
        cases.write_result(
            handler, now, case, text=f"第 {n} 次处理：更换接头", cause_category="equipment", cause="老化"
        )
        cases.tell(handler, now, case, means="phone", words="已告知结果")
