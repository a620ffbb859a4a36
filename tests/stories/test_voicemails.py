"""IN12: voicemails wait in a queue of their own, oldest first, due from the hotline's next opening; taken once."""

import io
import os
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.attachments import holding
from portal.attachments.models import Attachment
from portal.cases.models import Case
from portal.clocks.kept import clocks_of
from portal.identity.queries import unit_id
from portal.intake.models import Draft, Voicemail
from portal.jobs import selfcheck
from portal.kernel import files
from portal.kernel.db import db, transaction
from portal.roster import actions as roster
from tests.builders import NINE, make_case
from tests.intake.test_form import filled
from tests.stories.test_attachments import WAV


def put_in(client, caller: str, received: str, sound: bytes = WAV, name: str = "留言.wav"):
    data = {"hotline": "10000", "caller": caller, "received": received, "recording": (io.BytesIO(sound), name)}
    return client.post("/voicemails", data=data)


def rows() -> list[Voicemail]:
    db.session.rollback()
    return list(db.session.scalars(select(Voicemail).order_by(Voicemail.received_at)))


@pytest.fixture
def hotline(app, at, staff, signed_in):
    answer = signed_in(staff["admin"]).post(
        "/voicemails/hotlines", data={"code": "10000", "name": "客服热线", "calendar": "cn-business"}
    )
    assert answer.status_code == 303


def test_a_voicemail_of_the_night_is_due_from_the_next_opening_and_taken_once(app, hotline, staff, signed_in, engine):
    agent, other = signed_in(staff["agent"]), signed_in(staff["supervisor"])
    assert put_in(agent, "13900139000", "2026-11-24 07:30", WAV + b"2").status_code == 303
    assert put_in(agent, "13800138000", "2026-11-23 22:10").status_code == 303
    assert put_in(agent, "13800138000", "2026-11-23 22:10").status_code == 303  # the same recording comes in once
    first, second = rows()
    assert [v.caller for v in (first, second)] == ["13800138000", "13900139000"]
    assert {v.opens_at for v in (first, second)} == {NINE}  # nine o'clock on Tuesday
    assert {v.due_at for v in (first, second)} == {NINE + timedelta(minutes=10)}
    for path in files.names():
        os.utime(path, (NINE.timestamp() - 90_000, NINE.timestamp() - 90_000))
    assert holding.tidy(NINE) == 0
    page = agent.get("/voicemails").text
    assert page.index("13800138000") < page.index("13900139000")
    assert agent.get(f"/voicemails/{first.id}/recording").data == WAV
    assert signed_in(staff["handler"]).get(f"/voicemails/{first.id}/recording").status_code == 403
    assert agent.post(f"/voicemails/{first.id}/take").location == "/intake/new"
    assert other.post(f"/voicemails/{first.id}/take").status_code == 409
    assert agent.post(f"/voicemails/{second.id}/take").status_code == 409  # the first is not logged yet
    form = agent.get("/intake/new").text
    assert 'value="13800138000"' in form
    assert "2026-11-23 22:10:00" in form
    assert "留言.wav" in form
    draft = db.session.scalars(select(Draft)).one().fields
    sent = filled(channel="voicemail", contact="13800138000", received=draft["received"], voicemail=draft["voicemail"])
    assert agent.post("/intake/new", data=sent | {"key": draft["key"]}).status_code == 303
    db.session.rollback()
    case = db.session.scalars(select(Case)).one()
    assert (rows()[0].state, rows()[0].case_id) == ("logged", case.id)
    assert [row.case_id for row in db.session.scalars(select(Attachment))] == [case.id]
    entry = next(clock for clock in clocks_of(case.id) if clock.kind == "entry")
    assert (entry.due_at, entry.outcome) == (NINE + timedelta(minutes=10), "met")
    assert "13800138000" not in agent.get("/voicemails").text


def test_one_that_repeats_an_open_matter_is_linked_with_its_recording(app, hotline, staff, signed_in):
    with transaction():
        case = make_case(staff["agent"], NINE - timedelta(days=1), contact="13800138000")
    agent = signed_in(staff["agent"])
    put_in(agent, "13800138000", "2026-11-23 22:10")
    agent.post(f"/voicemails/{rows()[0].id}/take")
    form = agent.get("/intake/new").text
    assert "<audio" in form  # listened to while it is taken down
    draft = db.session.scalars(select(Draft)).one().fields
    sent = {name: draft[name] for name in ("voicemail", "channel", "contact", "received", "key")}
    for _ in range(2):
        done = agent.post(f"/intake/link/{case.no}", data=sent | {"description": "留言催问移机的事"})
        assert done.status_code == 303
    assert (rows()[0].state, rows()[0].case_id) == ("logged", case.id)
    assert [row.case_id for row in db.session.scalars(select(Attachment))] == [case.id]
    assert "留言.wav" not in agent.get("/intake/new").text  # nothing is left for the next customer's request


def test_the_case_of_a_voicemail_counts_by_the_same_hours_as_its_queue(app, at, staff, signed_in):
    hours = {"code": "10000", "name": "客服热线", "calendar": "always"}
    assert signed_in(staff["admin"]).post("/voicemails/hotlines", data=hours).status_code == 303
    agent = signed_in(staff["agent"])
    put_in(agent, "13800138000", "2026-11-23 22:10")
    (left,) = rows()
    assert agent.post(f"/voicemails/{left.id}/take").status_code == 303
    draft = db.session.scalars(select(Draft)).one().fields
    sent = filled(channel="voicemail", contact="13800138000", received=draft["received"], voicemail=draft["voicemail"])
    assert agent.post("/intake/new", data=sent | {"key": draft["key"]}).status_code == 303
    db.session.rollback()
    case = db.session.scalars(select(Case)).one()
    entry = next(clock for clock in clocks_of(case.id) if clock.kind == "entry")
    assert (entry.due_at, entry.calendar, entry.outcome) == (rows()[0].due_at, "always", "missed")
    assert selfcheck.check(NINE).differences == []


def test_those_that_wait_stand_on_the_hand_over_sheet_of_customer_service(hotline, staff, signed_in):
    agent = signed_in(staff["agent"])
    put_in(agent, "13800138000", "2026-11-23 22:10")
    page = agent.get("/handover?unit=service").text
    assert "待处理的语音留言" in page
    assert "11-23 22:10" in page
    assert "13800138000" not in page
    place = agent.post("/handover?unit=service", data={"note": "", "key": "form-1"}).location
    assert "11-23 22:10" in agent.get(place).text
    assert "待处理的语音留言" not in signed_in(staff["handler"]).get("/handover?unit=tech").text


def test_one_that_was_taken_and_not_logged_can_wait_again(hotline, staff, signed_in):
    agent = signed_in(staff["agent"])
    put_in(agent, "13800138000", "2026-11-23 22:10")
    agent.post(f"/voicemails/{rows()[0].id}/take")
    assert signed_in(staff["supervisor"]).post(f"/voicemails/{rows()[0].id}/back").status_code == 303
    assert rows()[0].state == "waiting"


def test_what_is_wrong_is_said_and_what_was_typed_kept(hotline, staff, signed_in):
    agent = signed_in(staff["agent"])
    for received, sound, name in (("gestern", WAV, "a.wav"), ("2026-11-23 22:10", b"<html>", "a.wav"),
                                  ("2026-12-23 22:10", WAV, "a.wav"), ("2026-11-23 22:10", WAV, "")):  # fmt: skip
        answer = put_in(agent, "13800138000", received, sound, name)
        assert answer.status_code == 422
        assert 'value="13800138000"' in answer.text
    assert rows() == []
    assert agent.post("/voicemails/hotlines", data={"code": "1", "name": "x"}).status_code == 403


def test_hotlines_say_whether_they_are_open_and_who_is_on_duty_outside_the_hours(hotline, staff, signed_in):
    with transaction():
        roster.add(staff["head"], NINE, unit_id=unit_id("tech"), person_id=staff["handler"].id, role="handler",
                   kind="night", begin=NINE + timedelta(hours=3), end=NINE + timedelta(hours=20))  # fmt: skip
    admin = signed_in(staff["admin"])
    page = admin.get("/voicemails/hotlines").text
    assert "开放至" in page
    assert staff["handler"].name in page
    admin.post("/voicemails/hotlines", data={"code": "10000", "name": "客服热线", "calendar": "always"})
    assert "全天开放" in admin.get("/voicemails/hotlines").text
