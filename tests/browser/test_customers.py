"""IN1, IN8, IN14 in a real browser: a request by keyboard alone, a contact linked with Enter, the pages of files."""

import time

import pytest

from portal.cases.models import Case
from portal.directory import actions, pair_actions, queries
from portal.kernel import clock
from portal.kernel.db import db, transaction
from tests.browser.conftest import Window
from tests.builders import make_case, make_person

pytestmark = pytest.mark.browser
SAID = "移机后光猫 LOS 灯常亮红色，手机和电脑都不能上网，重启两次无效"
LONG = "江南滨江新区望湖连锁超市股份有限公司临港物流园第二分公司客户服务与采购联合办公室"


def typed(w: Window, *texts: str) -> int:
    """Types texts into one field after the other, Tab between them; how many stops it took to come to the next one."""
    stops = 0
    for n, text in enumerate(texts):
        if n:
            w.page.keyboard.press("Tab")
            stops += 1
        if text:
            w.page.keyboard.type(text)
    return stops


def cases() -> int:
    db.session.rollback()
    return db.session.query(Case).count()


@pytest.mark.slow
def test_a_known_customer_needs_six_stops_and_an_unknown_one_twelve(window, served):
    with transaction():
        make_case(make_person(name="王静", login="other"), now=clock.now())
    w = window("agent")
    for contact, name, most in (("13800130013", "", 6), ("13711112222", "陈晓东", 12)):
        w.go("/intake/new")
        assert w.page.evaluate("document.activeElement.id") == "contact"
        stops = typed(
            w, contact, name, SAID if name else "上月账单多扣了二十元，要求核对并退回", "今天早上八点", "今天修好"
        )
        assert stops <= most
        w.page.locator("#similar .hit .no").first.wait_for()
        assert w.page.evaluate("document.activeElement.id") == "demand"  # nothing has stolen the focus
        w.shot(f"intake-{most}")
        w.page.keyboard.press("Control+Enter")
        w.page.wait_for_url("**/cases/CS*")
    assert cases() == 3


@pytest.mark.slow
def test_eighty_characters_at_five_keys_a_second_are_saved_within_a_minute(window, served):
    w, said = (
        window("agent"),
        (SAID + "，昨晚已经报过一次，师傅说今天上午来，到现在没有人联系，家里老人要用电话，孩子要上网课，请尽快")[:80],
    )
    w.go("/intake/new")
    begun = time.monotonic()
    for n, text in enumerate(("13711112222", "陈晓东", said, "今天早上八点", "今天修好")):
        if n:
            w.page.keyboard.press("Tab")
        w.page.keyboard.type(text, delay=200)
    w.page.keyboard.press("Control+Enter")
    w.page.wait_for_url("**/cases/CS*")
    assert time.monotonic() - begun < 60
    assert len(said) == 80
    db.session.rollback()
    assert db.session.query(Case).one().description == said


@pytest.mark.slow
def test_enter_on_a_case_alike_links_the_contact_and_makes_no_case(window, served):
    with transaction():
        case = make_case(make_person(name="王静", login="other"), now=clock.now())
    w = window("agent")
    w.go("/intake/new")
    typed(w, "13800130013", "", "还是 LOS 灯常亮红色，手机电脑都不能上网")
    w.page.locator(f"#link-{case.no}").wait_for()
    w.page.keyboard.press("Alt+j")
    w.page.wait_for_function("() => document.activeElement.id.startsWith('link-')")
    w.shot("link")
    w.page.keyboard.press("Enter")
    w.page.wait_for_url("**/cases/CS*linked=1")
    assert "还是 LOS 灯常亮红色" in w.page.content()
    assert cases() == 1


@pytest.mark.slow
@pytest.mark.parametrize(("locale", "theme", "width"), [("zh-CN", "light", 1366), ("en-US", "dark", 360)])
def test_the_pages_of_customers_fit_and_read_well(window, served, locale, theme, width):
    first = make(LONG)
    w = window("supervisor", locale, width=width, theme=theme)
    for name, path in {
        "list": "/customers", "none": "/customers?q=zzz", "file": f"/customers/{first}",
        "merged": f"/customers/{first + 1}",
        "pairs": "/customers/pairs", "class": f"/customers/{first}/do/class", "mark": f"/customers/{first}/do/mark",
        "lists": "/admin/lists", "entry": "/admin/lists/type/entry?code=dispute", "new": "/admin/lists/class/entry",
        "box": "/archive?q=0013",
    }.items():  # fmt: skip
        w.go(path)
        assert w.fits(), path
        w.shot(f"{name}-{width}")


def make(name: str) -> int:
    """A customer with a long name, merged, proposed, marked."""
    with transaction():
        now = clock.now()
        one, two = make_person(name="王静", login="one"), make_person(name="李强", login="two", role="supervisor")
        for contact in ("13800130013", "13900130013", "13700130013"):
            make_case(one, now, contact=contact, customer_name=name)
        files = [queries.find(c) for c in ("13800130013", "13900130013", "13700130013")]
        actions.write_note(one, now, files[0], text="听力不便，请慢些说")
        actions.set_class(two, now, files[0], category="vip", reason="重点客户")
        pair_actions.merge(two, now, pair_actions.propose(one, now, files[0], files[1], reason="同一单位两个号码"))
        pair_actions.propose(one, now, files[0], files[2], reason="同一单位第三个号码")
        return files[0].id
