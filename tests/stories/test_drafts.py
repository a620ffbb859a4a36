"""IN4, F-80 to F-82: what is typed stays with its author: on the server, in every browser, for nobody else."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.intake.models import Draft
from portal.jobs.prune import prune
from portal.kernel.db import db, transaction
from tests.builders import NINE, judged_case
from tests.conftest import HTMX
from tests.intake.test_form import filled

WORDS = "客户来电：今天下午在家，请先打电话"


@pytest.fixture
def case(app, at, staff):
    with transaction():
        return judged_case(staff["agent"], staff["supervisor"], unit="tech")


def drafts() -> list[Draft]:
    db.session.rollback()
    return list(db.session.scalars(select(Draft)))


def test_what_is_typed_into_a_deed_is_there_again_in_another_browser(case, at, staff, signed_in, engine):
    client, now = signed_in(staff["handler"]), at(minutes=5)
    typed = {"contact-words": WORDS, "contact-means": "sms", "contact-reached": "no", "contact-seen": "1"}
    answer = client.post(f"/cases/{case.no}/draft/contact", data=typed, headers=HTMX)
    assert "09:05:00" in answer.text
    assert [(d.person_id, d.at) for d in drafts()] == [(staff["handler"].id, now)]
    client.post("/session/sign-out")
    again = signed_in(staff["handler"])
    page = again.get(f"/cases/{case.no}/do/contact", headers=HTMX).text
    assert WORDS in page
    assert 'value="sms" selected' in page.replace("selected value", "value") or 'selected value="sms"' in page
    assert WORDS not in signed_in(staff["head"]).get(f"/cases/{case.no}/do/contact").text
    assert WORDS not in again.get(f"/cases/{case.no}/do/note").text
    done = again.post(f"/cases/{case.no}/do/contact", data=typed | {"contact-seen": str(case.version)})
    assert done.status_code == 303
    assert drafts() == []
    assert WORDS not in again.get(f"/cases/{case.no}/do/contact", headers=HTMX).text.split("<form")[1]


def test_a_draft_needs_the_right_of_its_form_and_can_be_given_up(case, staff, signed_in):
    url = f"/cases/{case.no}/draft/result"
    assert signed_in(staff["business"]).post(url, data={"result-text": "x"}).status_code == 404
    assert signed_in(staff["quality"]).post(url, data={"result-text": "x"}).status_code == 403
    client = signed_in(staff["handler"])
    client.post(url, data={"result-text": WORDS})
    assert client.post(url + "/drop").status_code == 303
    assert drafts() == []


def test_a_draft_that_arrives_after_its_form_was_sent_is_not_kept(app, at, staff, signed_in):
    client = signed_in(staff["agent"])
    client.post("/intake/new", data=filled())
    client.post("/intake/draft", data=filled(), headers=HTMX)
    assert drafts() == []


def test_a_draft_nobody_goes_on_with_is_forgotten_after_a_month(case, staff, signed_in):
    signed_in(staff["handler"]).post(f"/cases/{case.no}/draft/note", data={"note-text": WORDS})
    prune(NINE + timedelta(days=29))
    assert len(drafts()) == 1
    prune(NINE + timedelta(days=31))
    assert drafts() == []


def test_the_token_says_whose_session_it_is(app, at, staff, signed_in):
    assert signed_in(staff["agent"]).get("/session/token").json["who"] == "agent"
    assert app.test_client().get("/session/token").json["who"] == ""
