"""QU1, QU11: one's own views: followed cases, saved filters, columns and density, forgotten cases as a segment."""

import re
from datetime import timedelta

import pytest

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.clocks.policy import PolicyRefused, load_policy
from portal.clocks.seed import seeded_policy
from portal.clocks.silence import Silence
from portal.collaboration import actions as together
from portal.collaboration import corrections
from portal.directory import actions as directory
from portal.directory import pair_actions
from portal.directory.models import Customer
from portal.directory.sight import blind
from portal.kernel.db import db, transaction
from tests.builders import NINE, judged_case

DAY = timedelta(days=1)
HTMX = {"HX-Request": "true"}
IDS = re.compile(r'<tr id="case-(\d+)"')


def shown(browser, path):
    return [int(n) for n in IDS.findall(browser.get(path).get_data(as_text=True))]


@pytest.fixture
def tech(staff, at):
    """One case of each level in the technical department."""
    with transaction():
        return [
            judged_case(staff["agent"], staff["supervisor"], level=level, unit="tech")
            for level in ("P1", "P2", "P3", "P4")
        ]


def test_a_followed_case_stands_on_the_own_list_until_it_is_closed(app, engine, at, tech, staff, signed_in):
    handler, agent = signed_in(staff["handler"]), signed_in(staff["agent"])
    no = tech[1].no
    for _ in range(2):
        assert handler.post(f"/cases/{no}/follow").status_code == 303
    page = handler.get("/queues/following").get_data(as_text=True)
    assert [int(n) for n in IDS.findall(page)] == [tech[1].id]
    assert f"/cases/{no}/unfollow" in handler.get(f"/cases/{no}").get_data(as_text=True)
    assert shown(agent, "/queues/following") == []
    tag = re.search(r'hx-ptag="([^"]+)"', page).group(1)
    assert handler.get("/queues/following/changes", headers=HTMX | {"HX-PTag": tag}).status_code == 204
    handler.post(f"/cases/{tech[0].no}/follow")
    assert handler.get("/queues/following/changes", headers=HTMX | {"HX-PTag": tag}).status_code == 200
    handler.post(f"/cases/{tech[0].no}/unfollow")
    with transaction():
        cases.void(staff["supervisor"], at(minutes=5), tech[1], reason="误报")
    assert shown(handler, "/queues/following") == []


def test_who_may_not_see_a_case_neither_follows_it_nor_keeps_it(app, engine, at, tech, staff, signed_in):
    business, agent = signed_in(staff["business"]), signed_in(staff["agent"])
    assert business.post(f"/cases/{tech[1].no}/follow").status_code == 404
    handler = signed_in(staff["handler"])
    handler.post(f"/cases/{tech[1].no}/follow")
    agent.post(f"/cases/{tech[1].no}/follow")
    with transaction():
        unit = staff["business"].unit_id
        together.transfer(staff["supervisor"], at(minutes=1), tech[1], unit_id=unit, reason="属于业务问题")
    assert shown(handler, "/queues/following") == []
    assert shown(agent, "/queues/following") == [tech[1].id]
    assert signed_in(staff["analyst"]).get("/queues/following").status_code == 403


def test_a_filter_is_saved_for_oneself_or_shared_with_the_department(app, engine, tech, staff, signed_in):
    handler, head = signed_in(staff["handler"]), signed_in(staff["head"])
    where = "/queues/tech/filters?segment=unclaimed&level=P1"
    for _ in range(2):  # a double click makes one
        assert handler.post(where, data={"name": " 紧急  未领取 "}).headers["Location"].endswith(where[20:])
    assert handler.post(where, data={"name": "组内紧急", "shared": "y"}).status_code == 303
    mine = handler.get("/queues/tech/filters").get_data(as_text=True)
    assert mine.count("紧急 未领取</a>") == 1
    theirs = head.get("/queues/tech/filters", headers=HTMX).get_data(as_text=True)
    assert "组内紧急</a>" in theirs
    assert "紧急 未领取" not in theirs
    assert "组内紧急" not in signed_in(staff["business"]).get("/queues/business/filters").get_data(as_text=True)
    assert shown(handler, "/queues/tech?segment=unclaimed&level=P1") == [tech[0].id]


def test_a_taken_name_is_refused_at_its_field_and_the_typed_text_stays(app, tech, staff, signed_in):
    browser = signed_in(staff["handler"])
    browser.post("/queues/tech/filters?level=P1", data={"name": "我的"})
    answer = browser.post("/queues/tech/filters?level=P2", data={"name": "我的"}, headers=HTMX)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="我的"' in html
    assert 'id="name-error"' in html
    assert browser.post("/queues/tech/filters", data={"name": " "}).status_code == 422
    assert browser.post("/queues/tech/filters", data={"name": "长" * 41}).status_code == 422
    assert browser.post("/queues/business/filters", data={"name": "x"}).status_code == 403


def test_a_shared_filter_is_deleted_by_its_maker_or_the_head(app, tech, staff, signed_in):
    handler, head, other = (signed_in(staff[n]) for n in ("handler", "head", "business"))
    handler.post("/queues/tech/filters?level=P1", data={"name": "共享", "shared": "y"})
    number = re.search(r"/queues/filters/(\d+)/delete", handler.get("/queues/tech/filters").text).group(1)
    assert other.post(f"/queues/filters/{number}/delete").status_code == 404
    assert head.post(f"/queues/filters/{number}/delete").status_code == 303
    assert "共享</a>" not in handler.get("/queues/tech/filters").text


def test_columns_and_density_are_kept_with_the_person(app, engine, tech, staff, signed_in):
    browser, colleague = signed_in(staff["handler"]), signed_in(staff["head"])
    columns = ["kind", "nr", "st", "as", "un", "ch"]
    assert browser.post("/queues/tech/columns", data={"columns": columns, "density": "dense"}).status_code == 303
    assert 'class="queue dense no-cust no-rc"' in browser.get("/queues/tech").text
    assert 'class="queue dense no-cust no-rc"' in signed_in(staff["handler"]).get("/queues/mine").text
    assert 'class="queue"' in colleague.get("/queues/tech").text
    form = browser.get("/queues/tech/columns", headers=HTMX).text
    assert 'value="kind" checked' in form
    assert 'value="cust" >' in form
    assert browser.post("/queues/tech/columns", data={"columns": ["x"], "density": "dense"}).status_code == 422


def test_forgotten_cases_are_a_segment(app, engine, at, tech, staff, signed_in):
    browser = signed_in(staff["handler"])
    assert shown(browser, "/queues/tech?segment=stale") == []
    at(minutes=31)
    assert shown(browser, "/queues/tech?segment=stale") == [tech[0].id]
    at(hours=5)
    browser = signed_in(staff["handler"])  # the session of the morning is over
    assert set(shown(browser, "/queues/tech?segment=stale")) == {tech[0].id, tech[1].id}
    with transaction():
        cases.note(staff["handler"], at(hours=5), tech[0], text="已联系机房")
    assert shown(browser, "/queues/tech?segment=stale") == [tech[1].id]


def test_how_long_silence_may_last_is_policy_data():
    shipped = load_policy(seeded_policy()).silence
    assert shipped == {
        "P1": Silence(1800, False), "P2": Silence(14400, False), "P3": Silence(1, True), "P4": Silence(604800, False),
    }  # fmt: skip
    old = {name: value for name, value in seeded_policy().items() if name != "stale"}
    assert load_policy(old).silence == shipped
    for level, unit, amount in (("P1", "h", 1), ("P2", "s", 0)):
        bad = seeded_policy()
        bad["stale"][level] = {"unit": unit, "amount": amount}
        with pytest.raises(PolicyRefused):
            load_policy(bad)


def test_a_new_message_of_the_customer_brings_a_case_up_and_marks_it(app, engine, at, tech, staff, signed_in):
    """The order is by the nearest running clock; a written message that waits for its answer has one."""
    browser, first = signed_in(staff["handler"]), tech[2]
    with transaction():
        other = judged_case(staff["agent"], staff["supervisor"], level="P3", unit="tech")
        for one in (first, other):
            together.claim(staff["handler"], NINE, one)
            cases.contact(staff["handler"], NINE, one, direction="out", means="phone", reached=True, words="已联系")
    before = shown(browser, "/queues/tech")
    assert before.index(first.id) < before.index(other.id)
    with transaction():
        cases.contact(
            staff["agent"], at(minutes=9), other, direction="in", means="email", reached=True, words="还没好吗"
        )
    after = shown(browser, "/queues/tech")
    assert after.index(other.id) < after.index(first.id)
    assert f'<tr id="case-{other.id}" role="row" data-row data-v="{other.version}" class="unread"' in browser.get(
        "/queues/tech"
    ).get_data(as_text=True)


def file_of(case_id):
    return db.session.get_one(Customer, db.session.get_one(Case, case_id).customer_id)


@pytest.fixture
def mixed(staff, at):
    """Three cases of one department: an urgent complaint by mail of a VIP, a hotline fault, one of three days ago."""
    with transaction():
        vip = judged_case(
            staff["agent"], staff["supervisor"], level="P3", unit="tech", channel="email", request_type="complaint",
            contact="13900139001",
        )  # fmt: skip
        fault = judged_case(staff["agent"], staff["supervisor"], level="P1", unit="tech", category="delivery")
        old = judged_case(staff["agent"], staff["supervisor"], level="P4", unit="tech", received=NINE - 3 * DAY)
        directory.set_class(staff["supervisor"], NINE, file_of(vip.id), category="vip", reason="大客户")
        return vip.id, fault.id, old.id


def test_a_queue_is_narrowed_by_channel_type_category_class_due_and_age_and_such_a_selection_is_saved(
    app, engine, mixed, staff, signed_in
):
    vip, fault, old = mixed
    browser = signed_in(staff["handler"])
    for query, found in (
        ("channel=email", [vip]), ("type=complaint", [vip]), ("category=delivery", [fault]), ("class=vip", [vip]),
        ("due=2h", [vip, fault, old]), ("due=late", [old]), ("age=3", [old]), ("age=30", []),
        ("age=2&channel=fax", [fault, vip, old]),
        ("channel=email&class=vip&level=P3", [vip]), ("channel=email&age=3", []),
    ):  # fmt: skip
        assert sorted(shown(browser, f"/queues/tech?{query}")) == sorted(found), query
    assert browser.post("/queues/tech/filters?class=vip&due=2h", data={"name": "大客户"}).status_code == 303
    assert "class=vip&amp;due=2h" in browser.get("/queues/tech/filters").text
    assert browser.get("/queues/tech/sheet?channel=email").text.count("CS2611-") == 1
    with transaction():  # a merged file's cases are of its main file's class
        pair = pair_actions.propose(staff["agent"], NINE, file_of(vip), file_of(old))
        pair_actions.merge(staff["supervisor"], NINE, pair)
    assert sorted(shown(browser, "/queues/tech?class=vip")) == [vip, fault, old]
    assert 'href="/queues/tech?channel=email&amp;segment=late"' in browser.get("/queues/tech?channel=email").text


def test_the_check_of_a_narrowed_queue_says_what_joins_and_leaves_it(app, engine, at, mixed, staff, signed_in):
    vip, fault, old = mixed
    browser = signed_in(staff["handler"])

    def asks(query):
        tag = re.search(r'hx-ptag="([^"]+)"', browser.get(f"/queues/tech?{query}").text).group(1)
        return lambda: browser.get(f"/queues/tech/changes?{query}", headers=HTMX | {"HX-PTag": tag})

    mail, important, late = asks("channel=email"), asks("class=vip"), asks("due=late")
    assert {one().status_code for one in (mail, important, late)} == {204}
    with transaction():
        directory.set_class(staff["supervisor"], NINE, file_of(old), category="vip", reason="大客户")
    assert f'id="case-{old}"' in important().text
    assert mail().status_code == 204
    assert late().status_code == 204
    at(minutes=20)
    assert f'id="case-{fault}"' in late().text
    with transaction():
        case = db.session.get_one(Case, vip)
        facts = {"field": "channel", "new": "chat", "received": None, "reason": "渠道登记有误"}
        corrections.correct(staff["agent"], NINE, case, **facts)
        corrections.decide_correction(staff["supervisor"], NINE, case, approved=True, words="")
    assert IDS.findall(mail().text) == []
    assert mail().status_code == 200


def test_who_sees_no_customers_is_not_told_whose_class_it_is(app, mixed, staff, signed_in):
    page = signed_in(staff["quality"]).get("/queues/tech?class=vip&channel=email").text
    assert ('name="class"' in page) == (not blind(staff["quality"]))
    assert 'name="channel"' in page
