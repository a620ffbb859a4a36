"""RE1: the calendar of reports is changed by those who answer for it; what was changed stays readable."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.jobs import reporting
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Stale
from portal.reports import calendar_actions, paper_calendar, paper_queries
from portal.reports.paper_models import Paper, PaperPlan
from portal.reports.paper_rules import plan_data
from tests.builders import closed_case
from tests.reports.papers import DECEMBER, opened

FORM = {
    "on": "y", "draft": "6", "due": "7", "signed": "1", "write": ["quality", "analyst"], "review": ["management"],
    "to": ["quality"], "seen": "0",
}  # fmt: skip


def wanted(code: str = "feedback", **other: object) -> dict[str, object]:
    return plan_data(paper_calendar.kind_of(code)) | other


def test_a_changed_plan_governs_the_reports_that_are_opened_from_now_on(app, engine, at, staff):
    with transaction():
        closed_case(staff["agent"], staff["supervisor"], staff["handler"], level="P2")
    before = opened("feedback", "2026-10", now=at(days=1))
    old = before.due_at
    with transaction():
        asked = wanted(due=3, draft=40, write=["supervisor"], review=["management"], to=["auditor"])
        assert calendar_actions.plan(staff["admin"], at(days=2), "feedback", asked, 0)
    at(DECEMBER + timedelta(days=1))
    reporting.open_due(DECEMBER + timedelta(days=1))
    assert paper_queries.newest("feedback", "2026-11") is None
    reporting.open_due(DECEMBER + timedelta(days=1, hours=12))
    one = paper_queries.newest("feedback", "2026-11")
    assert (before.due_at, one.due_at.date().isoformat()) == (old, "2026-12-03")
    assert paper_queries.writers(one) == [staff["supervisor"].id]
    assert paper_queries.reviewers(one) == [staff["management"].id]
    assert paper_queries.readers(one) == [staff["auditor"].id]
    (change,) = paper_calendar.changes()
    assert (change.kind, change.by) == ("feedback", staff["admin"].name)
    assert ("due", 8, 3) in change.fields
    assert [name for name, _old, _new in change.fields] == ["draft", "due", "write", "review", "to"]
    assert stream.read("papers")[-1].facts["new"]["due"] == 3


def test_a_report_that_was_off_owes_nothing_of_that_time(app, at, staff):
    with transaction():
        closed_case(staff["agent"], staff["supervisor"], staff["handler"], level="P2")
    days = lambda: db.session.scalar(select(func.count()).select_from(Paper).where(Paper.kind == "p2_daily"))  # noqa: E731
    reporting.open_due(at(days=1))
    assert days() == 1
    with transaction():
        calendar_actions.plan(staff["quality"], at(days=1), "p2_daily", wanted("p2_daily", on=False), 0)
    reporting.open_due(at(days=6))
    assert days() == 1
    with transaction():
        seen = paper_calendar.version("p2_daily")
        calendar_actions.plan(staff["quality"], at(days=6), "p2_daily", wanted("p2_daily", on=True), seen)
    reporting.open_due(at(days=7))
    assert days() == 2


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"due": 0}, "due"), ({"due": 61}, "due"), ({"draft": 241}, "draft"), ({"draft": 24, "due": 1}, "draft"),
        ({"write": []}, "write"), ({"review": ["agent"]}, "review"), ({"to": ["nobody"]}, "to"),
        ({"signed": 9}, "signed"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_is_refused_at_its_field(app, at, staff, other, field):
    with pytest.raises(Invalid) as refused, transaction():
        calendar_actions.plan(staff["admin"], at(), "feedback", wanted(**other), 0)
    assert refused.value.facts["field"] == field
    assert paper_calendar.changes() == []


def test_the_same_roles_in_another_order_are_no_change(app, at, staff):
    turned = {name: wanted()[name][::-1] for name in ("write", "review", "to")}
    with transaction():
        assert not calendar_actions.plan(staff["admin"], at(), "feedback", wanted(**turned), 0)


def test_a_signed_report_keeps_a_signature_and_two_people_do_not_overwrite_each_other(app, at, staff):
    with pytest.raises(Invalid), transaction():
        calendar_actions.plan(staff["admin"], at(), "quarterly", wanted("quarterly", signed=0), 0)
    with pytest.raises(Forbidden), transaction():
        calendar_actions.plan(staff["supervisor"], at(), "kpi", wanted("kpi", due=5), 0)
    with transaction():
        assert not calendar_actions.plan(staff["admin"], at(), "kpi", wanted("kpi"), 0)  # nothing differs
        assert calendar_actions.plan(staff["admin"], at(), "kpi", wanted("kpi", due=5), 0)
    with pytest.raises(Stale), transaction():
        calendar_actions.plan(staff["quality"], at(), "kpi", wanted("kpi", due=9), 0)


def test_the_form_keeps_what_was_typed_and_a_double_post_makes_one_change(app, at, staff, signed_in):
    browser, where = signed_in(staff["quality"]), "/reports/calendar/feedback"
    assert "报告日历" in browser.get("/reports/papers").text
    refused = browser.post(where, data=FORM | {"due": "99"})
    assert refused.status_code == 422
    assert "请填写 1 到 60 之间的整数。" in refused.text
    assert 'value="99"' in refused.text
    assert browser.post(where, data=FORM | {"draft": "soon"}).status_code == 422
    for _ in range(2):
        assert browser.post(where, data=FORM).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(PaperPlan)) == 1
    stale = browser.post(where, data=FORM | {"due": "5"})
    assert (stale.status_code, "其间有人修改过" in stale.text) == (409, True)
    page = browser.get("/reports/calendar").text
    assert "8 个工作日 → 7 个工作日" in page
    assert signed_in(staff["admin"]).get("/reports/calendar").status_code == 200
    assert browser.get("/reports/calendar/none").status_code == 422
    assert browser.post("/reports/calendar/none", data=FORM).status_code == 422
