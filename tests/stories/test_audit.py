"""RO8, F-95: an auditor draws by a seed, ticks sheets, recounts a figure, holds verdicts against the policy, finds."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from portal.archive import audit_actions, audit_rules, verdicts
from portal.archive.audit_models import Finding, SampleItem
from portal.cases.models import Case
from portal.kernel.db import db, transaction, write
from portal.notices.models import Notice
from portal.reports.recount import recount
from tests.builders import NINE, closed_case

pytestmark = pytest.mark.alike

TICKS = dict.fromkeys(audit_rules.CHECKS, "yes")
SPAN = {"since": NINE - timedelta(days=1), "until": NINE + timedelta(days=1)}


@pytest.fixture
def closed(app, engine, at, staff):
    with transaction():
        for _ in range(5):
            closed_case(staff["agent"], staff["supervisor"], staff["handler"])
    at(hours=3)
    return list(db.session.scalars(select(Case.no).order_by(Case.id)))


def test_the_same_seed_draws_the_same_cases_on_both_engines(closed, staff):
    with transaction():
        one = audit_actions.draw(staff["auditor"], NINE, seed="2026Q4", size="3", **SPAN).id
        two = audit_actions.draw(staff["auditor"], NINE, seed="2026Q4", size="3", **SPAN).id
        other = audit_actions.draw(staff["auditor"], NINE, seed="2027Q1", size="3", **SPAN).id
    query = select(SampleItem.no).order_by(SampleItem.place)
    drawn = [list(db.session.scalars(query.where(SampleItem.sample_id == n))) for n in (one, two, other)]
    assert drawn[0] == drawn[1] == ["CS2611-0002", "CS2611-0005", "CS2611-0004"]
    assert drawn[2] != drawn[0]


def test_a_day_without_an_administrator(closed, staff, signed_in):
    auditor = signed_in(staff["auditor"])
    assert auditor.get("/archive/audit").status_code == 200
    drawn = {"seed": "2026Q4", "size": "30", "since": "2026-11-01", "until": "2026-11-30"}
    assert auditor.post("/archive/audit/samples", data=drawn | {"size": "0"}).status_code == 422
    assert auditor.post("/archive/audit/samples", data=drawn).location == "/archive/audit/samples/1"
    page = auditor.get("/archive/audit/samples/1?open=1").text
    assert all(no in page for no in closed)
    assert "王芳" not in page
    assert auditor.post("/archive/audit/samples/1/1", data={"request": "yes"}).status_code == 422
    assert (
        auditor.post("/archive/audit/samples/1/1", data=TICKS | {"proof": "no", "words": "缺少附件"}).status_code == 303
    )
    assert db.session.scalar(select(SampleItem.ticks).where(SampleItem.place == 1))["proof"] == "no"
    assert auditor.get(f"/archive/{closed[0]}").status_code == 200
    assert closed[0] in auditor.get(f"/archive/access?no={closed[0]}").text
    assert signed_in(staff["agent"]).get("/archive/audit").status_code == 403


def test_verdicts_are_held_against_the_policy_that_made_them(closed, staff, signed_in):
    case_id = db.session.scalar(select(Case.id).limit(1))
    assert all(one.same for one in verdicts.compared(case_id))
    assert len(verdicts.compared(case_id)) > 3
    with transaction():
        write("UPDATE clock SET outcome = 'missed' WHERE case_id = :c AND kind = 'result'", {"c": case_id})
    db.session.expire_all()
    assert [one.kind for one in verdicts.compared(case_id) if not one.same] == ["result"]


def test_a_figure_is_counted_anew_from_its_cases(closed, staff, signed_in):
    now = NINE + timedelta(hours=3)
    found = recount("2026Q4", "attainment", now)
    assert (found.total, found.hit) == (found.counted, found.counted_hit)
    assert found.total > 10
    auditor = signed_in(staff["auditor"])
    assert "ok-text" in auditor.get("/reports/recount?figure=attainment&quarter=2026Q4").text
    with transaction() as session:
        session.execute(text("UPDATE clock SET stopped_at = due_at + 60 WHERE kind = 'first_response' AND case_id = 1"))
    db.session.expire_all()
    other = recount("2026Q4", "attainment", now).other
    assert [one[0] for one in other] == [] or other[0][0] == "CS2611-0001"
    assert auditor.get("/reports/recount?figure=none").status_code == 422


def test_a_finding_is_answered_by_the_department_and_closed_by_the_auditor(closed, staff, signed_in):
    auditor, head, other = (signed_in(staff[role]) for role in ("auditor", "head", "service_head"))
    unit = db.session.scalar(select(Case.unit_id).limit(1))
    said = {"unit_id": str(unit), "no": closed[0], "text": "回访记录不完整"}
    assert auditor.post("/archive/audit/findings", data=said | {"text": ""}).status_code == 422
    assert auditor.post("/archive/audit/findings", data=said).location == "/archive/audit/findings/1"
    told = set(db.session.scalars(select(Notice.person_id).where(Notice.kind == "finding_written")))
    assert staff["head"].id in told
    assert auditor.post("/archive/audit/findings/1/close").status_code == 409
    assert other.get("/archive/audit/findings/1").status_code == 404
    assert "回访记录不完整" in head.get("/archive/audit").text
    assert head.post("/archive/audit/findings/1/answer", data={"answer": "一周内补齐并培训"}).status_code == 303
    assert auditor.post("/archive/audit/findings/1/answer", data={"answer": "不需要"}).status_code == 403
    assert db.session.scalar(select(Notice.person_id).where(Notice.kind == "finding_answered")) == staff["auditor"].id
    assert "一周内补齐并培训" in auditor.get("/archive/audit/findings/1").text
    assert auditor.post("/archive/audit/findings/1/close").status_code == 303
    assert db.session.scalar(select(Finding.state)) == "closed"
