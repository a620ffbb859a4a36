"""A level is disputed, voted on and settled, and a new time is agreed and approved, in a real browser."""

from datetime import timedelta

import pytest

from portal.collaboration import actions as together
from portal.identity import queries as people
from portal.identity.models import Person
from portal.identity.queries import actor_of
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.i18n import local
from tests import builders
from tests.browser.conftest import BOTH
from tests.browser.test_main_path import do

pytestmark = pytest.mark.browser
WORDS = {"zh-CN": ("等级会商", "剩", "同意"), "en-US": ("Consultation on the level", "Left", "Approve")}


def person(login):
    return actor_of(db.session.query(Person).filter_by(login=login).one())


@pytest.fixture
def case(window):
    """A P2 case in the hands of the technicians."""
    with transaction():
        made = builders.judged_case(
            person("agent"), person("supervisor"), level="P2", now=clock.now(), unit="tech", channel="email"
        )
        together.claim(person("handler"), clock.now(), made)
    assert people.unit_by_code("tech").id == made.unit_id
    return made.no


@pytest.mark.slow
@pytest.mark.parametrize("locale", BOTH)
def test_a_disputed_level_is_voted_on_and_settled(window, case, locale):
    heading, left, _approve = WORDS[locale]
    handler = window("handler", locale)
    handler.go(f"/cases/{case}")
    do(handler, "dispute", level="P1", why="同一小区已有多户来电，疑似区域故障")
    handler.page.locator("#case-waits").wait_for()
    do(handler, "vote", level="P1", words="机房告警显示汇聚设备异常")
    supervisor = window("supervisor", locale)
    supervisor.go(f"/cases/{case}/dispute")
    assert heading in supervisor.page.locator("h1").inner_text()
    supervisor.page.locator("sla-timer[kind=dispute]").get_by_text(left).wait_for()
    assert supervisor.fits()
    supervisor.shot("consultation")
    supervisor.page.locator(".page-head a[href$='/do/settle']").click()
    supervisor.page.locator("[name='settle-level'][value='P1']").check()
    supervisor.page.fill("[name='settle-reason']", "多户同时掉线，按紧急处理")
    supervisor.page.locator("button[data-submit]").click()
    supervisor.page.wait_for_url("**/dispute?done=settle")
    assert "P2 → P1" in supervisor.page.locator("main").inner_text()
    supervisor.shot("settled")
    phone = window("head", locale, width=390, theme="dark")
    phone.go(f"/cases/{case}/dispute")
    assert phone.fits()
    phone.shot("phone")


@pytest.mark.slow
@pytest.mark.parametrize("locale", BOTH)
def test_a_new_time_is_agreed_and_approved(window, case, locale):
    handler = window("handler", locale)
    handler.go(f"/cases/{case}")
    until = local(clock.now() + timedelta(hours=30))
    do(handler, "extend", due=f"{until:%Y-%m-%d %H:%M}", reason="备件明早到货", told="已致电说明原因并致歉")
    assert f"{until:%Y-%m-%d %H:%M}" in handler.page.locator("#case-waits").inner_text()
    supervisor = window("supervisor", locale)
    supervisor.go(f"/cases/{case}")
    supervisor.shot("waiting")
    supervisor.page.locator("#case-waits a").click()
    form = supervisor.page.locator("#deed-approve")
    assert WORDS[locale][2] in form.inner_text()
    form.locator("[value='approve']").check()
    form.locator("button[data-submit]").click()
    supervisor.page.locator("#case-said .banner-ok").wait_for()
    supervisor.page.locator("#case-waits").wait_for(state="detached")
    supervisor.shot("approved")
