"""EM1: the answers propose a grade with its reasons; thresholds passed ask for a new look; the commander decides."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases.models import Case
from portal.incidents import actions, grading_rules, plans, queries, telling
from portal.incidents.grading_rules import Answers
from portal.incidents.models import Incident
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid
from tests.builders import NINE, make_case
from tests.conftest import HTMX
from tests.incidents.builders import declared, reported
from tests.incidents.test_screens import REPORT
from tests.stories.test_incident_command import assert_replay_is_the_row, told

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("answers", "grade", "codes", "problem"),
    [
        (Answers("part"), "minor", ["extent"], "common"),
        (Answers("part", 499), "minor", ["extent"], "serious"),
        (Answers("part", 500), "major", ["affected"], "grave"),
        (Answers("part", core=True), "major", ["core"], "common"),
        (Answers("part", lasts=240), "major", ["lasts"], "common"),
        (Answers("part", lasts=1440), "severe", ["lasts"], "common"),
        (Answers("many", 700, core=True), "major", ["extent", "affected", "core"], "grave"),
        (Answers("part", attention="media"), "severe", ["attention"], "grave"),
        (Answers("part", linked=20), "major", ["linked"], "common"),
        (Answers("mass", 9000), "severe", ["extent", "affected"], "grave"),
    ],
)
def test_any_one_condition_met_proposes_the_grade(answers, grade, codes, problem):
    found = grading_rules.propose(plans.of(2), answers)
    assert (found.grade, [one["code"] for one in found.because]) == (grade, codes)
    assert grading_rules.problem(plans.of(2), answers).code == problem


def test_the_report_keeps_its_answers_and_why_it_was_graded(app, engine, at, staff, signed_in):
    data = REPORT | {"key": "k1", "extent": "part", "core": "y", "hours": "30", "attention": "asked"}
    assert signed_in(staff["agent"]).post("/incidents/report", data=data).status_code == 303
    incident = db.session.scalars(select(Incident)).one()
    assert incident.proposed_grade == "severe"
    assert incident.grading == {"core": True, "lasts": 1800, "attention": "asked"}
    assert queries.history(incident)[0].facts["because"] == [{"code": "lasts", "least": 1440, "value": 1800}]
    browser = signed_in(staff["commander"])
    for language, words in (("zh", "预计持续"), ("en", "will last 1 d 6 h (from 1 d)")):
        browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        assert words in browser.get(f"/incidents/{incident.no}/do/declare", headers=HTMX).text
    lower = {"kind": "hotline", "grade": "minor", "commander": staff["commander"].id, "seen": "1"}
    assert browser.post(f"/incidents/{incident.no}/do/declare", data=lower, headers=HTMX).status_code == 422
    assert (
        browser.post(f"/incidents/{incident.no}/do/declare", data=lower | {"reason": "仅一个网点"}).status_code == 303
    )
    db.session.expire_all()
    assert_replay_is_the_row(queries.incident_by_id(incident.id))


def test_linked_cases_past_a_threshold_ask_once_and_the_commander_decides(app, engine, at, staff, signed_in):
    with transaction():
        incident = reported(staff["agent"], extent="part")
        roles = {"commander": staff["commander"].id}
        actions.declare(staff["watch"], NINE, incident, kind="hotline", grade="minor", roles=roles)
        numbers = [make_case(staff["agent"], contact=f"1390000{n:04}").no for n in range(21)]
        telling.link_cases(staff["agent"], NINE, incident, numbers=numbers[:19])
    assert told("incident_regrade") == set()
    with transaction():
        here = queries.incident_by_id(incident.id)
        telling.link_cases(staff["agent"], NINE, here, numbers=numbers[19:20])
        telling.link_cases(staff["agent"], NINE, here, numbers=numbers[20:])
    assert told("incident_regrade") == {staff["commander"].id, staff["watch"].id}
    assert [line.kind for line in queries.history(queries.incident_by_id(incident.id))].count("RegradeAsked") == 1
    board = signed_in(staff["commander"]).get(f"/incidents/{incident.no}").text
    assert 'id="regrade"' in board
    assert "20 张工单已关联" in board
    with transaction():
        here = queries.incident_by_id(incident.id)
        actions.change_grade(staff["commander"], NINE, here, grade="minor", reason="多为同一小区重复来电")
        with pytest.raises(Invalid):  # nobody asks any more
            actions.change_grade(staff["commander"], NINE, here, grade="minor", reason="再看")
    assert 'id="regrade"' not in signed_in(staff["commander"]).get(f"/incidents/{incident.no}").text
    with transaction():
        here = queries.incident_by_id(incident.id)
        telling.estimate_affected(staff["responder"], NINE, here, count=6000, basis="话务平台")
    db.session.expire_all()
    stored = queries.incident_by_id(incident.id)
    assert stored.grading["asked"]["grade"] == "severe"
    assert_replay_is_the_row(stored)


def test_a_higher_grade_brings_the_tasks_that_only_it_has(app, at, staff):
    with transaction():
        incident = declared(staff)
        before = {t.code for t in incident.tasks}
        assert "management" not in before
        actions.change_grade(staff["commander"], NINE + HOUR, incident, grade="severe", reason="范围扩大")
    added = [t for t in incident.tasks if t.code not in before]
    assert [(t.code, t.due_at) for t in added] == [("management", NINE + HOUR + timedelta(minutes=20))]


def test_many_alike_at_intake_lead_to_a_report_with_these_cases_linked(app, at, staff, signed_in):
    browser = signed_in(staff["agent"])
    words = "晚高峰宽带网速很慢，视频一直转圈打不开"
    with transaction():
        numbers = [make_case(staff["agent"], contact=f"1390000{n:04}", description=words).no for n in range(6)]
    near = browser.post("/intake/similar", data={"description": words, "contact": "13811112222"}, headers=HTMX).text
    address = f"/incidents/report?cases={','.join(numbers)}"
    assert address in near
    page = browser.get(address).text
    assert all(f'value="{no}"' in page for no in numbers)
    data = REPORT | {"key": "k2", "cases": [*numbers[:5], "CS2611-9999"]}
    assert browser.post("/incidents/report", data=data).status_code == 303
    incident = db.session.scalars(select(Incident)).one()
    linked = db.session.scalars(select(Case.no).where(Case.incident_id == incident.id).order_by(Case.id))
    assert list(linked) == numbers[:5]
    assert "cases" not in signed_in(staff["analyst"]).get(address).text.split("<form")[-1]  # may not link


def test_two_who_declare_in_the_same_minute_are_led_to_one_incident(app, engine, at, staff, signed_in):
    with transaction():
        first, second = declared(staff), declared(staff, NINE + timedelta(minutes=1), title="热线打不通")
        other = declared(staff, title="停电", kind="disaster")
        case = make_case(staff["agent"])
        telling.link_cases(staff["agent"], NINE, second, numbers=[case.no])
    browser = signed_in(staff["commander"])
    board = browser.get(f"/incidents/{second.no}").text
    assert f"可能是同一事件：{first.no}" in board
    assert f"可能是同一事件：{other.no}" not in board
    url = f"/incidents/{second.no}/do/merge"
    data = {"into": str(first.id), "reason": "同一网关故障", "seen": str(second.version)}
    assert browser.post(url, data=data | {"into": str(other.id)}, headers=HTMX).status_code == 422
    assert signed_in(staff["watch"]).post(url, data=data).status_code == 403
    assert browser.post(url, data=data).status_code == 303
    db.session.expire_all()
    gone, kept = queries.incident_by_id(second.id), queries.incident_by_id(first.id)
    assert (gone.state, gone.outcome, gone.statement) == ("ended", "merged", "同一网关故障")
    assert db.session.get_one(Case, case.id).incident_id == kept.id
    assert queries.history(kept)[0].facts["from_no"] == gone.no
    for incident in (gone, kept):
        assert_replay_is_the_row(incident)
    assert "可能是同一事件" not in browser.get(f"/incidents/{first.no}").text


def test_two_clicks_and_a_sentence_make_a_report(app, at, staff, signed_in):
    browser = signed_in(staff["handler"])
    sent = {"key": "k9", "title": "热线打不通，全是占线音", "extent": "part", "occurred": "2026-11-24T08:59"}
    assert browser.post("/incidents/report", data=sent).status_code == 303
    incident = db.session.scalars(select(Incident)).one()
    assert (incident.kind, incident.place, incident.scope) == ("hotline", "技术支持组", "热线打不通，全是占线音")
