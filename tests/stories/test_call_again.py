"""DK1: an attempt that reached nobody is tried again at a time that stands in the day and is called to mind."""

from datetime import timedelta

import pytest

from portal.cases import actions as cases
from portal.collaboration import actions as together
from portal.desk import today
from portal.jobs import reminders
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid
from tests.builders import NINE, judged_case

WORDS = {"zh": ("再次联系时间", "再次联系"), "en": ("Try again at", "Try to call again")}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_failed_call_offers_a_time_that_stands_in_the_day_and_is_reminded_once(
    app, engine, at, staff, signed_in, language
):
    handler, again = staff["handler"], NINE + timedelta(hours=2)
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")
        together.claim(handler, NINE, case)
    browser = signed_in(handler)
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    offered, listed = WORDS[language]
    form = browser.get(f"/cases/{case.no}/do/contact").text
    assert offered in form
    assert 'value="2026-11-24 10:00"' in form
    data = {
        "contact-direction": "out",
        "contact-means": "phone",
        "contact-reached": "no",
        "contact-again": "2026-11-24 11:00",
    }
    assert browser.post(f"/cases/{case.no}/do/contact", data=data).status_code == 303
    db.session.expire_all()
    assert case.call_again_at == again
    assert next((i.what, i.at) for i in today.items(handler, NINE) if i.no == case.no) == ("again", again.timestamp())
    assert listed in browser.get("/desk").text
    assert "2026-11-24 11:00" in browser.get(f"/cases/{case.no}").text
    assert reminders.remind(again - timedelta(minutes=20)) == 0
    assert reminders.remind(again - timedelta(minutes=9)) == 1
    assert reminders.remind(again - timedelta(minutes=5)) == 0
    with transaction():
        cases.contact(handler, again, case, direction="out", means="phone", reached=True, words="已接通")
    assert case.call_again_at is None
    assert not [i for i in today.items(handler, again) if i.what == "again"]


def test_the_time_lies_ahead_and_a_reached_customer_needs_none(app, at, staff):
    handler = staff["handler"]
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")
        together.claim(handler, NINE, case)
    said = {"direction": "out", "means": "phone", "words": "未接"}
    with pytest.raises(Invalid) as refused, transaction():
        cases.contact(handler, NINE, case, reached=False, again=NINE, **said)
    assert refused.value.facts["field"] == "again"
    with transaction():
        cases.contact(handler, NINE, case, reached=True, again=NINE + timedelta(hours=1), **said)
    assert case.call_again_at is None
