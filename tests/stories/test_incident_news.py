"""EM4, EM6, F-43: one announcement reaches every linked case once, is looked at before, tallied after, and settled."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.incidents import actions, news_actions, news_queries, news_rules, queries, telling
from portal.incidents.news_models import IncidentReach
from portal.intake import drafts
from portal.jobs.news import pass_on_news
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Refused
from portal.notices.models import Notice
from tests.builders import NINE, judged_case, make_case
from tests.conftest import HTMX
from tests.incidents.builders import WHY, declared, ready, settled
from tests.stories.test_incident_command import assert_replay_is_the_row, told

HOUR = timedelta(hours=1)
TEXT = "热线正在抢修，预计 {预计恢复时间} 恢复"


def drafted(staff, incident, now=NINE, **changes):
    facts = {"text": "热线正在抢修", "channels": "官网、短信", "next_news": now + HOUR}
    return telling.draft_announcement(staff["responder"], now, incident, **(facts | changes))


def published(staff, incident, now=NINE, **changes):
    n = drafted(staff, incident, now, **changes)
    telling.publish_announcement(staff["commander"], now, incident, n=n)
    return n


def heard(case_id):
    lines = stream.read(db.session.get_one(Case, case_id).stream)
    return [line.facts["text"] for line in lines if line.kind == "IncidentNews"]


def linked(staff, incident, count):
    """So many linked cases, half of them with the technical department."""
    made = [
        judged_case(staff["agent"], staff["supervisor"], unit="tech" if n % 2 else "business", contact=f"1390000{n:04}")
        for n in range(count)
    ]
    telling.link_cases(staff["agent"], NINE, incident, numbers=[case.no for case in made])
    return [case.id for case in made]


def test_every_linked_case_hears_once_and_its_department_is_told(app, engine, at, staff):
    with transaction():
        incident = declared(staff)
        ids = linked(staff, incident, 4)
        before = db.session.get_one(Case, ids[0]).entry_at
        telling.unlink_case(
            staff["agent"], NINE, incident, number=db.session.get_one(Case, ids[3]).no, reason="与热线无关"
        )
        published(staff, incident)
        cases.void(staff["supervisor"], NINE, db.session.get_one(Case, ids[2]), reason="误登")
    assert pass_on_news(NINE + HOUR) == 3
    assert pass_on_news(NINE + HOUR) == 0
    db.session.expire_all()
    assert [heard(i) for i in ids] == [["热线正在抢修"]] * 2 + [[], []]
    assert db.session.get_one(Case, ids[0]).entry_at == before  # nobody has worked on it
    assert {staff["handler"].id, staff["head"].id, staff["business"].id} <= told("incident_news")
    found = news_queries.tally(queries.incident_by_id(incident.id), 1)
    assert (found.cases, found.left) == ({"done": 2, "left": 1}, {"ended": 1})
    assert found.told[0].all == len(told("incident_news"))
    assert stream.faults([db.session.get_one(Case, ids[0]).stream]) == []


def test_a_case_linked_later_hears_what_was_said_last_once(app, at, staff):
    with transaction():
        incident = declared(staff)
        published(staff, incident, text="第一条")
        published(staff, incident, NINE + timedelta(minutes=5), text="第二条")
        first, second = linked(staff, incident, 2)
        late = make_case(staff["agent"])
        telling.link_cases(staff["agent"], NINE + HOUR, incident, numbers=[late.no])
    pass_on_news(NINE + HOUR)
    assert [heard(i) for i in (first, second, late.id)] == [["第二条"]] * 3


def test_a_worker_that_dies_between_two_batches_leaves_no_case_out_and_tells_none_twice(app, at, staff, monkeypatch):
    with transaction():
        incident = declared(staff)
        ids = linked(staff, incident, 5)
        published(staff, incident)
    monkeypatch.setattr("portal.jobs.news.BATCH", 2)
    done = news_actions.pass_on
    calls = iter((True, False))

    def dying(actor, now, rows):
        settled = done(actor, now, rows)
        if not next(calls, True):
            raise KeyboardInterrupt  # killed after the work, before the commit
        return settled

    monkeypatch.setattr(news_actions, "pass_on", dying)
    with pytest.raises(KeyboardInterrupt):
        pass_on_news(NINE)
    monkeypatch.setattr(news_actions, "pass_on", done)
    waits = select(func.count()).select_from(IncidentReach).where(IncidentReach.state == "waiting")
    assert db.session.scalar(waits) == 3
    assert pass_on_news(NINE + HOUR) == 3
    assert [heard(i) for i in ids] == [["热线正在抢修"]] * 5
    keys = db.session.scalars(select(Notice.key).where(Notice.kind == "incident_news", Notice.channel == "app")).all()
    assert len(keys) == len(set(keys))


def test_one_case_that_cannot_hear_stops_no_other_and_is_given_up_at_last(app, at, staff, monkeypatch):
    with transaction():
        incident = declared(staff)
        ids = linked(staff, incident, 3)
        published(staff, incident)
    said = news_actions.record_many

    def spoiled(told, **facts):
        if any(case.id == ids[1] for case, _event in told):
            raise TypeError("spoiled")
        said(told, **facts)

    monkeypatch.setattr(news_actions, "record_many", spoiled)
    for second in range(6):
        pass_on_news(NINE + timedelta(seconds=second))
    assert [len(heard(i)) for i in ids] == [1, 0, 1]
    found = news_queries.tally(queries.incident_by_id(incident.id), 1)
    assert (found.cases, found.left) == ({"done": 2, "failed": 1}, {"TypeError": 1})


@pytest.mark.slow
def test_five_hundred_cases_hear_exactly_once(app, engine, at, staff):
    with transaction():
        incident = declared(staff)
        ids = linked(staff, incident, 500)
        published(staff, incident)
    assert pass_on_news(NINE) == 500
    assert pass_on_news(NINE) == 0
    assert {len(heard(i)) for i in ids} == {1}
    assert stream.faults([f"case:{i}" for i in ids[::50]]) == []


def test_who_is_reached_and_who_is_not_is_seen_before_publishing(app, at, staff, signed_in):
    with transaction():
        incident = declared(staff, affected=2400)
        linked(staff, incident, 3)
        drafted(staff, incident, text="热线 13800001111 受理，预计 {预计恢复时间} 恢复")
    browser, url = signed_in(staff["commander"]), f"/incidents/{incident.no}/do/publish"
    page = browser.get(url, headers=HTMX).text
    shown = (
        "3 张关联的未结工单",
        "技术支持组",
        "2,400",
        "2,397",
        "请确认是本单位号码：13800001111",
        "{预计恢复时间}",
        "没有英文文本",
    )
    assert [words for words in shown if words not in page] == []
    answer = browser.post(url, data={"n": "1"}, headers=HTMX)
    assert answer.status_code == 422
    assert "{预计恢复时间}" in answer.text
    assert news_queries.tally(incident, 1).cases == {}  # refused: nothing is on the work list


def test_a_template_is_filled_and_a_missing_value_or_a_past_promise_is_refused(app, at, staff, signed_in):
    with transaction():
        incident = declared(staff)
    page = signed_in(staff["responder"]).get(f"/incidents/{incident.no}/do/announce?message=first", headers=HTMX).text
    english = re.search(r'<textarea[^>]*name="text_en"[^>]*>(.*?)</textarea>', page, re.S)[1]
    assert not news_rules.chinese(english)  # what was typed in Chinese is left to be said in English
    assert "{cause}" in english
    assert "全部热线占线音" in page
    with transaction():
        here = queries.incident_by_id(incident.id)
        whole = drafted(staff, here, text=TEXT, recovery=NINE + HOUR)
        gap = drafted(staff, here, text=TEXT)
        named = drafted(staff, here, text=f"工单 {make_case(staff['agent']).no} 的客户")
        assert here.announcements[0]["text"] == "热线正在抢修，预计 2026-11-24 10:00 恢复"
        for n, code in ((gap, "text_has_gaps"), (named, "text_names_a_case")):
            with pytest.raises(Invalid) as refused:
                telling.publish_announcement(staff["commander"], NINE, here, n=n)
            assert refused.value.code == code
        with pytest.raises(Invalid) as refused:
            telling.publish_announcement(staff["commander"], NINE + 2 * HOUR, here, n=whole)
        assert refused.value.code == "news_is_past"
        telling.publish_announcement(staff["commander"], NINE, here, n=whole)
    assert incident.no in queries.incident_by_id(incident.id).no


def test_nothing_ends_while_an_announcement_is_open(app, engine, at, staff, signed_in):
    with transaction():
        incident = ready(staff)
        n = published(staff, incident, NINE + HOUR, text="又中断了")
    with pytest.raises(Refused) as refused, transaction():
        actions.end(staff["commander"], NINE + HOUR, incident, statement="恢复", why=WHY)
    assert refused.value.code == "announcement_open"
    page = signed_in(staff["commander"]).get(f"/incidents/{incident.no}/do/end").text
    assert "why_announcement" not in page
    assert 'id="preview"' in page
    with transaction():
        here = queries.incident_by_id(incident.id)
        with pytest.raises(Forbidden):
            news_actions.withdraw(staff["responder"], NINE + HOUR, here, n=n, reason="误发")
        news_actions.withdraw(staff["commander"], NINE + HOUR, here, n=n, reason="误发")
        actions.end(staff["commander"], NINE + HOUR, here, statement="恢复", why=WHY)
    db.session.expire_all()
    assert_replay_is_the_row(queries.incident_by_id(incident.id))


def test_what_was_left_a_draft_at_the_end_can_be_dropped_and_nothing_that_was_said(app, at, staff, signed_in):
    form = "incident:{}:situation"
    with transaction():
        incident = ready(staff)
        said, n = incident.said["n"], drafted(staff, incident)
        drafts.keep(staff["responder"], NINE, form.format(incident.id), {"text": ["半截"]}, verb="incident.act")
        actions.end(staff["commander"], NINE + HOUR, incident, statement="恢复", why=WHY)
        no = incident.no
    browser = signed_in(staff["responder"])
    assert f"/incidents/{no}/do/withdraw" in browser.get(f"/incidents/{no}").text
    here = queries.incident_by_no(staff["commander"], no)
    with pytest.raises(Refused), transaction():
        news_actions.withdraw(staff["commander"], NINE + HOUR, here, n=said, reason="误发")
    data = {"n": str(n), "reason": "事件已结束，不再发布"}
    assert browser.post(f"/incidents/{no}/do/withdraw", data=data).status_code == 303
    assert f"/incidents/{no}/do/withdraw" not in browser.get(f"/incidents/{no}").text
    answer = browser.post(f"/incidents/{no}/draft/situation/drop")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/incidents/{no}")
    db.session.expire_all()
    here = queries.incident_by_no(staff["commander"], no)
    assert here.drafts == []
    assert drafts.draft(staff["responder"], form.format(here.id)) is None
    assert_replay_is_the_row(here)


def test_a_text_taken_back_is_void_in_every_case_that_heard_it(app, at, staff):
    with transaction():
        incident = declared(staff)
        ids = linked(staff, incident, 2)
        n = published(staff, incident)
    pass_on_news(NINE)
    with transaction():
        here = queries.incident_by_id(incident.id)
        news_actions.withdraw(staff["commander"], NINE, here, n=n, reason="时间写错")
        assert here.said is None
    assert pass_on_news(NINE) == 2
    lines = stream.read(db.session.get_one(Case, ids[0]).stream)
    assert [line.facts["what"] for line in lines if line.kind == "IncidentNews"] == ["published", "withdrawn"]
    assert staff["handler"].id in told("incident_news_withdrawn")


def test_each_channel_is_ticked_once_the_text_stands_there(app, at, staff, signed_in):
    with transaction():
        incident = declared(staff)
        published(staff, incident)
    browser, base = signed_in(staff["responder"]), f"/incidents/{incident.no}"
    assert re.search("官网 <span[^>]*>未确认", browser.get(base).text)
    answer = browser.post(f"{base}/do/put_up", data={"channel": "官网", "where": "首页横幅"}, headers=HTMX)
    assert answer.status_code == 200
    assert re.search("官网 <span[^>]*>已发布", answer.text)
    assert browser.post(f"{base}/do/put_up", data={"channel": "官网"}, headers=HTMX).status_code == 422
    db.session.expire_all()
    assert_replay_is_the_row(queries.incident_by_id(incident.id))


def test_the_entry_stands_in_the_case_in_both_languages(app, at, staff, signed_in):
    with transaction():
        incident = settled(staff)
        ids = linked(staff, incident, 1)
        published(staff, incident, recovery=NINE + HOUR)
    pass_on_news(NINE)
    browser = signed_in(staff["supervisor"])
    for language, words in (("zh", "应急公告"), ("en", "Customers were told in the incident")):
        browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        page = browser.get(f"/cases/{db.session.get_one(Case, ids[0]).no}").text
        assert words in page
        assert "热线正在抢修" in page
