"""SL1: an answer is a result told, or a time promised; a contact alone is none. Who leads, and who hears of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases import actions as cases
from portal.cases.rules import lead
from portal.clocks.kept import clocks_of
from portal.collaboration import actions as together
from portal.desk.case_deeds import next_deed
from portal.directory.rules import dial
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.notices.models import Notice
from tests.builders import NINE, judged_case, make_case

SOON = NINE + timedelta(minutes=10)


def answer(case) -> str:
    return next(clock.outcome for clock in clocks_of(case.id) if clock.kind == "answer")


@pytest.mark.parametrize(("promised", "outcome"), [(None, "running"), (NINE + timedelta(hours=2), "met")])
def test_a_contact_answers_only_with_a_promised_time(app, engine, at, staff, promised, outcome):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email")
        cases.contact(
            staff["supervisor"], SOON, case, direction="out", means="phone", reached=True, words="工程师已在路上",
            promised=promised,
        )  # fmt: skip
    assert answer(case) == outcome


def test_an_attempt_that_reached_nobody_answers_nothing(app, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email")
        cases.contact(
            staff["supervisor"], SOON, case, direction="out", means="phone", reached=False, words="无人接听",
            promised=NINE + timedelta(hours=2),
        )  # fmt: skip
    assert answer(case) == "running"


@pytest.mark.parametrize(
    ("kind", "level", "unit"),
    [("fault", "P2", "tech"), ("complaint", "P1", "business"), ("suggestion", "P3", "improvement"),
     ("consultation", "P2", "business"), ("account", "P3", "service")],
)  # fmt: skip
def test_who_is_proposed_to_lead_follows_from_what_is_asked(app, at, staff, kind, level, unit):
    with transaction():
        case = make_case(staff["agent"], request_type=kind)
    case.level = level
    assert lead(case) == unit
    db.session.rollback()


@pytest.mark.parametrize(("level", "told"), [("P1", True), ("P2", True), ("P3", False)])
def test_the_lead_department_hears_of_a_pressing_case_and_the_journal_names_it(app, at, staff, level, told):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level=level, unit="tech")
    landed = db.session.scalars(select(Notice.person_id).where(Notice.kind == "landed")).all()
    assert (staff["handler"].id in landed) == told
    assert stream.read(case.stream)[-1].facts["unit"]


def test_the_next_step_is_what_the_pressing_clock_waits_for(app, at, staff):
    with transaction():
        case = make_case(staff["agent"])
    case.state, case.clock_kind = "in_work", "start_of_work"
    assert next_deed(case, ["result", "work", "contact"]) == "work"
    case.clock_kind = "result"
    assert next_deed(case, ["result", "work", "contact"]) == "result"
    db.session.rollback()


def test_an_unhappy_customers_words_reach_whoever_works_on_and_stand_beside_the_next_step(
    app, engine, at, staff, signed_in
):
    """QU6: the holder hears of the new round; what was told before keeps nobody busy."""
    agent, handler = staff["agent"], staff["handler"]
    with transaction():
        case = judged_case(agent, staff["supervisor"], unit="tech")
        together.claim(handler, SOON, case)
        cases.write_result(handler, SOON, case, text="更换光猫并测速正常", cause_category="equipment", cause="光猫老化")

    def unread(person, kind) -> int:
        mine = (Notice.person_id == person.id) & (Notice.kind == kind) & Notice.read_at.is_(None)
        return len(db.session.scalars(select(Notice).where(mine, Notice.channel == "app")).all())

    assert unread(agent, "result_written") == 1
    with transaction():
        cases.tell(agent, SOON, case, means="phone", words="已告知处理结果")
    assert unread(agent, "result_written") == 0
    with transaction():
        cases.confirm(agent, SOON, case, verdict="not_satisfied", means="phone", words="晚上还是断线")
    assert unread(handler, "not_satisfied") == 1
    browser = signed_in(handler)
    top = browser.get(f"/cases/{case.no}").get_data(as_text=True).split('id="case-rest"')[0]
    assert "<q>晚上还是断线</q>" in top
    assert 'href="tel:13800130013"' in top
    assert "tel:" not in signed_in(staff["auditor"]).get(f"/cases/{case.no}").get_data(as_text=True)
    assert 'href="tel:13800130013"' in browser.get(f"/cases/{case.no}/do/contact").get_data(as_text=True)
    with transaction():
        cases.write_result(handler, SOON, case, text="重做接头后连续测速正常", cause_category="equipment", cause="接头")
    assert "晚上还是断线</q>" not in browser.get(f"/cases/{case.no}").get_data(as_text=True).split('id="case-rest"')[0]


@pytest.mark.parametrize(
    ("contact", "way"),
    [("138 0013-0013", "tel:13800130013"), ("+86 (21) 5555 0100", "tel:+862155550100"), ("138****0013", ""),
     ("a@b.cn", ""), ("", ""), ("1234", ""), ("13800130013 转 8", "")],
)  # fmt: skip
def test_only_a_whole_telephone_number_is_called_by_a_tap(contact, way):
    assert dial(contact) == way
