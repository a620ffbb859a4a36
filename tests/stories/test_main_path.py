"""IN2-IN4, SL1-SL5, QU5, QU6: a request is logged, judged, answered, confirmed, rated and closed."""

from datetime import timedelta

from sqlalchemy import select

from portal.cases import actions as cases
from portal.cases.apply import apply
from portal.cases.events import from_facts
from portal.cases.models import Case
from portal.clocks.kept import clocks_of
from portal.clocks.models import Clock
from portal.journal import stream
from portal.kernel.db import db, transaction
from tests.builders import NINE, closed_case, judged_case, make_case

CLOCK_FIELDS = {"press", "clock_kind", "clock_start", "clock_due", "clock_warn", "notice_at", "id", "version"}


def kinds(case: Case) -> dict[str, str]:
    return {c.kind: c.outcome for c in clocks_of(case.id)}


def test_a_case_goes_the_whole_way_and_its_journal_rebuilds_it(app, engine, at, staff):
    with transaction():
        case = closed_case(staff["agent"], staff["supervisor"], staff["handler"])
    case = db.session.scalar(select(Case))
    assert (case.state, case.outcome, case.rating, case.open) == ("closed", "confirmed", 5, False)
    assert set(kinds(case).values()) <= {"met", "cancelled"}
    assert kinds(case)["first_response"] == "met"
    assert kinds(case)["result"] == "met"
    lines = stream.read(case.stream)
    assert [x.kind for x in lines][:2] == ["Logged", "Judged"]
    assert stream.faults([case.stream]) == []
    again = Case()
    for line in lines:
        apply(again, from_facts(line.kind, line.facts), line.at, line.by_id)
    for column in list(Case.__table__.columns.keys()):
        if column not in CLOCK_FIELDS:
            assert getattr(again, column) == getattr(case, column), column


def test_the_entry_clock_is_missed_one_second_after_ten_minutes(app, at, staff):
    with transaction():
        in_time = make_case(staff["agent"], NINE + timedelta(seconds=600), received=NINE)
        late = make_case(staff["agent"], NINE + timedelta(seconds=601), received=NINE)
    assert (kinds(in_time)["entry"], kinds(late)["entry"]) == ("met", "missed")


def test_judging_swaps_the_limit_and_keeps_the_start(app, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email", now=NINE)
    result = db.session.scalar(select(Clock).where(Clock.case_id == case.id, Clock.kind == "result"))
    assert result.due_at == NINE + timedelta(hours=24)
    assert result.level == "P2"


def test_a_pause_moves_the_deadline_and_cures_nothing(app, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email")
        from portal.collaboration import actions as together

        together.claim(staff["supervisor"], NINE, case)
        cases.contact(
            staff["supervisor"],
            NINE + timedelta(minutes=10),
            case,
            direction="out",
            means="phone",
            reached=True,
            words="请客户提供日志",
        )
        together.pause(
            staff["supervisor"], NINE + timedelta(hours=1), case, reason="customer", words="等待客户提供日志"
        )
        cases.contact(
            staff["supervisor"],
            NINE + timedelta(hours=4),
            case,
            direction="in",
            means="email",
            reached=True,
            words="客户发来日志",
        )
    result = db.session.scalar(select(Clock).where(Clock.case_id == case.id, Clock.kind == "result"))
    assert result.due_at == NINE + timedelta(hours=27)
    assert case.state == "in_work"
