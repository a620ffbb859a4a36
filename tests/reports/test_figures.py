"""QA2, RE2, RE4: figures of cases made by hand, on both engines, and the cases behind each figure."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from portal.cases import actions as cases
from portal.clocks.models import Clock
from portal.collaboration import actions as together
from portal.identity.actor import SYSTEM
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid
from portal.reports import figures, queries
from portal.reports.metrics.definitions import KPIS
from portal.reports.quarterly import quarter_span
from tests.builders import NINE, a_request, closed_case, judged_case, make_case

LATER = NINE + timedelta(days=10)
SEPTEMBER = datetime(2026, 9, 30, 8, 0, tzinfo=UTC)  # 16:00 on the last day of the third quarter


def counted(code: str = "2026Q4", now: datetime = LATER) -> figures.Quarter:
    return figures.quarter(quarter_span(code, now))


def parts(figure) -> tuple[int, int]:
    return figure.numerator, figure.denominator


def again(staff, case, at: datetime) -> None:
    """A reopened case is answered, confirmed, rated and closed once more."""
    agent = staff["agent"]
    cases.write_result(
        staff["handler"], at, case, text="再次处理完毕，测速正常", cause_category="network", cause="链路"
    )
    cases.tell(staff["handler"], at, case, means="phone", words="已告知")
    cases.confirm(agent, at, case, verdict="satisfied", means="phone", words="好了")
    cases.record(case, cases.rules.rate(case, overall=3, means="sms", comment=""), by=agent, at=at)
    cases.close(agent, at, case, outcome="confirmed")


def test_a_quiet_quarter_has_no_figures_and_still_balances(app, engine, at, staff):
    found = counted()
    assert found.empty
    assert found.balance.difference == 0
    assert found.figure("satisfaction").value is None
    assert found.duration("final_solved", 0.5).value is None


def test_cases_in_time_and_late_are_told_apart(app, engine, at, staff):
    with transaction():
        closed_case(staff["agent"], staff["supervisor"], staff["handler"], level="P2", rating=5)
        make_case(staff["agent"], NINE + timedelta(minutes=11), received=NINE, channel="email")
    found = counted()
    assert found.figure("received").value == 2
    assert parts(found.figure("late_entry")) == (1, 2)
    assert found.figure("late_entry").value == 50.0
    assert parts(found.figure("attainment", code="result", level="P2")) == (1, 1)
    assert found.figure("satisfaction").value == 100.0
    assert parts(found.figure("rating_response")) == (1, 1)
    assert found.duration("staff_solved", 0.5).value == 20 * 60
    assert found.duration("final_solved", 0.9).value == 25 * 60
    b = found.balance
    assert (b.opening, b.received, b.closed, b.closing, b.difference) == (0, 2, 1, 1, 0)


def test_open_and_late_counts_as_missed_in_the_quarter_of_its_due_instant(app, engine, at, staff):
    with transaction():
        judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email", now=SEPTEMBER)
    clock = db.session.scalar(select(Clock).where(Clock.kind == "result"))
    assert clock.due_at == SEPTEMBER + timedelta(hours=24)  # in October
    assert parts(counted("2026Q3").figure("attainment", code="result")) == (0, 0)
    assert parts(counted("2026Q4").figure("attainment", code="result")) == (0, 1)
    before_due = counted("2026Q4", SEPTEMBER + timedelta(hours=23))
    assert parts(before_due.figure("attainment", code="result")) == (0, 0)
    assert parts(counted("2026Q3").figure("attainment", code="judgement")) == (1, 1)
    first = counted("2026Q3").figure("attainment", code="first_response")
    assert parts(first) == (0, 1)


def test_an_extension_shows_both_attainments(app, engine, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email", unit="tech")
        together.claim(staff["handler"], NINE, case)
        agreed = NINE + timedelta(hours=48)
        together.extend(staff["handler"], NINE + timedelta(hours=2), case, due=agreed, reason="等备件", told="客户同意")
        late = NINE + timedelta(hours=30)  # after the first limit, before the new one
        cases.write_result(
            staff["handler"], late, case, text="备件到货并已更换，恢复正常", cause_category="equipment", cause="老化"
        )
        cases.tell(staff["handler"], late, case, means="phone", words="已告知")
    found = counted()
    assert parts(found.figure("attainment", code="result")) == (1, 1)
    assert parts(found.figure("attainment_original", code="result")) == (0, 1)
    assert parts(found.figure("extension")) == (1, 1)


def test_a_reopened_case_counts_against_the_quarter_of_the_closing_that_failed(app, engine, at, staff):
    with transaction():
        case = closed_case(staff["agent"], staff["supervisor"], staff["handler"], level="P3", now=SEPTEMBER, rating=5)
        back = SEPTEMBER + timedelta(days=3)
        cases.reopen(staff["agent"], back, case, reason="问题又出现")
        again(staff, case, back + timedelta(hours=2))
    third, fourth = counted("2026Q3"), counted("2026Q4")
    assert parts(third.figure("reopen")) == (1, 1)
    assert parts(fourth.figure("reopen")) == (0, 1)
    assert (third.figure("satisfaction").value, fourth.figure("satisfaction").value) == (100.0, 0.0)
    assert (third.balance.closing, fourth.balance.opening) == (0, 0)
    b = fourth.balance
    assert (b.received, b.reopened, b.closed, b.closing, b.difference) == (0, 1, 1, 0, 0)
    # 35 minutes until the first closing, two hours after it came back; the days in between rest
    assert fourth.duration("final_solved", 0.5).value == 35 * 60 + 2 * 3600


def test_exercises_voided_and_merged_cases_stay_out_of_the_rates(app, engine, at, staff):
    with transaction():
        practice = make_case(staff["agent"], NINE)
        practice.exercise = True
        void = make_case(staff["agent"], NINE)
        cases.void(staff["supervisor"], NINE, void, reason="打错电话")
        one, into = make_case(staff["agent"], NINE), make_case(staff["agent"], NINE)
        together.merge(staff["agent"], NINE, one, into, reason="同一件事")
    found = counted()
    b = found.balance
    assert (found.exercises, b.received, b.void, b.merged, b.closing, b.difference) == (1, 3, 1, 1, 1, 0)
    assert parts(found.figure("late_entry")) == (0, 1)


def test_only_the_customers_own_chasing_counts(app, engine, at, staff):
    with transaction():
        ours, theirs = make_case(staff["agent"], NINE), make_case(staff["agent"], NINE)
        together.chase(staff["agent"], NINE, ours, by_customer=False, words="内部催办")
        together.chase(staff["agent"], NINE, theirs, by_customer=True, words="客户来电催促")
    assert parts(counted().figure("chase")) == (1, 2)


def test_every_figure_opens_down_to_exactly_its_cases(app, engine, at, staff):
    with transaction():
        case = closed_case(staff["agent"], staff["supervisor"], staff["handler"], level="P2", rating=4)
        cases.reopen(staff["agent"], NINE + timedelta(hours=3), case, reason="问题又出现")
        closed_case(staff["agent"], staff["supervisor"], staff["handler"], level="P3", rating=2, channel="email")
        cases.void(SYSTEM, NINE, make_case(staff["agent"], NINE, channel="app"), reason="测试")
    found = counted()
    for code, kpi in KPIS.items():
        if kpi.absent or kpi.mode in ("elsewhere", "calls"):
            continue
        for want in ({}, {"level": "P2"}, {"channel": "email"}, {"unit": staff["handler"].unit_id}):
            figure = found.figure(code, **want)
            link = {name: value for name, value in figure.filter.items() if name not in ("figure", "quarter", "part")}
            name, part = figure.filter["figure"], figure.filter.get("part", "all")
            assert queries.count(queries.behind(found.span, name, link, part)) == figure.denominator, (code, want)
            if kpi.mode in ("hit", "miss"):
                assert queries.count(queries.behind(found.span, name, link, kpi.mode)) == figure.numerator, (code, want)
    assert queries.count(queries.behind(found.span, "closing", {})) == found.closing == 1
    lines = queries.page(queries.behind(found.span, "closed", {}), 1)
    assert len(lines) == 2
    assert {line.state for line in lines} == {"in_work", "closed"}


def test_the_sums_over_levels_and_departments_are_the_whole(app, engine, at, staff):
    with transaction():
        for level in ("P2", "P3", "P4"):
            closed_case(staff["agent"], staff["supervisor"], staff["handler"], level=level)
    found = counted()
    for name in ("level", "unit", "channel", "type"):
        for code in ("received", "closed", "reopen"):
            there = {v for relation in ("received", "moves") for v in found.values(relation, name)}
            members = [found.figure(code, **{name: v}).denominator for v in there]
            assert sum(members) == found.figure(code).denominator


@pytest.mark.parametrize("bad", [("nothing", {}), ("received", {"unit": "x"}), ("received", {"unit": "9" * 30})])
def test_unknown_figures_are_refused(app, at, bad):
    with pytest.raises(Invalid):
        queries.behind(quarter_span("2026Q4", LATER), *bad)


def test_a_request_that_arrives_late_in_the_books_keeps_its_quarter(app, at, staff):
    with transaction():
        make_case(staff["agent"], SEPTEMBER + timedelta(hours=12), **vars(a_request(received=SEPTEMBER)))
    assert counted("2026Q3").balance.closing == 1
    assert counted("2026Q4").balance.opening == 1
