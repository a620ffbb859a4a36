"""EM3, EM5, EM9: an emergency in a browser from its declaration to its end; the wall measured; pictures."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from portal.backup import actions as papers
from portal.identity import queries as people
from portal.incidents import actions, drill_actions, queries, screen_actions, telling
from portal.kernel import clock
from portal.kernel.db import transaction
from tests.browser.conftest import BOTH
from tests.browser.test_main_path import deed

pytestmark = pytest.mark.browser
SMALLEST = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), box = walker.currentNode.parentElement;
    if (!text || !box.checkVisibility() || box.closest('.visually-hidden, script, template')) continue;
    const size = parseFloat(getComputedStyle(box).fontSize);
    if (size < 28) found.push([text.slice(0, 30), size]);
  }
  return found;
}"""
SIZE = """name => {
  const box = document.querySelector(`[data-wall=${name}]`);
  return parseFloat(getComputedStyle(box.querySelector('sla-timer') || box).fontSize);
}"""
HIDDEN = """() => [...document.querySelectorAll('[data-fact]')].filter(fact => {
  const box = fact.getBoundingClientRect();
  return box.bottom > innerHeight + 1 || box.right > innerWidth + 1;
}).map(fact => fact.textContent.trim().slice(0, 40))"""


def emergency(now, *, exercise=False):
    """A declared incident with long words everywhere and a promise to customers."""
    watch, commander = people.actor_by_login("watch"), people.actor_by_login("commander")
    incident = actions.report(
        watch, now - timedelta(minutes=80), title="热线系统全部占线，客户打不进来，网上营业厅同时缓慢", kind="hotline",
        extent="mass", place="总部机房", scope="全部热线占线", cause="", occurred=now - timedelta(minutes=95),
        affected=128_400, exercise=exercise,
    )  # fmt: skip
    roles = {"commander": commander.id, "technical": people.actor_by_login("head").id}
    then = now - timedelta(minutes=70)
    actions.declare(watch, then, incident, kind="hotline", grade="severe", roles=roles)
    n = telling.draft_announcement(
        people.actor_by_login("responder"), then, incident,
        text="尊敬的客户：热线暂时无法接通，我们正在抢修；急事请拨 0571-8800-2211 或在手机营业厅留言，恢复后立即告知。",
        channels="官网、社交媒体", recovery=now + timedelta(minutes=40), next_news=now + timedelta(minutes=15),
    )  # fmt: skip
    telling.publish_announcement(commander, then, incident, n=n)
    return incident


@pytest.mark.parametrize("locale", BOTH)
def test_the_wall_is_read_from_afar_and_holds_twelve_facts_at_most(window, served, locale):
    with transaction():
        emergency(clock.now())
        secret = screen_actions.add(people.actor_by_login("watch"), clock.now(), name="东墙")
    w = window("agent", locale=locale, width=1920, height=1080, theme="dark")
    w.page.context.clear_cookies()
    w.go(f"/wall/{secret}")
    w.page.locator("[data-wall=clock]").wait_for()
    assert w.page.evaluate(SMALLEST) == []
    assert w.page.evaluate(SIZE, "clock") >= 96
    assert w.page.evaluate(SIZE, "grade") >= 96
    assert w.page.locator("[data-fact]").count() <= 12
    assert w.page.evaluate(HIDDEN) == []
    w.shot("wall")


@pytest.mark.slow
@pytest.mark.parametrize("locale", BOTH)
def test_an_emergency_from_its_declaration_to_its_end(window, served, locale):
    w, watch = window("commander", locale=locale), window("watch", locale=locale)
    with transaction():
        now = clock.now()
        incident = actions.report(
            people.actor_by_login("agent"), now, title="热线系统故障", kind="hotline", extent="many", place="总部机房",
            scope="热线占线", cause="", occurred=now - timedelta(minutes=9),
        )  # fmt: skip
    w.go(f"/incidents/{incident.no}")
    deed(w, "declare")
    w.page.locator("#tasks tbody tr").first.wait_for()
    wall = window("watch", locale=locale, width=1920, height=1080, theme="dark")
    wall.go(f"/incidents/{incident.no}/wall")
    phone = window("commander", locale=locale, width=360, height=740)
    phone.go(f"/incidents/{incident.no}")
    expect(phone.page.locator(".thumb")).to_be_visible()
    assert phone.fits()
    phone.shot("phone")
    for one in (w, phone):
        one.page.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
        expect(one.page.locator("#board-acts .btn-primary")).to_be_in_viewport()
    deed(watch_on(watch, incident.no), "entry", text="备用网关已接管")
    deed(w, "situation", text="备用网关接管，抽拨正常")
    wall.page.wait_for_timeout(2500)
    wall.shot("wall")
    with transaction():
        here = queries.incident_to_change(people.actor_by_login("watch"), incident.no)
        n = telling.draft_announcement(
            people.actor_by_login("responder"), clock.now(), here, text="热线已恢复", channels="官网", restored=True
        )
        assert n == 1
    w.go(f"/incidents/{incident.no}")
    deed(w, "publish")
    w.shot("board")
    for _criterion in here.criteria:
        deed(w, "criterion", how="值班工程师抽拨二十通")
    w.page.locator("a[href*='/do/end']").first.click()
    form = w.page.locator("form#deed")
    form.wait_for()
    for field in form.locator("input[type=text]").all():
        field.fill("转入日常跟进")
    form.locator("textarea").fill("热线恢复")
    form.locator("button[type=submit]").click()
    form.wait_for(state="detached")
    expect(w.page.locator("#statement")).to_contain_text("热线恢复")
    w.shot("ended")


def watch_on(w, no):
    """The watch's window on the board."""
    w.go(f"/incidents/{no}")
    return w


@pytest.mark.slow
@pytest.mark.parametrize("locale", BOTH)
def test_pictures_of_drills_backup_channel_and_the_past(window, served, locale):
    now = clock.now()
    with transaction():
        quality, head = people.actor_by_login("quality"), people.actor_by_login("head")
        for days in (3, 40):
            drill = drill_actions.plan(
                quality, now, kind="hotline", title="热线中断演练：备用网关实切与备用手机受理全流程", extent="many",
                place="总部", scenario="热线全部占线音", planned=now + timedelta(days=days), owner_id=head.id,
                objectives={}, injects="T+10 记者来电\nT+25 恢复时间推迟一小时",
            )  # fmt: skip
        incident = drill_actions.begin(people.actor_by_login("watch"), now, drill)
        roles = {"commander": people.actor_by_login("commander").id}
        actions.declare(
            people.actor_by_login("watch"), now, incident, kind="hotline", grade="major", roles=roles
        )  # fmt: skip
        supervisor = people.actor_by_login("supervisor")
        block = papers.issue(supervisor, now, unit_id=people.unit_id("service"), count=5)
        papers.hand_out(supervisor, now, block, incident_id=incident.id)
        papers.count(supervisor, now, block)
    paths = {
        "drills": "/incidents/drills", "drill-new": "/incidents/drills/new", "drill": "/incidents/drills/1",
        "board": f"/incidents/{incident.no}", "past": f"/incidents/{incident.no}/at", "backup": "/backup",
        "block": "/backup/blocks/1", "enter": "/backup/enter?serial=BK-SERVICE-0001", "phones": "/backup/phones",
        "screens": "/incidents/screens", "offline": "/offline/", "incidents": "/incidents", "notices": "/notices",
    }  # fmt: skip
    wrong = []
    for who, width, theme in (("supervisor", 1366, "light"), ("commander", 1366, "dark"), ("watch", 360, "light")):
        w = window(who, locale=locale, width=width, theme=theme)
        for name, path in paths.items():
            w.go(path)
            wrong += [] if w.fits() else [(path, width)]
            w.shot(f"{name}-{width}-{theme}")
    assert wrong == []
