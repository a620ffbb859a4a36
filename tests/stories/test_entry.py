"""The table of kinds, entry 录入: what a machine hands in without its four elements is entered once they are there."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.archive import exceptions
from portal.cases import actions as cases
from portal.cases import correcting
from portal.cases.events import from_facts
from portal.cases.models import Case
from portal.cases.record import record
from portal.clocks.kept import clocks_of
from portal.clocks.models import Clock
from portal.collaboration import actions as together
from portal.collaboration import corrections
from portal.desk.case_deeds import next_deed, possible
from portal.identity.actor import SYSTEM
from portal.intake.actions import take
from portal.jobs.selfcheck import check
from portal.jobs.watch import look
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.notices.models import Notice
from portal.reports import figures
from portal.reports.quarterly import quarter_span
from tests.builders import NINE, a_request, make_case

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DUE = NINE + 10 * MINUTE
FOUND = {"description": "移机后光猫红灯常亮，重启两次仍不能上网", "demand": "今天上门修好", "happened": "今早八点半"}
GROUNDS = {"impact": "single", "urgency": "medium", "harm": False, "reason": "按标准判定"}


def handed_in(**changes: Any) -> Case:
    """What another system hands in at nine without time node and demand."""
    facts = {"machine": True, "channel": "email", "source": "api:1", "demand": "", "happened": ""}
    return take(SYSTEM, NINE, a_request(**(facts | changes)))


def clock(case: Case, kind: str) -> Clock | None:
    return next((one for one in clocks_of(case.id) if one.kind == kind), None)


def entry(case: Case) -> tuple[str, datetime | None]:
    """How the clock of entry stands, and when it stopped."""
    found = clock(case, "entry")
    assert found is not None
    return found.outcome, found.stopped_at


def late(now: datetime) -> tuple[int, int]:
    """Cases entered late, of those whose entry was due."""
    db.session.rollback()
    found = figures.quarter(quarter_span("2026Q4", now)).figure("late_entry")
    return found.numerator, found.denominator


def test_it_runs_until_the_elements_are_there_and_only_then_the_judgement_counts(app, engine, at, staff, signed_in):
    with transaction():
        case = handed_in()
        found = clock(case, "entry")
        assert (found.outcome, found.started_at, found.due_at) == ("running", NINE, DUE)
        assert clock(case, "judgement") is None
        assert clock(case, "first_response").started_at == NINE  # every other limit counts from the receipt
        assert case.clock_kind == "entry"
        for person in (staff["agent"], staff["supervisor"]):
            assert next_deed(case, possible(person, case)) == "complete"
    agent = signed_in(staff["agent"])
    page = agent.get(f"/cases/{case.no}").text
    assert "录入" in page
    assert "09:10" in page
    assert case.no in agent.get("/queues/service?segment=gaps").text
    with transaction():
        case = db.session.get_one(Case, case.id)
        cases.complete(staff["agent"], DUE, case, **FOUND)
        assert entry(case) == ("met", DUE)
        judgement = clock(case, "judgement")
        assert (judgement.outcome, judgement.started_at, judgement.due_at) == ("running", DUE, DUE + 2 * HOUR)
        cases.judge(staff["supervisor"], DUE + HOUR, case, level="P3", **GROUNDS)
        assert judgement.outcome == "met"
    assert not check(NINE + 2 * HOUR).differences


def test_completed_too_late_it_is_missed_told_and_counted_by_its_due_instant(app, engine, at, staff):
    with transaction():
        case = handed_in()
        make_case(staff["agent"], NINE, channel="email")
    assert late(DUE) == (0, 1)
    assert late(DUE + MINUTE) == (1, 2)  # though nobody has completed it
    look(DUE)
    told = db.session.scalars(select(Notice).where(Notice.kind == "due", Notice.subject == case.stream))
    assert {(one.person_id, one.facts["clock"]) for one in told} == {(staff["supervisor"].id, "entry")}
    with transaction():
        case = db.session.get_one(Case, case.id)
        cases.complete(staff["agent"], DUE + timedelta(seconds=1), case, **FOUND)
        assert entry(case) == ("missed", DUE + timedelta(seconds=1))
    assert late(NINE + HOUR) == (1, 2)
    assert not check(NINE + HOUR).differences


def test_judged_before_it_is_entered_it_has_no_judgement_to_wait_for(app, engine, at, staff):
    with transaction():
        case = handed_in()
        cases.judge(staff["supervisor"], NINE + MINUTE, case, level="P2", **GROUNDS)
        assert (clock(case, "judgement"), entry(case)[0]) == (None, "running")
        assert clock(case, "result").due_at == NINE + 24 * HOUR
        cases.complete(staff["agent"], NINE + 2 * MINUTE, case, **FOUND)
        assert (clock(case, "judgement"), entry(case)) == (None, ("met", NINE + 2 * MINUTE))
    assert not check(NINE + HOUR).differences


@pytest.mark.parametrize(
    ("end", "minutes", "outcome"),
    [("void", 20, "cancelled"), ("merge", 20, "cancelled"), ("close", 5, "cancelled"), ("close", 20, "missed")],
)
def test_it_ends_with_its_case_as_other_clocks_do(app, at, staff, end, minutes, outcome):
    then = NINE + minutes * MINUTE
    with transaction():
        case = handed_in()
        if end == "void":
            cases.void(staff["supervisor"], then, case, reason="系统测试数据")
        elif end == "merge":
            together.merge(staff["supervisor"], then, case, make_case(staff["agent"]), reason="同一事项")
        else:
            cases.close(staff["supervisor"], then, case, outcome="withdrawn", reason="客户来信撤回")
        assert entry(case) == (outcome, then)
    assert not check(NINE + HOUR).differences


@pytest.mark.parametrize(("completed", "outcome"), [(None, "running"), (8, "missed"), (2, "met")])
def test_a_corrected_time_of_receipt_moves_its_start_and_its_verdict(app, at, staff, completed, outcome):
    with transaction():
        case = handed_in(channel="chat")
        if completed:
            cases.complete(staff["agent"], NINE + completed * MINUTE, case, **FOUND)
        facts = {"field": "received", "new": "", "received": NINE - 4 * MINUTE, "reason": "接口时间有误"}
        corrections.correct(staff["agent"], NINE + 9 * MINUTE, case, **facts)
        corrections.decide_correction(staff["supervisor"], NINE + 9 * MINUTE, case, approved=True, words="")
        found = clock(case, "entry")
        assert found.outcome == outcome
        if completed is None:
            cases.complete(staff["agent"], NINE + 11 * MINUTE, case, **FOUND)
            assert entry(case)[0] == "missed"
    assert not check(NINE + HOUR).differences


@pytest.mark.parametrize(
    "changes", [{"demand": "尽快修好", "happened": "今早八点"}, {"channel": "backup", "source": "backup:A-1"}]
)
def test_what_has_its_elements_or_came_by_the_backup_channel_goes_on_as_it_did(app, at, staff, changes):
    with transaction():
        case = handed_in(**changes)
        assert clock(case, "judgement").started_at == NINE
        found = clock(case, "entry")
        assert found is None if case.channel == "backup" else found.outcome == "met"


@pytest.mark.parametrize("change", [{"field": "received", "new": ""}, {"field": "channel", "new": "email"}])
@pytest.mark.parametrize("kept_as", ["now", "before"])
def test_a_corrected_back_entry_has_the_clocks_of_an_uncorrected_one(app, at, staff, change, kept_as):
    """Journals of before gave it a clock of entry; lived through again they still do (EM5, QU7)."""
    facts = {"received": NINE - HOUR, "reason": "纸单时间抄错"} | change
    then = NINE + 6 * HOUR
    with transaction():
        case = handed_in(channel="backup", source="backup:A-1", demand="尽快修好", happened="今早八点")
        corrections.correct(staff["agent"], then, case, **facts)
        if kept_as == "now":
            corrections.decide_correction(staff["supervisor"], then, case, approved=True, words="")
        else:
            old = replace(correcting.decide(case, by=0, approved=True, words=""), back=False)
            record(case, old, by=staff["supervisor"], at=then)
        assert (clock(case, "entry") is None) == (kept_as == "now")
        assert clock(case, "first_response").started_at == case.received_at
    assert not check(then).differences


def test_a_supervisor_takes_a_vague_request_as_it_is_and_what_was_completed_late_is_on_the_list(
    app, at, staff, signed_in
):
    with transaction():
        late, quick = handed_in(), handed_in(source="api:2")
        cases.complete(staff["agent"], NINE + MINUTE, quick, **FOUND)
    url, typed = f"/cases/{late.no}/do/complete", {f"complete-{name}": value for name, value in FOUND.items()}
    typed |= {"complete-version": "1", "complete-description": "不好用", "complete-overruled": "客户不愿多说"}
    assert 'name="complete-overruled"' not in signed_in(staff["agent"]).get(url).text
    assert signed_in(staff["agent"]).post(url, data=typed).status_code == 422
    at(minutes=30)
    supervisor = signed_in(staff["supervisor"])
    assert 'name="complete-overruled"' in supervisor.get(url).text
    assert supervisor.post(url, data=typed | {"complete-overruled": " "}).status_code == 422
    assert supervisor.post(url, data=typed).status_code == 303
    assert "照此受理：客户不愿多说" in supervisor.get(f"/cases/{late.no}").text
    found = exceptions.found(staff["auditor"], NINE, NINE + HOUR)
    assert [(one.kind, one.no) for one in found] == [("accepted", late.no), ("late", late.no)]
    assert not check(NINE + HOUR).differences


def test_a_journal_of_before_had_its_entry_when_it_came_in(app, at, staff):
    with transaction():
        facts = stream.read(handed_in().stream)[0].facts
        event = from_facts("Logged", {k: v for k, v in facts.items() if k != "unentered"} | {"no": "CS2611-0900"})
        case = cases.log(SYSTEM, NINE, event)
        assert (entry(case), clock(case, "judgement").started_at) == (("met", NINE), NINE)
        cases.complete(staff["agent"], NINE + HOUR, case, **FOUND)
        assert (entry(case), clock(case, "judgement").started_at) == (("met", NINE), NINE)
    assert not check(NINE + 2 * HOUR).differences


def test_vague_words_complete_nothing_and_nobodys_request_waits_for_its_customer(app, at, staff, signed_in):
    with transaction():
        case, unknown = handed_in(), handed_in(source="api:2", contact="", customer_name="")
    agent, typed = signed_in(staff["agent"]), {f"complete-{name}": value for name, value in FOUND.items()}
    url = f"/cases/{case.no}/do/complete"
    vague = agent.post(url, data=typed | {"complete-version": "1", "complete-description": "反正就是不好用，很慢"})
    assert (vague.status_code, "反正就是不好用，很慢" in vague.text) == (422, True)
    assert "具体" in vague.text
    nobody = agent.post(f"/cases/{unknown.no}/do/complete", data=typed | {"complete-version": "1"})
    assert (nobody.status_code, "请先更正客户" in nobody.text, FOUND["demand"] in nobody.text) == (409, True, True)
    with transaction():
        case = db.session.get_one(Case, unknown.id)
        facts = {"field": "customer", "new": "13900139000", "received": None, "reason": "来电核实"}
        corrections.correct(staff["agent"], NINE, case, **facts)
        typed |= {"complete-version": str(case.version)}
    assert agent.post(f"/cases/{unknown.no}/do/complete", data=typed).status_code == 303
    assert entry(db.session.get_one(Case, unknown.id, populate_existing=True)) == ("met", NINE)
