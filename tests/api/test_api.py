"""IN11, IN3, IN12 by machine: a token opens the door, a request comes in once, vague ones wait for completion."""

import io
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from portal.api import routes
from portal.api.command import token as command
from portal.api.models import ApiToken
from portal.cases.models import Case
from portal.clocks.kept import clocks_of
from portal.intake.models import Voicemail
from portal.kernel import clock
from portal.kernel.db import db
from tests.builders import NINE
from tests.stories.test_attachments import WAV

WHOLE = {
    "key": "wx-20261124-1", "channel": "app", "contact": "13800130013", "customer_name": "王芳",
    "description": "光猫 LOS 灯常亮红色，手机和电脑都不能上网", "demand": "当天修好", "happened": "今天 08:30",
    "received": "ignored",
}  # fmt: skip


@pytest.fixture
def bearer(app, at) -> dict[str, str]:
    routes._seen.clear()
    made = CliRunner().invoke(command, ["add", "微信小程序"])
    assert made.exit_code == 0, made.output
    return {"Authorization": f"Bearer {made.output.strip()}"}


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Case)) or 0


def case_of(answer) -> Case:
    return db.session.scalars(select(Case).where(Case.no == answer.json["no"])).one()


def test_a_request_comes_in_once_with_its_clocks_and_its_number(app, at, staff, bearer, engine):
    client = app.test_client()
    said = WHOLE | {"received_at": "2026-11-24T08:50:00+08:00"}
    first = client.post("/api/v1/requests", json=said, headers=bearer)
    assert (first.status_code, first.json["incomplete"]) == (201, [])
    again = client.post("/api/v1/requests", json=said, headers=bearer)
    assert (again.status_code, again.json["no"], count()) == (200, first.json["no"], 1)
    other = client.post("/api/v1/requests", json=said | {"demand": "另一件事"}, headers=bearer)
    assert (other.status_code, other.json["error"]["code"], other.json["error"]["field"]) == (
        409,
        "api_key_used",
        "key",
    )
    assert (count(), "no" in other.json) == (1, False)
    case = case_of(first)
    assert (case.channel, case.received_at, case.source[:4]) == ("app", NINE - timedelta(minutes=10), "api:")
    assert {"entry", "first_response"} <= {c.kind for c in clocks_of(case.id)}


def test_a_vague_request_is_taken_and_waits_for_completion(app, at, bearer):
    answer = app.test_client().post("/api/v1/requests", headers=bearer, json={"key": "1", "channel": "web",
                                                                             "description": "不好用"})  # fmt: skip
    assert (answer.status_code, set(answer.json["incomplete"])) == (201, {"customer", "problem", "time", "demand"})
    case = case_of(answer)
    assert (case.source != "", case.assumed) == (True, ["received_at"])


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"description": " "}, 422, "api_empty", "description"),
        ({"channel": "pigeon"}, 422, "import_channel", ""),
        ({"received_at": "soon"}, 422, "row_no_time", "received_at"),
        ({"received_at": "2026-11-24T09:30:00+08:00"}, 422, "row_received_ahead", "description"),
        ({"urgency": "very"}, 422, "row_not_listed", "urgency"),
        ({"description": "长" * 20_001}, 422, "row_too_long", "description"),
        ({"key": ""}, 422, "api_key", "key"),
        ({"contact": 13800130013}, 422, "api_text", "contact"),
        ({"description": "x" * 300_000}, 413, "api_too_large", ""),
    ],
)
def test_what_cannot_be_used_is_refused_in_json_and_nothing_is_kept(app, at, bearer, change, status, code, field):
    answer = app.test_client().post("/api/v1/requests", json=WHOLE | change, headers=bearer)
    said = answer.json["error"]
    assert (answer.status_code, said["code"], said["field"]) == (status, code, field)
    assert said["message"]
    assert count() == 0


def test_no_json_no_token_and_a_revoked_one_are_refused(app, at, bearer):
    client = app.test_client()
    assert client.post("/api/v1/requests", data="x", headers=bearer).json["error"]["code"] == "api_no_json"
    assert client.post("/api/v1/requests", json=[1], headers=bearer).status_code == 422
    for wrong in ({}, {"Authorization": "Bearer crp_guess"}, {"Authorization": "Basic eDp5"}):
        answer = client.post("/api/v1/requests", json=WHOLE, headers=wrong)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "微信小程序" in CliRunner().invoke(command, ["list"]).output
    assert CliRunner().invoke(command, ["add", "微信小程序"]).exit_code == 1
    assert CliRunner().invoke(command, ["revoke", "微信小程序"]).exit_code == 0
    assert client.post("/api/v1/requests", json=WHOLE, headers=bearer).status_code == 401
    assert CliRunner().invoke(command, ["revoke", "微信小程序"]).exit_code == 1
    assert count() == 0
    kept = db.session.scalars(select(ApiToken)).one()
    assert bearer["Authorization"].split()[1] not in (kept.sha256, kept.name)


def test_a_token_that_asks_too_often_waits(app, at, bearer, monkeypatch):
    client = app.test_client()
    monkeypatch.setattr(routes, "MOST_A_MINUTE", 3)
    codes = [client.post("/api/v1/requests", json=[], headers=bearer).status_code for _ in range(4)]
    assert codes == [422, 422, 422, 429]
    later = clock.monotonic() + 61
    monkeypatch.setattr(clock, "monotonic", lambda: later)
    assert client.post("/api/v1/requests", json=WHOLE, headers=bearer).status_code == 201


def test_a_voicemail_arrives_and_its_entry_is_due_from_the_next_opening(app, at, staff, signed_in, bearer, engine):
    hours = {"code": "10000", "name": "客服热线", "calendar": "cn-business"}
    assert signed_in(staff["admin"]).post("/voicemails/hotlines", data=hours).status_code == 303
    client = app.test_client()

    def hand_in(**changes):
        data = {"key": "vm-7", "hotline": "10000", "caller": "13800138000", "received": "2026-11-23T22:10:00+08:00",
                "recording": (io.BytesIO(WAV), "7.wav")} | changes  # fmt: skip
        return client.post("/api/v1/voicemails", data=data, headers=bearer)

    first = hand_in()
    assert first.status_code == 201
    assert datetime.fromisoformat(first.json["opens"]) == NINE
    assert datetime.fromisoformat(first.json["due"]) == NINE + timedelta(minutes=10)
    assert (hand_in().status_code, hand_in().json["id"]) == (200, first.json["id"])
    assert len(db.session.scalars(select(Voicemail)).all()) == 1
    assert "13800138000" in signed_in(staff["agent"]).get("/voicemails").text
    for change, code in (
        ({"recording": (io.BytesIO(b"%PDF-1.4"), "7.wav"), "key": "8"}, "voicemail_no_sound"),
        ({"hotline": "4711", "key": "8"}, "hotline_unknown"), ({"received": "gestern"}, "received_unreadable"),
        ({"key": ""}, "api_key"), ({"caller": "13800138001"}, "api_key_used"),
    ):  # fmt: skip
        assert hand_in(**change).json["error"]["code"] == code
