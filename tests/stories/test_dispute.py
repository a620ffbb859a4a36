"""SL6: a disputed level goes to a consultation of thirty minutes; meanwhile the stricter level governs."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases import actions as cases
from portal.cases import rules as case_rules
from portal.cases.apply import apply
from portal.cases.events import from_facts
from portal.cases.models import Case
from portal.cases.record import record
from portal.clocks.kept import clocks_of
from portal.collaboration import actions as together
from portal.collaboration import disputes
from portal.jobs.loop import Worker
from portal.jobs.selfcheck import check
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Refused
from portal.notices.models import Notice
from tests.builders import NINE, judged_case

MINUTE = timedelta(minutes=1)


def clock(case, kind):
    return [c for c in clocks_of(case.id) if c.kind == kind][-1]


def disputed(staff, level="P1", judged="P3", when=10 * MINUTE):
    case = judged_case(staff["agent"], staff["supervisor"], level=judged, channel="email", unit="tech")
    disputes.dispute(staff["handler"], NINE + when, case, level=level, why="整栋楼业务中断，非单户")
    return case


def test_meanwhile_the_stricter_level_governs_and_the_heads_are_told(app, engine, at, staff):
    with transaction():
        case = disputed(staff)
        assert clock(case, "result").due_at == NINE + timedelta(hours=2)
    assert (case.level, case.level_now, case.dispute_until) == ("P3", "P1", int((NINE + 40 * MINUTE).timestamp()))
    told = db.session.scalars(select(Notice.person_id).where(Notice.kind == "level_disputed")).all()
    assert {staff["supervisor"].id, staff["head"].id} <= set(told)


def test_a_milder_wish_changes_nothing_until_the_verdict(app, engine, at, staff):
    with transaction():
        case = disputed(staff, level="P4", judged="P2")
        assert case.level_now == "P2"
        disputes.settle(staff["supervisor"], NINE + 20 * MINUTE, case, level="P4", reason="属长期优化建议")
    assert (case.level, case.dispute) == ("P4", None)
    assert clock(case, "dispute").outcome == "met"
    assert clock(case, "result").unit == "w"


def test_breaches_inside_the_consultation_follow_the_final_level(app, engine, at, staff):
    from_then = NINE + 25 * MINUTE
    with transaction():
        case = disputed(staff, level="P1", judged="P3")
        together.claim(staff["handler"], NINE + 12 * MINUTE, case)
        _speak(staff, from_then, case)
        assert clock(case, "first_response").outcome == "missed"  # 15 min of P1
        disputes.settle(staff["supervisor"], NINE + 30 * MINUTE, case, level="P3", reason="仅一户受影响")
    assert clock(case, "first_response").outcome == "met"  # 2 h of P3
    assert clock(case, "result").unit == "wd"


def _speak(staff, when, case):
    cases.contact(staff["handler"], when, case, direction="out", means="phone", reached=True, words="已联系客户核实")


def test_without_a_verdict_the_stricter_level_stands_and_quality_is_told(app, engine, at, staff):
    with transaction():
        case = disputed(staff)
    Worker().tick(NINE + 40 * MINUTE)
    assert db.session.get_one(Case, case.id).dispute is not None  # met at that second, missed one later
    db.session.rollback()
    Worker().tick(NINE + 41 * MINUTE)
    Worker().tick(NINE + 42 * MINUTE)
    row = db.session.get_one(Case, case.id, populate_existing=True)
    assert (row.level, row.dispute) == ("P1", None)
    assert clock(row, "dispute").outcome == "missed"
    told = db.session.scalars(select(Notice.person_id).where(Notice.kind == "dispute_lapsed")).all()
    assert len(told) == len(set(told)) > 0


@pytest.mark.parametrize("watched", [True, False], ids=["watched", "worker dead"])
def test_what_two_departments_say_around_the_half_hour_has_one_outcome(app, engine, at, staff, watched):
    """F-14: 29:59 is heard, 30:01 is not, also where no worker has ended the consultation yet."""
    with transaction():
        case = disputed(staff)
    end = NINE + 40 * MINUTE
    with transaction():
        disputes.vote(staff["handler"], end - timedelta(seconds=1), case, level="P2", words="影响整栋楼")
    if watched:
        Worker().tick(end + timedelta(seconds=1))
    for late in (
        lambda: disputes.vote(staff["service_head"], end + timedelta(seconds=1), case, level="P3", words="仅影响一户"),
        lambda: disputes.settle(
            staff["supervisor"], end + timedelta(seconds=1), case, level="P3", reason="仅一户受影响"
        ),
    ):
        with pytest.raises(Refused, match="no_dispute_runs" if watched else "consultation_over"), transaction():
            late()
    Worker().tick(end + timedelta(seconds=2))
    row = db.session.get_one(Case, case.id, populate_existing=True)
    assert (row.level, row.dispute, clock(row, "dispute").outcome) == ("P1", None, "missed")


def test_who_may_dispute_once_and_again_only_with_new_facts(app, at, staff):
    with transaction():
        case = disputed(staff)
    with pytest.raises(Refused, match="dispute_runs"), transaction():
        disputes.dispute(staff["agent"], NINE + 11 * MINUTE, case, level="P2", why="影响部分客户")
    with pytest.raises(Forbidden), transaction():
        disputes.settle(staff["handler"], NINE + 11 * MINUTE, case, level="P2", reason="自行定级")
    with transaction():
        disputes.settle(staff["supervisor"], NINE + 12 * MINUTE, case, level="P3", reason="仅一户受影响")
    with pytest.raises(Invalid, match="new_facts_needed"), transaction():
        disputes.dispute(staff["handler"], NINE + 20 * MINUTE, case, level="P1", why="还是不对")
    with transaction():
        new = "现场复核发现整栋楼三百户同时掉线，附机房告警截图"
        disputes.dispute(staff["handler"], NINE + 21 * MINUTE, case, level="P1", why=new)


def test_the_journal_rebuilds_a_case_that_was_disputed_and_voted_on(app, engine, at, staff):
    with transaction():
        case = disputed(staff)
        disputes.vote(staff["handler"], NINE + 12 * MINUTE, case, level="P1", words="三百户掉线")
        disputes.stay_away(staff["agent"], NINE + 13 * MINUTE, case)
        disputes.vote(staff["agent"], NINE + 14 * MINUTE, case, level="P2", words="客户仅反馈一户")
    copy = Case()
    for line in stream.read(case.stream):
        apply(copy, from_facts(line.kind, line.facts), line.at, line.by_id)
    assert copy.dispute == case.dispute
    assert [(v["level"], v["words"]) for v in copy.dispute["votes"]] == [("P1", "三百户掉线"), ("P2", "客户仅反馈一户")]


def test_the_page_shows_the_countdown_the_voices_and_the_verdict(app, at, staff, signed_in):
    with transaction():
        case = disputed(staff)
        disputes.vote(staff["handler"], NINE + 12 * MINUTE, case, level="P1", words="三百户掉线")
    at(NINE + 15 * MINUTE)
    browser = signed_in(staff["supervisor"])
    page = browser.get(f"/cases/{case.no}/dispute").text
    assert "三百户掉线" in page
    assert "sla-timer" in page
    assert f"/cases/{case.no}/dispute" in browser.get(f"/cases/{case.no}").text
    form = browser.get(f"/cases/{case.no}/do/settle").text
    assert 'value="P2"' in form
    answer = browser.post(
        f"/cases/{case.no}/do/settle", data={"settle-level": "P2", "settle-reason": "影响部分客户", "settle-seen": ""}
    )
    assert answer.status_code == 303
    assert "影响部分客户" in browser.get(f"/cases/{case.no}/dispute").text


def test_a_case_that_ends_takes_its_consultation_with_it(app, engine, at, staff):
    with transaction():
        case = disputed(staff)
        cases.void(staff["supervisor"], NINE + 15 * MINUTE, case, reason="测试来电")
        entries = len(stream.read(case.stream))
    Worker().tick(NINE + 41 * MINUTE)
    row = db.session.get_one(Case, case.id, populate_existing=True)
    assert (row.level, row.dispute, row.dispute_until) == ("P3", None, None)
    assert len(stream.read(row.stream)) == entries


def test_an_absence_is_noted_by_the_chair_or_by_that_department_alone(app, engine, at, staff, signed_in):
    with transaction():
        case = disputed(staff)
        tech, service, business = case.unit_id, case.intake_unit_id, staff["business"].unit_id
        with pytest.raises(Forbidden):  # nobody notes the absence of another department
            disputes.note_absence(staff["handler"], NINE + 11 * MINUTE, case, unit_id=service)
        with pytest.raises(Forbidden):  # a department that is not concerned has no voice
            disputes.stay_away(staff["business"], NINE + 11 * MINUTE, case)
        with pytest.raises(Invalid, match="not_concerned"):
            disputes.note_absence(staff["supervisor"], NINE + 11 * MINUTE, case, unit_id=business)
        disputes.note_absence(staff["supervisor"], NINE + 12 * MINUTE, case, unit_id=service, words="电话无人接听")
        disputes.vote(staff["agent"], NINE + 13 * MINUTE, case, level="P3", words="仅一户")  # came after all
        with pytest.raises(Invalid, match="has_spoken"):
            disputes.note_absence(staff["supervisor"], NINE + 14 * MINUTE, case, unit_id=service)
        disputes.stay_away(staff["handler"], NINE + 15 * MINUTE, case)
        assert [(v["unit_id"], v["level"], v["by"]) for v in case.dispute["votes"]] == [
            (service, "P3", staff["agent"].id), (tech, "", staff["handler"].id),
        ]  # fmt: skip
    with transaction():
        number = disputed(staff).no
    browser = signed_in(staff["supervisor"])
    at(NINE + 15 * MINUTE)
    assert f"/cases/{number}/do/absence" in browser.get(f"/cases/{number}/dispute").text
    empty = browser.post(f"/cases/{number}/do/absence", data={"absence-words": "未到会"})
    assert (empty.status_code, "未到会" in empty.text) == (422, True)
    way = f"/cases/{number}/do/absence"
    assert browser.post(way, data={"absence-department": tech, "absence-words": "未到会"}).status_code == 303
    assert "未到会" in browser.get(f"/cases/{number}/dispute").text
    assert signed_in(staff["handler"]).get(way).status_code == 403


def test_a_contact_says_whether_the_lead_department_spoke_and_the_check_lives_by_it(app, engine, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="hotline", unit="tech")
        cases.contact(
            staff["agent"], NINE + MINUTE, case, direction="out", means="phone", reached=True, words="已安抚客户"
        )
        assert clock(case, "lead_contact").outcome == "running"
        _speak(staff, NINE + 5 * MINUTE, case)
        assert clock(case, "lead_contact").outcome == "met"
        said = [line.facts["by_lead"] for line in stream.read(case.stream) if line.kind == "Contacted"]
        assert said == [False, True]
    assert check(NINE + 6 * MINUTE).differences == []
    with transaction():  # a kept stop is not trusted any more: the journal says who spoke
        clock(case, "lead_contact").stopped_at = NINE + MINUTE
    assert [(d.kind, d.field) for d in check(NINE + 6 * MINUTE).differences] == [("lead_contact", "stopped_at")]


def test_a_contact_of_before_counts_as_the_lead_departments_where_its_clock_stopped(app, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="hotline", unit="tech")
        event = case_rules.contact(
            case, NINE + MINUTE, direction="out", means="phone", reached=True, words="已联系客户", promised=None
        )
        assert event.by_lead is None
        record(case, event, by=staff["handler"], at=NINE + MINUTE)
        assert clock(case, "lead_contact").outcome == "met"
    assert check(NINE + 6 * MINUTE).differences == []
