"""RE2, QU2: figures follow the department as it was; what it hands on later moves no figure of an old period."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.collaboration import actions as together
from portal.identity import leaving, unit_actions
from portal.identity.queries import unit_by_code, unit_id
from portal.kernel.db import db, transaction
from portal.kernel.i18n import local, speaking
from portal.reports import blocks, boards, monthly_made, periods, queries, recipes, tables, typical
from portal.reports import figures as reports
from portal.reports.metrics import counting, room
from portal.reports.metrics.definitions import KPIS
from portal.reports.paper_rules import KINDS
from portal.reports.recipes import Ask
from portal.reports.rules import Balance
from tests.builders import NINE, closed_case, judged_case, make_case
from tests.reports.papers import JANUARY, published

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


def test_each_departments_row_of_the_report_adds_up_on_sight(quarter):
    """On the page and in the draft that is laid out as PDF, in both languages; every number leads to its cases."""
    q, made = reports.quarter(quarter), {}
    for lang in ("zh_Hans_CN", "en"):
        with speaking(lang):
            made[lang] = tables.balances(q, queries.unit_names())
            kept = blocks.table(made[lang])
        assert [[int(one["s"]) for one in row[1:]] for row in kept["rows"]] == [
            [0, 5, 0, 0, 0, 0, 0, 4, 1], [0, 0, 2, 0, 1, 0, 0, 1, 0], [0, 0, 2, 0, 0, 0, 0, 1, 1],
            [0, 0, 2, 0, 0, 0, 0, 0, 2],
        ]  # fmt: skip
        signs = [{"+": 1, "−": -1, "=": 0}.get(head[0], 1) for head in made[lang].columns[1:]]
        for _, values in [*made[lang].rows, made[lang].foot]:
            terms = sum(sign * int(one.value) for sign, one in zip(signs, values, strict=True))
            assert terms == values[-1].value
    for _, values in made["en"].rows:
        for one in values:
            want = {name: value for name, value in one.filter.items() if name not in ("figure", "quarter")}
            assert queries.count(queries.behind(quarter, one.filter["figure"], want)) == one.value


def told(span):
    """By department as a draft names it: typical cases, breaches, the causes of its closings."""
    ask = Ask(KINDS["unit"], span, unit_id("tech"), JANUARY)
    return (
        [(one.no, one.unit) for one in typical.examples(span)],
        [(one.no, one.unit) for one in recipes.missed(span, 0, "result", "first_response")],
        {unit: monthly_made._causes(replace(ask, unit=unit_id(unit))) for unit in UNITS},
    )


def test_a_draft_made_after_a_department_ended_names_it_as_it_was_and_an_edition_stays(quarter, staff):
    """Its cases go to another department and it is dissolved; a closed case comes back and goes there too."""
    with transaction():
        back = closed_case(
            staff["agent"], staff["supervisor"], staff["handler"], now=JANUARY - timedelta(days=20), rating=1
        )
    first = published("quarterly", "2026Q4", staff["analyst"], [staff["supervisor"], staff["management"]], now=JANUARY)
    before, frozen = told(quarter), first.frozen
    assert before[2]["tech"] == {"cause": {"equipment": 2}, "category": {"product": 2}}
    with transaction():
        cases.reopen(staff["agent"], JANUARY + timedelta(hours=3), back, reason="问题又出现")
        leaving.move_all(staff["admin"], JANUARY + timedelta(hours=4), unit_id("business"), unit_id("tech"), "部门撤销")
        for case in db.session.scalars(select(Case).where(Case.open)):
            if case.unit_id == unit_id("tech"):
                handed(staff, case, "improvement", JANUARY + timedelta(hours=5))
        unit_actions.dissolve(staff["admin"], JANUARY + timedelta(hours=5), unit_by_code("business"))
    assert told(quarter) == before
    assert unit_id("business") in {unit for _, unit in before[1]}
    assert queries.unit_names()[unit_id("business")][0] == "业务处理组"
    assert first.frozen == frozen


def test_lists_behind_the_terms_of_a_balance_are_headed_in_words(app, at, staff, signed_in):
    browser = signed_in(staff["quality"])
    for figure, code, heading in (
        ("taken_over", "in", "转入"),
        ("void", "void", "作废"),
        ("closed", "confirmed", "办结 · "),
    ):
        page = browser.get(f"/reports/cases?figure={figure}&code={code}").text
        assert f"<h1>{heading}" in page
        assert f"· {code}<" not in page
