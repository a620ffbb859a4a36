"""The metrics room: balance, exclusions, periods, departments as they were, files, who may see what."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from portal.archive.models import ArchiveAccess
from portal.cases import actions as cases
from portal.cases.models import Case
from portal.collaboration import actions as together
from portal.identity import queries as people
from portal.incidents import actions
from portal.incidents.models import Incident
from portal.kernel.csvs import plain
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid
from portal.kernel.i18n import local
from portal.reports import periods
from portal.reports.metrics import counting, elsewhere, elsewhere_rows, room
from portal.reports.metrics.definitions import KPIS
from portal.reports.paper_models import Paper
from portal.reports.rules import Figure
from tests.builders import NINE, closed_case, judged_case, make_case
from tests.incidents.builders import declared

SEPTEMBER = datetime(2026, 9, 30, 2, 0, tzinfo=UTC)
LATER = NINE + timedelta(days=3)


def span(code: str, now: datetime = LATER):
    return periods.period(code, now, local(now).tzinfo)


@pytest.mark.parametrize(
    ("code", "start", "end", "before"),
    [
        ("2026-11-24", "2026-11-24", "2026-11-25", "2026-11-23"), ("2026W48", "2026-11-23", "2026-11-30", "2026-11-16"),
        ("2026-11", "2026-11-01", "2026-12-01", "2026-10-01"), ("2026q4", "2026-10-01", "2027-01-01", "2026-07-01"),
        ("2026", "2026-01-01", "2027-01-01", "2025-01-01"),
    ],
)  # fmt: skip
def test_a_period_has_its_days_and_the_one_before_it(code, start, end, before):
    found = span(code)
    assert [f"{local(at):%Y-%m-%d}" for at in (found.start, found.end, found.before)] == [start, end, before]
    assert found.steps[0][1] == found.start


@pytest.mark.parametrize("code", ["2027-01", "2026-12", "2026W60", "2026-02-30", "2026Q5", "soon", "", "2026-13"])
def test_a_period_that_is_none_or_ahead_is_refused(app, at, staff, signed_in, code):
    with pytest.raises(Invalid):
        span(code)
    for path in ("/reports/figures", "/reports/figures/file.csv", "/reports/boards/month"):
        assert signed_in(staff["quality"]).get(f"{path}?period={code or '-'}").status_code == 422


def test_a_period_without_data_shows_every_figure_and_balances(app, engine, at, staff, signed_in):
    at(days=3)
    found = room.figures(span("2025-03"))
    assert {figure.value for figure in found.values() if figure.unit != "cases"} == {None}
    assert {figure.value for figure in found.values() if figure.unit == "cases" and not figure.missing} == {0}
    assert room.balance(counting.count(span("2025-03"))).difference == 0
    assert signed_in(staff["quality"]).get("/reports/figures?period=2025-03").status_code == 200


def test_told_and_waiting_is_part_of_what_is_open_as_it_was_then(app, engine, at, staff):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P3", unit="tech", now=SEPTEMBER)
        together.claim(staff["handler"], SEPTEMBER, case)
        cases.write_result(
            staff["handler"], SEPTEMBER, case, text="更换光猫，测速正常", cause_category="equipment", cause="老化"
        )
        cases.tell(staff["handler"], SEPTEMBER + timedelta(hours=1), case, means="phone", words="已告知")
        cases.confirm(staff["agent"], NINE, case, verdict="satisfied", means="phone", words="好了")
    third, fourth = (room.balance(counting.count(span(code))) for code in ("2026Q3", "2026Q4"))
    assert (third.closing, third.waiting) == (1, 1)
    assert (fourth.opening, fourth.closing, fourth.waiting) == (1, 1, 0)


def test_live_channels_are_told_apart(app, engine, at, staff):
    with transaction():
        for channel in ("hotline", "email"):
            judged_case(staff["agent"], staff["supervisor"], level="P2", channel=channel)
    found = room.figures(span("2026Q4"))
    parts = {code: (found[code].numerator, found[code].denominator) for code in found}
    assert parts["attainment.first_response"] == (1, 2)  # taking the call is the response, the mail had none
    assert parts["attainment_written.first_response"] == (0, 1)
    assert parts["original_written.first_response"] == (0, 1)
    assert found["attainment_written.first_response"].filter["live"] == "no"


def test_a_figure_of_few_is_marked_and_one_of_many_not():
    assert Figure("x", 50.0, "%", 1, 2).small
    assert not Figure("x", 50.0, "%", 20, 40).small
    assert not Figure("x", None, "%", 0, 0).small


def test_figures_follow_the_department_as_it_was(app, engine, at, staff):
    """A case closed by one department is reopened in the next quarter and handed to another one."""
    tech, business = (people.unit_by_code(code).id for code in ("tech", "business"))
    with transaction():
        case = closed_case(staff["agent"], staff["supervisor"], staff["handler"], now=SEPTEMBER, level="P2")
        before = room.figures(span("2026Q3"), {"unit": tech})
        cases.reopen(staff["agent"], SEPTEMBER + timedelta(days=3), case, reason="问题又出现")
        together.transfer(
            staff["supervisor"], SEPTEMBER + timedelta(days=3), case, unit_id=business, reason="退费由业务处理"
        )
    after = {unit: room.figures(span("2026Q3"), {"unit": unit}) for unit in (tech, business)}
    assert (after[tech]["closed"].value, after[business]["closed"].value) == (1, 0)
    assert after[tech]["attainment.result"].value == before["attainment.result"].value
    assert (before["reopen"].value, after[tech]["reopen"].value) == (0.0, 100.0)
    next_quarter = room.figures(span("2026Q4"))
    assert (next_quarter["reopened"].value, next_quarter["closed"].value, next_quarter["closing"].value) == (1, 0, 1)


def test_a_file_holds_nothing_a_spreadsheet_would_reckon_with(app, at, staff, signed_in):
    evil = ["=1+1", "+cmd", "-2", "@sum", "\tx", "＝1", "＠x"]
    with transaction():
        for title in evil:
            case = make_case(staff["agent"], NINE)
            db.session.execute(update(Case).where(Case.id == case.id).values(title=title))
    browser, where = signed_in(staff["supervisor"]), "/reports/cases.{}?figure=received&period=2026Q4"
    rows = list(csv.reader(io.StringIO(browser.get(where.format("csv")).text.removeprefix("\ufeff"))))
    assert sorted(row[1] for row in rows[1:]) == sorted("'" + title for title in evil)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(browser.get(where.format("xlsx")).data)).get_sheet_by_index(0)
    assert sorted(row[1] for row in sheet.to_python()[1:-1]) == sorted(evil)
    assert [plain(value) for value in ("abc", 3, None, "\0=x")] == ["abc", 3, None, "'=x"]
    db.session.rollback()
    assert db.session.query(ArchiveAccess).filter_by(what="print").count() == 2


def test_subjects_are_for_those_who_may_open_the_case(app, at, staff, signed_in):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")
        db.session.execute(update(Case).where(Case.id == case.id).values(title="王芳 13800130013 断网"))
    where = "/reports/cases?figure=received&period=2026Q4"
    assert "王芳 13800130013" in signed_in(staff["supervisor"]).get(where).text
    for login in ("quality", "auditor"):
        page = signed_in(staff[login]).get(where).text
        assert case.no in page
        assert "断网" in page
        assert "13800130013" not in page
        assert "王芳" not in page
    for login in ("management", "analyst"):
        assert "断网" not in signed_in(staff[login]).get(where).text
    assert signed_in(staff["agent"]).get(where).status_code == 403


def test_a_figure_on_the_page_leads_to_its_cases_with_the_filters_asked_for(app, at, staff, signed_in):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email")
        judged_case(staff["agent"], staff["supervisor"], level="P3", channel="email")
    at(days=3)
    browser = signed_in(staff["quality"])
    page = browser.get("/reports/figures?period=2026-11&level=P2").text
    assert "/reports/cases?figure=attainment&amp;period=2026-11&amp;level=P2&amp;code=result" in page
    page = browser.get("/reports/cases?figure=attainment&period=2026-11&level=P2&code=result&part=miss").text
    assert page.count(f"/cases/{case.no}") == 1
    assert "未统计" in browser.get("/reports/figures").text
    assert browser.get("/reports/figures?level=P9").status_code == 422
    assert browser.get("/reports/figures?unit=abc").status_code == 422
    assert browser.get("/reports/figures/definitions").status_code == 200


def test_reports_by_calendar_are_counted_by_their_due_day(app, engine, at, staff):
    """Written down late or never is late; a further edition counts no second time."""
    rows = [(1, 5, 4), (1, 5, 6), (1, 5, None), (2, 5, 4)]
    with transaction():
        for n, (edition, due, done) in enumerate(rows):
            db.session.add(
                Paper(
                    kind="kpi", period=f"2026-1{n}", unit_id=0, edition=edition, draft_at=NINE,
                    due_at=NINE + timedelta(hours=due), published_at=done and NINE + timedelta(hours=done),
                )
            )  # fmt: skip
    found = room.figures(span("2026-11"))["report_on_time"]
    assert (found.value, found.numerator, found.denominator) == (33.3, 1, 3)


def test_plans_and_solutions_owed_to_major_complaints_count_by_their_due_instant(app, engine, at, staff, signed_in):
    assert room.figures(span("2026-11"))["major_complaint"].missing == "no_milestones"
    with transaction():
        for exercise in (False, True):
            complaint = declared(staff, kind="complaint", title="重大客户投诉", exercise=exercise)
        real = db.session.scalars(select(Incident).where(~Incident.exercise)).one()
        plan = next(task for task in real.tasks if task.code == "complaint.plan")
        actions.complete_task(staff["commander"], NINE + timedelta(hours=1), real, n=plan.n, evidence="已电话告知")
    assert complaint.exercise
    at(days=3)
    found = room.figures(span("2026-11"))["major_complaint"]
    assert (found.value, found.numerator, found.denominator) == (50.0, 1, 2)  # the solution is late
    assert room.figures(span("2026-11", NINE + timedelta(hours=3)))["major_complaint"].denominator == 1
    page = signed_in(staff["quality"]).get("/reports/behind?figure=major_complaint&period=2026-11")
    assert f'href="/incidents/{real.no}"' in page.text


def test_what_other_rooms_count_opens_to_its_rows_and_leaves_as_files(app, engine, at, staff, signed_in):
    """As many rows as the figure says, with the period it was counted for; titles for those who may read them."""
    with transaction():
        for n, done in enumerate((4, 6, None)):
            db.session.add(
                Paper(
                    kind="kpi", period=f"2026-1{n}", unit_id=0, edition=1, draft_at=NINE, state="draft",
                    due_at=NINE + timedelta(hours=5), published_at=done and NINE + timedelta(hours=done),
                )
            )  # fmt: skip
    now = at(days=3)
    for code in (kpi.code for kpi in KPIS.values() if kpi.mode == "elsewhere"):
        figure = elsewhere.figure(KPIS[code], span("2026-11"))
        rows = elsewhere_rows.rows(KPIS[code], span("2026-11"), staff["quality"])
        assert len(rows) == figure.denominator
        assert sum(bool(row.met) for row in rows) == (0 if code == "provisioning_cycle" else figure.numerator)
        assert figure.filter == {"elsewhere": code, "period": "2026-11"}
    browser = signed_in(staff["quality"])
    page = browser.get("/reports/figures?period=2026-11").text
    assert "/reports/behind?figure=report_on_time&amp;period=2026-11" in page
    text = browser.get("/reports/behind?figure=report_on_time&period=2026-11").text
    assert "2026-12" in text
    rows = list(
        csv.reader(io.StringIO(browser.get("/reports/behind/file.csv?figure=report_on_time&period=2026-11").text))
    )
    assert [row[5] for row in rows[1:]].count("达标") == 1
    sheet = browser.get("/reports/behind/file.xlsx?figure=report_on_time&period=2026-11").data
    assert len(CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_index(0).to_python()) >= 4
    assert db.session.scalars(select(ArchiveAccess.query).where(ArchiveAccess.what == "print")).all()
    assert browser.get("/reports/behind?figure=received&period=2026-11").status_code == 422
    assert browser.get("/reports/behind?figure=report_on_time&period=2027-11").status_code == 422
    assert signed_in(staff["agent"]).get("/reports/behind?figure=report_on_time").status_code == 403
    assert now > NINE
