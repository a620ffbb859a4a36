"""Dashboards and one's own figures: what they show, to whom, with filters in the address; objections and answers."""

import html
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.clocks.models import Clock
from portal.collaboration import actions as together
from portal.identity import queries as people
from portal.journal import stream
from portal.kernel.collation import by_name
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Missing, Refused
from portal.kernel.i18n import local
from portal.notices.models import Notice
from portal.reports import lateness, load, own_actions, own_queries, periods
from portal.reports.metrics import source
from portal.reports.metrics.persons import LEAST, of_people, team_median
from portal.reports.models import Objection
from portal.reports.rules import Figure
from portal.roster import actions as roster
from tests.builders import NINE, closed_case, judged_case, make_person

LATER = NINE + timedelta(days=2)


@pytest.fixture
def worked(app, at, staff):
    """Closed, open and overdue cases of the tech department."""
    with transaction():
        for level in ("P2", "P3"):
            closed_case(staff["agent"], staff["supervisor"], staff["handler"], level=level)
        late = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email", unit="tech")
        together.claim(staff["handler"], NINE + timedelta(minutes=5), late)
    at(days=2)
    return late


def test_each_board_is_for_its_roles(app, worked, staff, signed_in):
    seen = {  # who may, and who of those nearest to them may not
        "/reports/boards/today": ("head", "handler"), "/reports/boards/department": ("handler", "agent"),
        "/reports/boards/month": ("analyst", "handler"), "/reports/boards/management": ("management", "agent"),
        "/reports/own": ("agent", "quality"), "/reports/own/people": ("head", "handler"),
    }  # fmt: skip
    for path, (may, may_not) in seen.items():
        assert signed_in(staff[may]).get(path).status_code == 200, path
        assert signed_in(staff[may_not]).get(path).status_code == 403, path


def test_the_load_of_today_tells_what_runs_out_and_who_is_free(app, engine, at, staff):
    tech = people.unit_by_code("tech").id
    with transaction():
        idle = make_person(role="handler", unit="tech", name="空闲", login="idle")
        for person in (staff["handler"], idle):
            roster.add(
                staff["head"], NINE, unit_id=tech, person_id=person.id, role="handler", kind="desk",
                begin=NINE, end=NINE + timedelta(hours=9),
            )  # fmt: skip
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email", unit="tech")
        together.claim(staff["handler"], NINE, case)
        judged_case(staff["agent"], staff["supervisor"], level="P3", channel="email", unit="tech")
    now = at(minutes=5)
    here = int(now.timestamp())
    (ahead,) = [one for one in load.ahead(here) if one.no == case.no]
    assert (ahead.clock, ahead.due, ahead.owner) == ("first_response", int(NINE.timestamp()) + 1800, "陈浩")
    assert sum(count for _, count in load.steps(here)) == len(load.ahead(here))
    assert [(one.name, one.free) for one in load.staff(now)] == [("空闲", True), ("陈浩", False)]
    (held,) = load.by_unit(here)
    assert (held.open, held.urgent, held.late, held.unclaimed) == (2, 1, 0, 1)
    assert load.by_unit(here + 3600)[0].late >= 1
    assert load.by_unit(here, [people.unit_by_code("business").id]) == []
    assert sum(load.used(here, [tech])) == load.ages(here, [tech]).buckets[0] == 2


def test_a_board_says_what_the_figures_say_and_leads_to_the_cases(app, worked, staff, signed_in):
    page = signed_in(staff["quality"]).get("/reports/boards/month?period=2026-11&level=P2").text
    assert 'href="/reports/cases?figure=attainment&amp;period=2026-11&amp;level=P2&amp;code=result"' in page
    assert 'role="img"' in page
    assert page.count("see-table") >= 3  # every drawing has its table
    assert 'value="P2" selected' in page
    hotline = signed_in(staff["quality"]).get("/reports/boards/hotline?period=2026-11").text
    assert "没有电话系统的来电记录" in hotline
    assert "公式三" in hotline


def test_a_department_sees_its_own_board_alone(app, worked, staff, signed_in):
    tech, business = (people.unit_by_code(code).id for code in ("tech", "business"))
    head = signed_in(staff["head"])
    assert head.get(f"/reports/boards/department?unit={tech}").status_code == 200
    assert head.get(f"/reports/boards/department?unit={business}").status_code == 404
    assert signed_in(staff["management"]).get(f"/reports/boards/department?unit={business}").status_code == 200


def test_which_department_was_late_most_often_is_one_sentence_and_a_sorted_table(app, engine, worked, staff, signed_in):
    with transaction():
        judged_case(
            staff["agent"], staff["supervisor"], level="P3", channel="email", unit="business", contact="13800130099"
        )  # fmt: skip
    quality = signed_in(staff["quality"])
    rows = {row.name: row for row in lateness.lateness(source.counts(november()), {})}
    tech = next(row for row in rows.values() if row.unit == people.unit_by_code("tech").id)
    assert (tech.cases, tech.most) == (1, 1)
    assert tech.late > 1
    assert [row.name for row in lateness.lateness(source.counts(november()), {}, "unit")] == by_name(rows, str)
    page = quality.get("/reports/late?period=2026-11&sort=cases").text
    assert 'aria-sort="descending"' in page
    first = max(rows.values(), key=lambda row: row.late)
    assert f"{first.name}超时最多：到期时限 {first.due} 项中超时 {first.late} 项" in page
    link = f"/reports/cases?part=miss&amp;figure=attainment&amp;period=2026-11&amp;unit={tech.unit}"
    assert link in page
    listed = quality.get(link.replace("&amp;", "&")).text
    assert f"{tech.late}" in listed
    assert quality.get("/reports/late?sort=nothing").status_code == 422
    assert "/reports/late?period=2026-11" in quality.get("/reports/boards/month?period=2026-11").text
    assert signed_in(staff["handler"]).get("/reports/late").status_code == 403


def test_the_board_opens_on_a_department_that_has_figures(app, worked, staff, signed_in):
    assert "客户服务部 · " in signed_in(staff["quality"]).get("/reports/boards/department").text
    page = signed_in(staff["management"]).get("/reports/boards/department").text  # of the headquarters, which hold none
    assert 'id="instead"' in page
    assert "在本期没有工单和数据；以下显示客户服务部" in page
    unit = people.unit_by_code("hq").id
    assert "有数据的部门：" in signed_in(staff["management"]).get(f"/reports/boards/department?unit={unit}").text


def november():
    return periods.period("2026-11", LATER, local(LATER).tzinfo)


def test_ones_own_figures_are_those_of_ones_cases(app, worked, staff):
    found = of_people(november(), [staff["handler"].id, staff["agent"].id])
    mine = found[staff["handler"].id]
    assert (mine["closed"].value, mine["attainment.result"].numerator, mine["attainment.result"].denominator) == (
        2,
        2,
        3,
    )
    assert mine["staff_solved"].value == 20 * 60
    assert found[staff["agent"].id]["closed"].value == 0
    assert {one.kind for one in own_queries.breaches(staff["handler"].id, november())} >= {"result", "first_response"}


def test_a_team_of_two_has_no_median():
    def one(value):
        return {"closed": Figure("closed", value, "cases", 1, 1)}

    assert team_median({n: one(float(n)) for n in range(LEAST - 1)}, "closed") is None
    assert team_median({n: one(float(n)) for n in range(LEAST)}, "closed") == 1.0


def missed() -> Clock:
    return db.session.scalars(select(Clock).where(Clock.kind == "result", Clock.outcome == "running")).one()


def test_a_missed_limit_is_objected_to_once_and_answered_by_somebody_else(app, engine, worked, staff):
    clock, handler = missed(), staff["handler"]
    with pytest.raises(Invalid), transaction():
        own_actions.object_to(handler, LATER, clock.id, "不是我")
    with pytest.raises(Missing), transaction():
        own_actions.object_to(staff["agent"], LATER, clock.id, "系统停机两小时，无法处理")
    with transaction():
        first = own_actions.object_to(handler, LATER, clock.id, "系统停机两小时，无法处理")
        assert own_actions.object_to(handler, LATER, clock.id, "系统停机两小时，无法处理").id == first.id
    assert [one.row.id for one in own_queries.waiting()] == [first.id]
    assert db.session.scalar(select(Notice.person_id).where(Notice.kind == "objected")) == staff["quality"].id
    with pytest.raises(Forbidden), transaction():
        own_actions.answer(staff["head"], LATER, first.id, accepted=True, words="停机属实，予以接受")
    with transaction():
        own_actions.answer(staff["quality"], LATER, first.id, accepted=True, words="停机属实，予以接受")
    with pytest.raises(Refused), transaction():
        own_actions.answer(staff["quality"], LATER, first.id, accepted=False, words="再次答复不予接受")
    assert own_queries.waiting() == []
    assert db.session.get_one(Clock, clock.id).outcome == "running"  # the verdict is what it was
    kinds = [line.kind for line in stream.read(f"figures:{handler.id}")]
    assert kinds == ["Objected", "ObjectionAnswered"]
    met = db.session.scalars(select(Clock).where(Clock.kind == "result", Clock.outcome == "met").limit(1)).one()
    with pytest.raises(Refused), transaction():
        own_actions.object_to(handler, LATER, met.id, "系统停机两小时，无法处理")


def test_a_short_objection_is_refused_at_its_field_with_what_was_typed(app, worked, staff, signed_in):
    answer = signed_in(staff["handler"]).post(f"/reports/own/objections/{missed().id}", data={"words": "不认"})
    assert answer.status_code == 422
    assert "不认</textarea>" in answer.text
    assert db.session.query(Objection).count() == 0


def test_a_month_is_ones_own_to_see_first(app, at, worked, staff, signed_in):
    at(days=8)  # the second of December
    head, name = signed_in(staff["head"]), "陈浩"
    page = head.get("/reports/own/people?period=2026-11").text
    assert name in page
    assert "本人尚未阅" in page
    handler = signed_in(staff["handler"])
    assert handler.post("/reports/own/read", data={"period": "2026-12"}).status_code == 422  # it is not over
    behind = f"/reports/cases?figure=closed&period=2026-11&person={staff['handler'].id}"
    assert html.escape(behind) in handler.get("/reports/own?period=2026-11").text
    assert (
        handler.get(behind).text.count('scope="row"><a href="/cases/') == 2
    )  # one's own figures open to one's own cases
    assert "cases.csv" not in handler.get(behind).text
    assert handler.get(behind.replace("cases?", "cases.csv?")).status_code == 403
    assert handler.get(behind.replace("person=", "person=9")).status_code == 403
    assert head.get(behind).status_code == 404
    for _ in range(2):
        assert handler.post("/reports/own/read", data={"period": "2026-11"}).status_code == 303
    assert head.get(behind).status_code == 200
    page = head.get("/reports/own/people?period=2026-11").text
    assert page.count("本人尚未阅") == 0
    span = periods.period("2026-11", NINE + timedelta(days=8), local(NINE).tzinfo)
    everybody = [staff["handler"].id, staff["agent"].id]
    assert own_queries.released(everybody, span, NINE + timedelta(days=8)) == {staff["handler"].id}
    assert own_queries.released(everybody, span, NINE + timedelta(days=10)) == set(everybody)
