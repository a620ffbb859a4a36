"""SL4, who used the time: figures of stories told with a moved clock, counted by hand, and the cases behind them."""

import csv
import io
from datetime import timedelta

import pytest

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.collaboration import actions as together
from portal.identity.queries import unit_by_code
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid
from portal.reports import queries, spent, timeuse
from portal.reports.quarterly import quarter_span
from tests.builders import NINE, closed_case, judged_case, make_case

LATER = NINE + timedelta(days=10)


def later(**delta: int):
    return NINE + timedelta(**delta)


def span(code: str = "2026Q4"):
    return quarter_span(code, LATER)


def answered(staff, case: Case, at) -> None:
    """The handler writes the result and tells the customer in the same minute."""
    who = staff["handler"]
    cases.write_result(who, at, case, text="更换光猫并重做光纤接头，测速正常", cause_category="equipment", cause="老化")
    cases.tell(who, at, case, means="phone", words="已告知处理结果")


@pytest.fixture
def two_departments(app, engine, at, staff) -> Case:
    """Customer service 60 min, technical support 120 min of which it waited 30 for the customer, told at 12:00."""
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P3", unit="service", channel="email")
        tech = unit_by_code("tech").id
        together.transfer(staff["agent"], later(hours=1), case, unit_id=tech, reason="需要现场处理，线路问题")
        cases.contact(
            staff["handler"], later(hours=1), case, direction="out", means="phone", reached=True, words="请客户提供照片"
        )
        together.pause(staff["handler"], later(minutes=90), case, reason="customer", words="等客户拍照")
        together.resume(staff["handler"], later(minutes=120), case, why="照片已收到")
        answered(staff, case, later(hours=3))
    return case


def test_each_department_has_its_own_time_and_pauses_are_nobodys(two_departments, staff):
    groups, total = spent.spent(span())
    service, tech = (unit_by_code(code).id for code in ("service", "tech"))
    assert [(g.key, g.cases, g.total, g.median, g.p90, g.paused) for g in groups] == [
        (tech, 1, 5400, 5400, 5400, 1800), (service, 1, 3600, 3600, 3600, 0),
    ]  # fmt: skip
    assert (total.cases, total.total, total.paused) == (1, 9000, 1800)
    report = timeuse.used(span())
    shares = [values[4].value for _, values in report.tables["unit"].rows]
    assert shares == [50.0, 33.3]  # 90 and 60 of 180 minutes; the pause is the rest
    assert spent.spent(span(), level="P1") == ([], None)
    assert spent.spent(span("2026Q3")) == ([], None)


def test_time_counts_from_receipt_and_medians_are_of_cases(app, engine, at, staff):
    with transaction():
        for minutes in (10, 20, 60):
            case = make_case(staff["agent"], later(minutes=5), received=NINE, channel="email")
            cases.judge(
                staff["supervisor"], later(minutes=5), case, level="P3", impact="single", urgency="medium", harm=False,
                reason="按标准判定", unit_id=unit_by_code("tech").id,
            )  # fmt: skip
            answered(staff, case, later(minutes=5 + minutes))
    groups, total = spent.spent(span())
    service, tech = (unit_by_code(code).id for code in ("service", "tech"))
    found = {g.key: (g.cases, g.total, g.median, g.p90) for g in groups}
    assert found == {tech: (3, 5400, 1200, 3600), service: (3, 900, 300, 300)}  # five minutes each before the entry
    assert (total.cases, total.median, total.p90) == (3, 1500, 3900)


def test_exercises_and_what_happens_after_the_first_telling_stay_out(two_departments, staff):
    with transaction():
        practice = closed_case(staff["agent"], staff["supervisor"], staff["handler"])
        practice.exercise = True
        cases.close(staff["supervisor"], later(days=3), two_departments, outcome="withdrawn", reason="客户撤回")
        cases.reopen(staff["agent"], later(days=4), two_departments, reason="问题又出现")
        answered(staff, two_departments, later(days=5))
    assert spent.spent(span())[1].total == 9000


def test_pauses_by_reason_person_and_department(two_departments, engine, staff):
    with transaction():
        late = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech", channel="email")
        cases.contact(
            staff["handler"], later(hours=1), late, direction="out", means="phone", reached=True, words="已联系客户"
        )
        together.pause(
            staff["handler"], later(hours=25), late, reason="customer_later", words="客户要求明天"
        )  # too late
        make_case(staff["agent"])
    tech = unit_by_code("tech").id
    found, _all = spent.stopped(span())
    by_reason = {g.key: g for g in found["code"]}
    length = int((LATER - later(hours=25)).total_seconds())  # still running
    assert (by_reason["customer"].pauses, by_reason["customer"].total, by_reason["customer"].late) == (1, 1800, 0)
    assert (by_reason["customer_later"].total, by_reason["customer_later"].late) == (length, 1)
    (person,) = found["person"]
    assert (person.key, person.pauses, person.cases, person.late) == (staff["handler"].id, 2, 2, 1)
    assert [(g.key, g.pauses) for g in found["unit"]] == [(tech, 2)]
    report = timeuse.stopped(span())
    _label, foot = report.tables["code"].foot
    assert [f.value for f in foot] == [2, 2, 66.7, length + 1800, 1800, 1]  # two of three cases


def test_a_judgement_during_a_pause_does_not_make_two_of_it(two_departments, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P3", unit="tech", channel="email")
        who = staff["handler"]
        cases.contact(who, NINE, case, direction="out", means="phone", reached=True, words="已联系客户")
        together.pause(who, later(minutes=10), case, reason="customer", words="等客户答复")
        cases.judge(
            staff["supervisor"], later(minutes=20), case, level="P2", impact="part", urgency="medium", harm=False,
            reason="客户补充了影响范围", unit_id=case.unit_id,
        )  # fmt: skip
        together.resume(who, later(minutes=40), case, why="已答复")
    (group,) = spent.stopped(span())[0]["code"]
    assert (group.pauses, group.total, group.median) == (2, 1800 + 1800, 1800)


def test_a_third_party_wait_is_counted_though_it_stops_nothing(app, engine, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P3", unit="tech", channel="email")
        who = staff["handler"]
        cases.contact(who, NINE, case, direction="out", means="phone", reached=True, words="已联系客户")
        together.pause(who, later(minutes=10), case, reason="third_party", words="等供应商备件")
    assert [(g.key, g.pauses) for g in spent.stopped(span())[0]["code"]] == [("third_party", 1)]


def test_every_figure_opens_down_to_exactly_its_cases(two_departments, staff):
    period = span()
    for report in (timeuse.used(period), timeuse.stopped(period)):
        for table in report.tables.values():
            for _label, values in [*table.rows, table.foot]:
                for figure in values:
                    want = {k: v for k, v in figure.filter.items() if k not in ("figure", "quarter")}
                    rows = queries.count(queries.behind(period, figure.filter["figure"], want))
                    groups = 2 if figure.filter["figure"] == "held" and "unit" not in want else 1
                    assert rows == figure.denominator * groups, figure
    lines = queries.page(queries.behind(period, "held", {}), 1, lengths=True)
    assert [line.hit for line in lines] == [5400, 3600]  # the longest first
    with pytest.raises(Invalid):
        queries.behind(period, "held", {"person": "1"})


def test_the_pages_and_the_files_say_the_same(two_departments, staff, signed_in, at):
    at(days=10)
    browser = signed_in(staff["analyst"])
    page = browser.get("/reports/time?quarter=2026Q4").get_data(as_text=True)
    rows = list(csv.reader(io.StringIO(browser.get("/reports/time.csv?quarter=2026Q4").get_data().decode("utf-8-sig"))))
    assert rows[1][1:] == ["1", "5400", "5400", "5400", "50", "1800"]
    assert rows[1][0] in page
    assert "1 小时 30 分" in page
    assert "1 小时" in browser.get("/reports/cases?figure=held&quarter=2026Q4").get_data(as_text=True)
    pauses = browser.get("/reports/pauses?quarter=2026Q4").get_data(as_text=True)
    for by in ("code", "unit", "person"):
        text = browser.get(f"/reports/pauses/{by}.csv?quarter=2026Q4").get_data().decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))
        assert len(rows) == 3
        assert rows[1][0] in pauses
    assert browser.get("/reports/pauses/drop.csv").status_code == 422
    assert browser.get("/reports/time?level=P9").status_code == 422
    assert browser.get("/reports/time?quarter=2026Q1").status_code == 200  # nothing happened
    for path in ("/reports/time", "/reports/time.csv", "/reports/pauses", "/reports/pauses/unit.csv"):
        assert signed_in(staff["agent"]).get(path).status_code == 403


def test_a_name_is_never_a_formula_of_a_spreadsheet():
    table = timeuse.Table("x", ["Person", "Pauses"], [("=HYPERLINK(1)", [timeuse.Figure("paused", 1, "cases", 1, 1)])])
    assert timeuse.csv_of(table) == "\ufeffPerson,Pauses\r\n'=HYPERLINK(1),1\r\n"
