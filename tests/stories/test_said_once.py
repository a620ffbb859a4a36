"""What stands on the case and in the queue is said once and in one word: confirmed, rated, to be claimed."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases import actions as cases
from portal.collaboration import actions as together
from portal.kernel.db import db, transaction
from portal.notices.models import Notice
from portal.satisfaction import actions as satisfaction
from tests.builders import NINE, closed_case, judged_case

CAUSE = {"cause_category": "equipment", "cause": "光猫老化"}
WORDS = {
    "zh": ("客户已确认，待结案", "待确认</span>", "评价 4", "待接收", "领取"),
    "en": ("Confirmed by the customer, to be closed", "To be confirmed</span>", "Rated 4 of 5", "To be claimed",
           "Claim"),
}  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_confirmed_case_does_not_wait_to_be_confirmed_and_its_rating_stays(app, at, staff, signed_in, language):
    handler, confirmed = staff["handler"], WORDS[language]
    minutes = (NINE + timedelta(minutes=n) for n in range(1, 30))
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")
        together.claim(handler, next(minutes), case)
        cases.contact(handler, next(minutes), case, direction="out", means="phone", reached=True, words="已核实现象")
        cases.write_result(
            handler, next(minutes), case, text="更换光猫，测速正常", cause_category="equipment", cause="光猫老化"
        )  # fmt: skip
        cases.tell(handler, next(minutes), case, means="phone", words="已告知处理结果")
        cases.confirm(staff["agent"], next(minutes), case, verdict="satisfied", means="phone", words="好了")
    browser = signed_in(staff["agent"])
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    top = browser.get(f"/cases/{case.no}").text.split('class="next"')[0]
    assert confirmed[0] in top
    assert confirmed[1] not in top
    with transaction():
        satisfaction.rate(staff["agent"], next(minutes), case, overall=4, means="phone")
    assert confirmed[2] in browser.get(f"/cases/{case.no}").text.split('class="next"')[0]
    with transaction():
        cases.close(staff["agent"], next(minutes), case, outcome="confirmed")
    assert confirmed[2] in browser.get(f"/cases/{case.no}").text.split('class="next"')[0]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_row_of_the_queue_opens_by_its_number_and_speaks_of_claiming_in_one_word(app, at, staff, signed_in, language):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")
    browser = signed_in(staff["handler"])
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    page = browser.get("/queues/tech").text
    row = page[page.index(f'id="case-{case.id}"') :].split("</tr>")[0]
    assert f'href="/cases/{case.no}" tabindex="-1">{case.no}</a>' in row
    assert WORDS[language][3] in row
    assert WORDS[language][4] in row
    assert "待领取" not in page
    claimed = browser.post(f"/queues/claim/{case.no}", headers={"HX-Request": "true"})
    assert case.no in claimed.text


PLAIN = {
    "zh": ("提交结果 <kbd>", "起不再适用", "近两年", "晚了"),
    "en": ("Save the result <kbd>", "no longer applies since", "Last 2 years", "told"),
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_button_that_sends_is_named_by_what_it_does(app, at, staff, signed_in, language):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")
        together.claim(staff["handler"], NINE, case)
        cases.contact(staff["handler"], NINE, case, direction="out", means="phone", reached=True, words="已核实")
    browser = signed_in(staff["handler"])
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    assert PLAIN[language][0] in browser.get(f"/cases/{case.no}/do/result").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_archive_does_not_name_the_end_of_a_limit_that_no_longer_applied(app, at, staff, signed_in, language):
    with transaction():
        case = closed_case(staff["agent"], staff["supervisor"], staff["handler"], level="P3", urgency="urgent")
    at(hours=3)
    browser = signed_in(staff["auditor"])
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    page = browser.get(f"/archive/{case.no}").text
    row = page[page.index(PLAIN[language][1]) - 400 : page.index(PLAIN[language][1])]
    assert "–</td>" in row
    search = browser.get("/archive").text
    assert PLAIN[language][2] in search
    assert "2024-11-24..2026-11-24" in search


def test_after_a_colleague_took_the_customers_word_the_agent_is_told_and_asked_to_close(app, at, staff, signed_in):
    agent, handler = staff["agent"], staff["handler"]
    minutes = (NINE + timedelta(minutes=n) for n in range(1, 30))
    with transaction():
        case = judged_case(agent, staff["supervisor"], level="P2", unit="tech")
        together.claim(handler, next(minutes), case)
        cases.write_result(handler, next(minutes), case, text="更换光猫，测速正常", **CAUSE)
        cases.tell(agent, next(minutes), case, means="phone", words="已告知结果")
    browser, form = signed_in(handler), {"confirm-means": "phone", "confirm-words": "好了", "confirm-overall": "4"}
    refused = browser.post(f"/cases/{case.no}/do/confirm", data=form | {"confirm-verdict": "not_satisfied"})
    assert refused.status_code == 422
    assert "下次告知结果后再请客户评价" in refused.text
    assert browser.post(f"/cases/{case.no}/do/confirm", data=form | {"confirm-verdict": "satisfied"}).status_code == 303
    assert (case.rated, case.rating) == (True, 4)  # who may record the word may record the rating given with it
    assert f"由{agent.name}结案" in browser.get(f"/cases/{case.no}").text.split('class="next"')[1][:400]
    desk = signed_in(agent).get("/desk").text
    todo = desk.split('id="todo"')[1].split("</table>")[0]
    assert 'title="结案"' in todo  # the rating is there already
    assert "回访客户是否已解决" not in todo
    assert "客户已确认：请记录评价并结案" in desk
    assert "现在：客户已确认，待结案" in desk
    with transaction():
        cases.close(agent, next(minutes), case, outcome="confirmed")
    unread = select(Notice).where(Notice.kind == "confirmed", Notice.read_at.is_(None), Notice.channel == "app")
    assert db.session.scalars(unread).all() == []
