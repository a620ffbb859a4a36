"""DK1: one list by time of what was agreed, who waits and what came back; a call-back is called to mind once."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.collaboration import actions as together
from portal.collaboration import handing, matters
from portal.desk import today
from portal.identity import actions
from portal.identity import queries as people
from portal.jobs.loop import Worker
from portal.jobs.reminders import remind
from portal.kernel.db import db, transaction
from portal.notices.models import Notice
from tests.builders import NINE, closed_case, judged_case

pytestmark = pytest.mark.alike

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def promised(app, engine, at, staff):
    """A case of the handler with a call-back agreed for half past ten."""
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], unit="tech", contact="13800132001")
        together.claim(staff["handler"], NINE, case)
        cases.contact(
            staff["handler"], NINE, case, direction="out", means="phone", reached=True, words="约十点半回电",
            promised=NINE + 90 * MINUTE,
        )  # fmt: skip
    return case


def reminded() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(Notice.person_id).where(Notice.kind == "call_back")))


def test_a_call_back_is_called_to_mind_ten_minutes_ahead_and_once(promised, staff):
    assert remind(NINE + 79 * MINUTE) == 0
    assert remind(NINE + 80 * MINUTE) == 1
    assert remind(NINE + 85 * MINUTE) == 0
    assert remind(NINE + 91 * MINUTE) == 0
    assert reminded() == [staff["handler"].id]


def test_the_worker_calls_it_to_mind_and_a_kept_one_is_left_alone(promised, staff, at):
    with transaction():
        cases.contact(
            staff["handler"], at(minutes=60), promised, direction="out", means="phone", reached=True, words="已回电"
        )
    Worker().tick(at(minutes=82))
    assert reminded() == []


def test_the_day_is_one_list_by_time(promised, staff, signed_in, at):
    with transaction():
        waiting = judged_case(staff["agent"], staff["supervisor"], unit="tech", contact="13800132002")
        together.claim(staff["handler"], NINE, waiting)
        cases.contact(
            staff["agent"], NINE + MINUTE, waiting, direction="in", means="email", reached=True, words="请尽快回复"
        )
        back = judged_case(staff["agent"], staff["supervisor"], unit="service", contact="13800132003")
        together.transfer(
            staff["supervisor"], NINE, back, unit_id=people.unit_id("tech"), reason="需要技术处理"
        )  # fmt: skip
        handing.give_back(staff["head"], NINE + 2 * MINUTE, back, code="not_ours", words="属于客服事项")
    db.session.rollback()
    now = NINE + HOUR
    day = [(one.what, one.no) for one in today.items(staff["handler"], now)]
    assert day == [("reply", waiting.no), ("callback", promised.no)]
    assert [(one.what, one.no) for one in today.items(staff["agent"], now)] == [("returned", back.no)]
    assert [one.late for one in today.items(staff["handler"], NINE + 2 * HOUR)] == [False, True]
    page = signed_in(staff["handler"]).get("/desk").get_data(as_text=True)
    assert page.index(waiting.no) < page.index(promised.no)


def wrote(staff, when):
    with transaction():
        case = closed_case(staff["agent"], staff["supervisor"], staff["handler"])
        matters.message(staff["supervisor"], when, case, means="email", words="昨晚又断网了")
    return case


def messages(person, now):
    db.session.rollback()
    return [(one.no, one.way) for one in today.items(person, now) if one.what == "message"]


def test_words_after_the_end_reach_agent_and_last_holder_with_the_way_on(app, engine, at, staff, signed_in):
    soon, late = NINE + 24 * HOUR, NINE + 31 * 24 * HOUR
    case, old = wrote(staff, soon), wrote(staff, late)
    assert messages(staff["agent"], late) == [(case.no, "reopen"), (old.no, "follow_up")]
    assert messages(staff["handler"], late) == [(case.no, ""), (old.no, "")]  # sees it, but does not sort it
    assert messages(staff["head"], late) == []
    told = set(db.session.scalars(select(Notice.person_id).where(Notice.kind == "message_came")))
    assert told == {staff["agent"].id, staff["handler"].id}
    at(late)
    browser = signed_in(staff["agent"])
    page = browser.get("/desk").text
    assert "新建关联工单" in page
    form = browser.get(f"/cases/{case.no}/do/triage?choice=not_satisfied").text
    assert re.search(r'value="not_satisfied"[^>]*checked|checked[^>]*value="not_satisfied"', form)
    with transaction():
        matters.triage(staff["agent"], late, db.session.get_one(Case, case.id), choice="not_satisfied", words="")
    assert messages(staff["agent"], late) == [(old.no, "follow_up")]
    assert db.session.get_one(Case, case.id).open


def test_for_a_leaver_the_head_of_the_department_has_them(app, at, staff):
    with transaction():
        case = closed_case(staff["agent"], staff["supervisor"], staff["handler"])
        actions.set_active(staff["admin"], NINE + HOUR, people.person(staff["handler"].id), False)
        matters.message(staff["agent"], NINE + 2 * HOUR, case, means="email", words="昨晚又断网了")
    assert messages(staff["head"], NINE + 3 * HOUR) == [(case.no, "")]
    assert staff["head"].id in set(
        db.session.scalars(select(Notice.person_id).where(Notice.kind == "message_came"))
    )  # fmt: skip
