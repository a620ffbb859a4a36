"""From the report to the end in a browser: declared, customers told, every case reached, the announcement closed."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from portal.identity import queries as people
from portal.incidents import actions, closing_actions, queries, telling
from portal.incidents.milestones import BY_HAND
from portal.jobs.news import pass_on_news
from portal.kernel import clock
from portal.kernel.db import db, transaction
from tests.browser.conftest import BOTH
from tests.builders import judged_case
from tests.incidents.builders import reported

pytestmark = pytest.mark.browser
WORDS = {
    "zh-CN": {"first": "热线故障公告", "back": "恢复公告", "sent": "公告已发布",
              "refused": "最近对客公告没有说明服务已恢复"},
    "en-US": {"first": "Hotline is down", "back": "Service is back", "sent": "The announcement is published",
              "refused": "What customers heard last does not say"},
}  # fmt: skip


def now_():
    return datetime.fromtimestamp(clock.millis() // 1000, UTC)


def person(login):
    return people.actor_of(people.person_by_login(login))


def typed(moment):
    return moment.astimezone().strftime("%Y-%m-%dT%H:%M")


def draft(there, no, name, *, ahead=True):
    """A draft from a template of the plan, its times filled in, sent from the board."""
    there.go(f"/incidents/{no}")
    there.page.click("#said a[href*='/do/announce']")
    there.page.click(f"#deed a:has-text('{name}')")
    expect(there.page.locator("#text")).not_to_have_value("")
    english = there.page.locator("#text_en")  # what was reported in Chinese fills no place of it
    english.fill(english.input_value().replace("{scope}", "the hotline"))
    there.page.fill("#channels", "官网、短信")
    if ahead:
        there.page.fill("#recovery", LATER)
        there.page.fill("#next_news", LATER)
    there.page.click("#deed button[type=submit]")
    there.page.wait_for_selector("#deed [role=status]")


def publish(there, no, words):
    there.go(f"/incidents/{no}")
    there.page.click("#said a[href*='/do/publish']")
    there.page.wait_for_selector("#preview li")
    there.shot("publish")
    there.page.click("#deed button[type=submit]")
    expect(there.page.locator("#deed [role=status]")).to_contain_text(words["sent"])


LATER = "2099-11-24T12:00"


def sent(w, no):
    """Sends a form that stands on a page of its own; it leads to the board."""
    w.page.click("#deed button[type=submit]")
    w.page.wait_for_url(re.compile(rf"/incidents/{no}(#.*)?$"))


def linked(no, count=6):
    made = [
        judged_case(person("agent"), person("supervisor"), now=now_(), unit="tech" if n % 2 else "business",
                    contact=f"1390000{n:04}")
        for n in range(count)
    ]  # fmt: skip
    telling.link_cases(
        person("agent"), now_(), queries.incident_by_no(person("agent"), no), numbers=[c.no for c in made]
    )


@pytest.mark.slow
def test_customers_are_told_from_the_board_and_every_case_hears(served, window):
    looking = window("agent")
    looking.go("/status")
    with transaction():
        no = reported(person("agent"), now_(), affected=2400).no
        incident = queries.incident_by_no(person("watch"), no)
        roles = {"commander": person("commander").id}
        actions.declare(person("watch"), now_(), incident, kind="hotline", grade="major", roles=roles)
        linked(no, 3)
    expect(looking.page.locator("#alarms")).to_contain_text("热线系统故障")  # the check brings it to open pages
    draft(window("responder"), no, WORDS["zh-CN"]["first"])
    there = window("commander")
    publish(there, no, WORDS["zh-CN"])
    assert pass_on_news(now_()) == 3
    expect(there.page.locator("#reach")).to_contain_text("3 / 3")  # the check brings it
    expect(looking.page.locator("#status .matter")).to_have_count(1)


@pytest.mark.slow
@pytest.mark.parametrize("locale", BOTH)
def test_declared_announced_and_closed(served, window, locale):
    words = WORDS[locale]
    agent = window("agent", locale=locale)
    agent.go("/incidents/report")
    agent.shot("report")
    for name, value in (("title", "热线全部占线"), ("place", "总部机房"), ("scope", "全部热线呼入失败"),
                        ("cause", "网关板卡故障"), ("affected", "2400"), ("hours", "5")):  # fmt: skip
        agent.page.fill(f"#{name}", value)
    agent.page.select_option("#kind", "hotline")
    agent.page.check("input[name=extent][value=many]")
    agent.page.check("input[name=attention][value=asked]")
    agent.page.click("#report-form button[type=submit]")
    agent.page.wait_for_url("**/incidents/INC-*")
    no = agent.page.url.rsplit("/", 1)[1]
    boss = window("commander", locale=locale)
    boss.go(f"/incidents/{no}/do/declare")
    boss.shot("declare")
    sent(boss, no)
    with transaction():
        linked(no, 21)
    boss.go(f"/incidents/{no}")
    boss.shot("board-declared")
    writer = window("responder", locale=locale)
    draft(writer, no, words["first"])
    writer.shot("board-draft")
    publish(boss, no, words)
    boss.go(f"/incidents/{no}/do/end")
    expect(boss.page.locator("#preview")).to_contain_text(words["refused"])
    boss.shot("end-refused")
    assert pass_on_news(now_()) == 21
    writer.go(f"/incidents/{no}/do/put_up")
    writer.page.check("input[name=channel] >> nth=0")
    sent(writer, no)
    boss.go(f"/incidents/{no}")
    boss.shot("board-told")
    boss.go("/status")
    boss.shot("status")
    draft(writer, no, words["back"], ahead=False)
    publish(boss, no, words)
    pass_on_news(now_())
    settle(no)
    boss.go(f"/incidents/{no}/do/end")
    for field in boss.page.locator("input[name^=why_]").all():
        field.fill("转日常跟进")
    boss.page.fill("#statement", "热线恢复")
    sent(boss, no)
    boss.go(f"/incidents/{no}")
    boss.shot("board-ended")
    with transaction():
        case_no = queries.linked(queries.incident_by_no(person("agent"), no).id)[0].no
    desk = window("supervisor", locale=locale)
    for path, name in (
        (f"/cases/{case_no}", "case"),
        ("/plans", "plans"),
        ("/plans/hotline", "plan"),
        ("/notices", "notices"),
    ):
        desk.go(path)
        desk.shot(name)
    editor = window("watch", locale=locale)
    editor.go("/plans")
    editor.page.click("form[action='/plans/draft'] button")
    editor.page.wait_for_url("**/plans/version/3")
    editor.shot("plan-draft")
    editor.page.click("#class-hotline summary")
    editor.page.click("#task-hotline a >> nth=0")
    editor.page.fill("#minutes", "0")
    editor.shot("plan-row")
    editor.page.click("#plan-row button[type=submit]")
    editor.page.wait_for_url("**/plans/version/3*")
    editor.shot("plan-findings")
    phone = window("supervisor", locale=locale, width=360, height=740, theme="dark")
    for path, name in ((f"/incidents/{no}", "phone-board"), ("/status", "phone-status"),
                       ("/plans/hotline", "phone-plan"), ("/plans", "phone-plans"),
                       ("/plans/version/3", "phone-draft")):  # fmt: skip
        phone.go(path)
        phone.shot(name)
        assert phone.fits(), path


def settle(no):
    """What else the end asks for: conditions, milestones."""
    later = now_() + timedelta(minutes=45)
    with transaction():
        incident = queries.incident_to_change(person("responder"), no)
        for criterion in incident.criteria:
            telling.settle_criterion(person("responder"), later, incident, code=criterion["code"], how="已核实")
        for code in BY_HAND[-2:]:
            closing_actions.set_milestone(
                person("responder"), later, incident, code=code, moment=later, basis="话务平台"
            )
    db.session.remove()
