"""RE2, QU2: figures follow the department as it was; what it hands on later moves no figure of an old period."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases.models import Case
from portal.collaboration import actions as together
from portal.identity.queries import unit_id
from portal.kernel.db import db, transaction
from portal.kernel.i18n import local
from portal.reports import boards, periods, queries
from portal.reports.metrics import counting, room
from portal.reports.metrics.definitions import KPIS
from portal.reports.rules import Balance
from tests.builders import NINE, closed_case, judged_case, make_case
from tests.reports.papers import JANUARY

UNITS = ("service", "tech", "business", "improvement")


@pytest.fixture
def quarter(app, engine, at, staff):
    """Of five cases one never left the service, four went to other departments, one of them further; two are open."""
    agent, supervisor = staff["agent"], staff["supervisor"]
    with transaction():
        closed_case(agent, supervisor, staff["handler"], level="P2", rating=5)
        judged_case(agent, supervisor, level="P2", channel="email", contact="13900130001")
        moves = judged_case(agent, supervisor, level="P2", unit="tech", channel="email", contact="13900130002")
        judged_case(agent, supervisor, level="P4", contact="13900130003")
        make_case(agent, contact="13900130004")
        handed(staff, moves, "business", NINE + timedelta(hours=3))
        handed(staff, moves, "improvement", NINE + timedelta(days=3))
    return periods.period("2026Q4", JANUARY, local(JANUARY).tzinfo)


def handed(staff, case, unit, at):
    together.transfer(staff["supervisor"], at, case, unit_id=unit_id(unit), reason="属该部门职责")


def figures(span):
    """Every figure of each department but those that look at what came later, and its balance."""
    counts = counting.count(span)
    codes = [code for code, kpi in KPIS.items() if kpi.relation and code not in ("returned",)]
    return {
        unit: ({code: room.figure(counts, code, unit=unit_id(unit)) for code in codes},
               room.balance(counts, unit=unit_id(unit)))
        for unit in UNITS
    }  # fmt: skip


def test_what_is_handed_on_later_moves_no_figure_of_the_old_quarter(quarter, staff):
    before = figures(quarter)
    with transaction():
        for case in db.session.scalars(select(Case).where(Case.open)):
            to = "tech" if case.unit_id != unit_id("tech") else "service"
            handed(staff, case, to, JANUARY + timedelta(hours=1))
    now = figures(quarter)
    for unit in UNITS:
        assert {
            code: (one, now[unit][0][code]) for code, one in before[unit][0].items() if now[unit][0][code] != one
        } == {}
        assert now[unit][1] == before[unit][1]


def test_a_request_counts_where_it_came_and_each_departments_balance_adds_up(quarter, staff):
    found = figures(quarter)
    assert {unit: one for unit, (_, one) in found.items()} == {
        "service": Balance(0, 5, 0, 0, 0, 0, 1, taken=0, handed=4),
        "tech": Balance(0, 0, 0, 1, 0, 0, 0, outcomes={"confirmed": 1}, taken=2, handed=1),
        "business": Balance(0, 0, 0, 0, 0, 0, 1, taken=2, handed=1),
        "improvement": Balance(0, 0, 0, 0, 0, 0, 2, taken=2, handed=0),
    }
    assert [one.difference for _, one in found.values()] == [0] * 4
    drawn = boards.flow(counting.count(quarter), {"unit": unit_id("improvement")})
    assert (sum(drawn.values), "受理及转入 2 件" in drawn.title) == (2, True)
    with transaction():
        for case in db.session.scalars(select(Case).where(Case.open)):
            if case.unit_id != unit_id("business"):
                handed(staff, case, "business", JANUARY + timedelta(hours=1))
    later = JANUARY + timedelta(days=1)
    following = figures(periods.period("2027Q1", later, local(later).tzinfo))
    assert [one.difference for _, one in following.values()] == [0] * 4
    assert {unit: one.opening for unit, (_, one) in following.items()} == {
        "service": 1, "tech": 0, "business": 1, "improvement": 2,
    }  # fmt: skip
    assert following["business"][1].closing == 4


def test_a_limit_that_was_missed_is_of_the_department_that_held_the_case_then(quarter):
    """The result of the case that went on was due a day after it came: business had it then."""
    found = figures(quarter)
    missed = {
        unit: one["attainment.result"].denominator - one["attainment.result"].numerator
        for unit, (one, _) in found.items()
    }
    assert missed == {"service": 1, "tech": 0, "business": 2, "improvement": 1}
    span, want = quarter, {"code": "result", "unit": str(unit_id("business"))}
    assert queries.count(queries.behind(span, "attainment", want, "miss")) == 2
    moved = {"code": "in", "unit": str(unit_id("improvement"))}
    assert queries.count(queries.behind(span, "taken_over", moved)) == 2
