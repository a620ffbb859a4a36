"""QU2, SL12: a case handed on is accepted by name, has its share of the time, and comes back only for a reason."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases import actions as cases
from portal.clocks.kept import clocks_of
from portal.collaboration import actions as together
from portal.collaboration import handing
from portal.identity import queries as people
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Refused
from portal.notices.models import Notice
from tests.builders import NINE, judged_case

pytestmark = pytest.mark.alike

HOUR = timedelta(hours=1)


def clock(case, kind):
    return [c for c in clocks_of(case.id) if c.kind == kind][-1]


def unit(code):
    return people.unit_by_code(code).id


def handed(staff, level="P2"):
    """A P2 case of the technicians, transferred to the business department at ten."""
    case = judged_case(staff["agent"], staff["supervisor"], level=level, channel="email", unit="tech")
    together.claim(staff["handler"], NINE, case)
    together.transfer(staff["handler"], NINE + HOUR, case, unit_id=unit("business"), reason="需核对账务记录")
    return case


def test_nobody_accepting_runs_out_the_acceptance_clock_and_not_the_receiver_before(app, engine, at, staff):
    with transaction():
        case = handed(staff)
        taken = clock(case, "acceptance")
        assert taken.due_at == NINE + HOUR + timedelta(minutes=15)
        together.claim(staff["business"], NINE + 2 * HOUR, case)
    assert clock(case, "acceptance").outcome == "missed"


def test_who_accepts_has_four_fifths_of_what_is_left_of_the_result(app, engine, at, staff):
    with transaction():
        case = handed(staff)
        together.claim(staff["business"], NINE + HOUR + timedelta(minutes=10), case)
        share = clock(case, "department_result")
        left = clock(case, "result").due_at - (NINE + HOUR + timedelta(minutes=10))
        assert share.due_at - share.started_at == left * 4 // 5
        later = NINE + 3 * HOUR
        cases.write_result(
            staff["business"], later, case, text="已核对并退回重复扣费", cause_category="process", cause="重复出账"
        )
    assert clock(case, "acceptance").outcome == "met"
    assert clock(case, "department_result").outcome == "met"


def test_a_returned_case_goes_back_with_its_reason_and_waits_to_be_accepted_again(app, engine, at, staff):
    with transaction():
        case = handed(staff)
        handing.give_back(staff["business"], NINE + 2 * HOUR, case, code="not_ours", words="属线路故障，非账务问题")
    assert (case.unit_id, case.state, case.owner_id, case.returns) == (unit("tech"), "to_accept", None, 1)
    assert [c.outcome for c in clocks_of(case.id) if c.kind == "acceptance"] == ["missed", "running"]
    with pytest.raises(Refused, match="nobody_to_return_to"), transaction():
        handing.give_back(staff["handler"], NINE + 2 * HOUR, case, code="not_ours", words="再退")


def test_a_return_needs_a_reason_on_the_list_and_the_department_that_has_the_case(app, at, staff):
    with transaction():
        case = handed(staff)
    with pytest.raises(Invalid, match="choose_return_code"), transaction():
        handing.give_back(staff["business"], NINE + 2 * HOUR, case, code="because", words="不想做")
    with pytest.raises(Forbidden), transaction():
        handing.give_back(staff["agent"], NINE + 2 * HOUR, case, code="not_ours", words="属线路故障")


def test_the_third_hand_over_goes_to_the_supervisor(app, engine, at, staff):
    with transaction():
        case = handed(staff)
        handing.give_back(staff["business"], NINE + 2 * HOUR, case, code="not_ours", words="属线路故障")
        told = select(Notice.person_id).where(Notice.kind == "ping_pong")
        assert not db.session.scalars(told).all()
        together.transfer(staff["handler"], NINE + 3 * HOUR, case, unit_id=unit("business"), reason="仍需账务确认")
        assert staff["supervisor"].id in db.session.scalars(told).all()


def test_the_next_line_has_a_quarter_of_what_is_left(app, engine, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email", unit="tech")
        together.claim(staff["handler"], NINE, case)
        handing.escalate(staff["handler"], NINE + 4 * HOUR, case, reason="需要传输专家分析")
        assert (case.tier, case.owner_id, case.state) == (2, None, "to_accept")
        accepted = NINE + 4 * HOUR + timedelta(minutes=5)
        together.claim(staff["handler"], accepted, case)
        step = clock(case, "tier")
        assert step.due_at - accepted == (clock(case, "result").due_at - accepted) / 4
        handing.escalate(staff["handler"], NINE + 5 * HOUR, case, reason="需要厂家专家")
    with pytest.raises(Refused, match="no_higher_line"), transaction():
        handing.escalate(staff["supervisor"], NINE + 6 * HOUR, case, reason="再升")


def test_a_pressing_message_of_the_customer_starts_the_reply_clock_and_an_answer_stops_it(app, engine, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")
        said = {"case": case, "means": "email", "reached": True}
        cases.contact(staff["agent"], NINE + HOUR, direction="in", words="客户追问进度", **said)
        cases.contact(staff["agent"], NINE + 2 * HOUR, direction="in", words="客户再次追问", **said)
        reply = clock(case, "next_reply")
        assert (reply.started_at, reply.due_at) == (NINE + HOUR, NINE + HOUR + timedelta(minutes=30))
        cases.contact(staff["agent"], NINE + 3 * HOUR, direction="out", words="已回复", **said)
    replies = [c.outcome for c in clocks_of(case.id) if c.kind == "next_reply"]
    assert replies == ["missed"]


def test_what_the_customer_is_told_of_a_transfer_is_a_contact_and_a_promise(app, engine, at, staff, signed_in):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P3", unit="tech")
    sent = {"transfer-unit": str(unit("business")), "transfer-reason": "费用归业务处理组",
            "transfer-means": "phone", "transfer-expected": "2026-11-24 17:00",
            "transfer-told": "已转业务处理组，今天 17:00 前答复您"}  # fmt: skip
    agent = signed_in(staff["agent"])
    late = agent.post(f"/cases/{case.no}/do/transfer", data=sent | {"transfer-expected": "2026-12-24 17:00"})
    assert late.status_code == 422
    assert sent["transfer-told"] in late.text
    assert agent.post(f"/cases/{case.no}/do/transfer", data=sent).status_code == 303
    db.session.rollback()
    kinds = [(c.kind, c.outcome) for c in clocks_of(case.id)]
    assert ("promise", "running") in kinds
    assert [line.kind for line in stream.read(case.stream)][-2:] == ["Contacted", "Transferred"]
