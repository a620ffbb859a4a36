"""DK8: one wording for all, at the top of desk and intake while it stands, confirmed by each, made from an incident."""

from datetime import timedelta

from sqlalchemy import select

from portal.incidents import actions as incidents
from portal.kernel.db import db, transaction
from portal.notices import announcements
from portal.notices.models import Notice
from tests.builders import NINE

DATA = {
    "title": "计费系统故障", "wording": "缴费暂不到账，系统恢复后自动入账，无需重复缴费。", "unit": "",
    "since": "2026-11-24T09:00", "until": "2026-11-24T18:00", "key": "form-1",
}  # fmt: skip


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def test_it_stands_on_desk_and_intake_until_its_end_and_each_confirms(app, engine, at, staff, signed_in):
    supervisor, agent = signed_in(staff["supervisor"]), signed_in(staff["agent"])
    for _twice in range(2):
        assert supervisor.post("/announcements", data=DATA).headers["Location"] == "/announcements/1"
    for page in ("/desk", "/intake/new"):
        assert "无需重复缴费" in text_of(agent.get(page))
    assert agent.post("/announcements/1/confirm", data={"from": "desk"}).headers["Location"] == "/desk"
    assert agent.post("/announcements/1/confirm").status_code == 303  # once is enough
    assert agent.post("/announcements/1/burn").status_code == 404
    assert "我已阅读" not in text_of(agent.get("/desk"))
    made = announcements.announcement(1)
    waiting = set(announcements.audience(made)) - set(announcements.readers(1))
    assert staff["agent"].id not in waiting
    assert staff["handler"].id in waiting
    page = text_of(supervisor.get("/announcements/1"))
    assert "陈浩" in page
    for _again in range(2):  # within the hour once
        assert supervisor.post("/announcements/1/remind").status_code == 303
    db.session.rollback()
    told = db.session.scalars(select(Notice.person_id).where(Notice.kind == "announcement")).all()
    assert sorted(told) == sorted(waiting - {staff["supervisor"].id})
    at(hours=9)
    supervisor, agent = signed_in(staff["supervisor"]), signed_in(staff["agent"])
    assert "无需重复缴费" not in text_of(agent.get("/desk"))
    assert supervisor.post("/announcements/1/remind").status_code == 409


def test_a_head_speaks_to_the_own_department_alone(app, engine, at, staff, signed_in):
    head, handler, agent = signed_in(staff["head"]), signed_in(staff["handler"]), signed_in(staff["agent"])
    tech = str(staff["handler"].unit_id)
    assert head.post("/announcements", data=DATA).status_code == 422  # not to all
    assert head.post("/announcements", data=DATA | {"unit": tech}).status_code == 303
    assert "无需重复缴费" in text_of(handler.get("/desk"))
    assert "无需重复缴费" not in text_of(agent.get("/desk"))
    assert agent.post("/announcements/1/confirm").status_code == 403
    assert handler.post("/announcements/1/end").status_code == 403
    assert head.post("/announcements/1/end").status_code == 303
    assert "无需重复缴费" not in text_of(handler.get("/desk"))
    assert handler.get("/announcements/new").status_code == 403


def test_what_is_missing_is_said_at_its_field(app, at, staff, signed_in):
    supervisor = signed_in(staff["supervisor"])
    for change, field in (
        ({"title": " "}, "title"), ({"wording": ""}, "wording"), ({"wording": "字" * 1001}, "wording"),
        ({"until": "2026-11-24T09:00"}, "until"), ({"until": "x"}, "until"),
        ({"since": "2026-11-23T09:00", "until": "2026-11-23T10:00"}, "until"), ({"unit": "999"}, "unit"),
    ):  # fmt: skip
        answer = supervisor.post("/announcements", data=DATA | change)
        assert (answer.status_code, f'id="{field}-error"' in text_of(answer)) == (422, True), change
    assert announcements.newest() == []


def test_an_incident_gives_its_words(app, engine, at, staff, signed_in):
    with transaction():
        incident = incidents.report(
            staff["watch"], NINE, occurred=NINE - timedelta(minutes=5), title="核心机房断电", kind="system",
            extent="many", place="总部", affected=500, scope="缴费失败，查询正常", cause="待查",
        )  # fmt: skip
        no = incident.no
    page = text_of(signed_in(staff["supervisor"]).get(f"/announcements/new?incident={no}"))
    assert "核心机房断电" in page
    assert "缴费失败，查询正常" in page
    made = signed_in(staff["supervisor"]).post("/announcements", data=DATA | {"incident": no})
    assert made.status_code == 303
    assert announcements.announcement(1).incident_no == no
