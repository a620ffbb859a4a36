"""QU8: people at the same case are told of each other, softly, on the case and in the list; nothing else is kept."""

import pytest
from sqlalchemy import select

from portal.desk.models import Presence
from portal.jobs.prune import prune
from portal.kernel.db import db, transaction
from portal.kernel.feed import TopicVersion
from tests.builders import judged_case

POLL = {"HX-Request": "true", "HX-PTag": "here"}


@pytest.fixture
def case(staff, at):
    """A case of the technical department."""
    with transaction():
        return judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")


def sign(browser, case, doing="look"):
    answer = browser.post(f"/cases/{case.no}/here", data={"doing": doing}, headers=POLL)
    assert answer.status_code == 204
    assert "wrote" not in answer.headers.get("Set-Cookie", "")


def test_two_at_a_case_see_each_other_until_a_minute_after_the_last_sign(app, engine, at, case, staff, signed_in):
    handler, agent = signed_in(staff["handler"]), signed_in(staff["agent"])
    sign(handler, case, "edit")
    assert "陈浩" in agent.get(f"/cases/{case.no}/here").text
    assert "正在编辑" in agent.get(f"/cases/{case.no}").text
    assert "data-case" not in handler.get(f"/cases/{case.no}/here").text  # not oneself
    assert f'data-case="{case.id}"' in signed_in(staff["head"]).get("/queues/tech/here").text
    at(seconds=61)
    assert "陈浩" not in agent.get(f"/cases/{case.no}/here").text


def test_who_leaves_is_gone_at_once(app, at, case, staff, signed_in):
    handler, agent = signed_in(staff["handler"]), signed_in(staff["agent"])
    sign(handler, case)
    assert "陈浩" in agent.get(f"/cases/{case.no}/here").text
    sign(handler, case, "gone")
    assert "陈浩" not in agent.get(f"/cases/{case.no}/here").text


def test_who_signs_out_is_gone_at_once(app, at, case, staff, signed_in):
    handler, agent = signed_in(staff["handler"]), signed_in(staff["agent"])
    sign(handler, case)
    assert "陈浩" in agent.get(f"/cases/{case.no}/here").text
    assert handler.post("/session/sign-out").status_code == 303
    assert "陈浩" not in agent.get(f"/cases/{case.no}/here").text


def test_a_check_says_by_a_mark_that_somebody_came_and_moves_no_version(app, engine, at, case, staff, signed_in):
    handler, head = signed_in(staff["handler"]), signed_in(staff["head"])
    page = head.get("/queues/tech").text
    tag = page.split('hx-ptag="')[1].split('"')[0]

    def check():
        return head.get("/queues/tech/changes", headers={"HX-Request": "true", "HX-PTag": tag})

    before = dict(db.session.execute(select(TopicVersion.topic, TopicVersion.v)).all())
    assert "X-Here" not in check().headers
    sign(handler, case)
    marks = [check().headers["X-Here"]]
    at(seconds=24)
    sign(handler, case)
    marks.append(check().headers["X-Here"])
    sign(handler, case, "edit")
    marks.append(check().headers["X-Here"])
    assert marks[0] == marks[1] != marks[2]
    assert check().status_code == 204
    db.session.rollback()
    assert dict(db.session.execute(select(TopicVersion.topic, TopicVersion.v)).all()) == before
    business = signed_in(staff["business"])
    assert "陈浩" not in business.get("/queues/mine/here").text
    assert "X-Here" not in business.get("/queues/business/changes", headers=POLL).headers


def test_signs_are_written_seldom_and_forgotten(app, at, case, staff, signed_in):
    browser = signed_in(staff["handler"])
    for second in range(0, 58, 2):
        at(seconds=second)
        sign(browser, case)
    assert db.session.scalars(select(Presence.at)).all() == [int(at(seconds=40).timestamp())]
    prune(at(hours=2))
    assert db.session.scalars(select(Presence)).all() == []


def test_only_those_who_may_see_the_case_sign_and_ask(app, case, staff, signed_in):
    business = signed_in(staff["business"])
    assert business.post(f"/cases/{case.no}/here", data={"doing": "look"}, headers=POLL).status_code == 404
    assert business.get(f"/cases/{case.no}/here").status_code == 404
    assert business.get("/queues/tech/here").status_code == 403
