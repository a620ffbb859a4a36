"""EM10: who holds which role when; a shift that cannot be is refused at its field, a note goes to the next shift."""

import pytest

from portal.identity import actions as accounts
from portal.identity import queries as people
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.roster import queries
from tests.builders import NINE, make_person

pytestmark = pytest.mark.alike

EIGHT_TO_FOUR = {"since": "2026-11-24T08:00", "until": "2026-11-24T16:00"}


def shift_of(who, role="handler", **more) -> dict[str, str]:
    return {"person": str(who.id), "role": role, "kind": "desk", "key": ""} | EIGHT_TO_FOUR | more


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def test_the_head_enters_a_week_and_everybody_sees_who_is_on_duty(app, engine, at, staff, signed_in):
    head, agent = signed_in(staff["head"]), signed_in(staff["agent"])
    data = shift_of(staff["handler"], key="form-1")
    first = head.post("/roster?unit=tech", data=data)
    assert (first.status_code, first.headers["Location"]) == (303, "/roster?unit=tech&week=2026-11-24")
    assert head.post("/roster?unit=tech", data=data).status_code == 303  # sent twice, entered once
    night = shift_of(staff["head"], "head", kind="night", since="2026-11-24T22:00", until="2026-11-25T06:00")
    assert head.post("/roster?unit=tech", data=night).status_code == 303
    page = text_of(agent.get("/roster?unit=tech&week=2026-11-24"))
    assert page.count("08:00–16:00") == 1
    assert "22:00–06:00" in page
    duty = [(s.person_id, s.kind) for s in queries.on_duty(NINE)]
    assert duty == [(staff["handler"].id, "desk")]
    assert [s.kind for s in queries.on_duty(at(hours=18))] == ["night"]  # outside working hours
    tech = people.unit_id("tech")
    assert [line.kind for line in stream.read(f"roster:{tech}")] == ["ShiftAdded", "ShiftAdded"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"until": "2026-11-24T08:00"}, "until"),
        ({"until": "2026-11-26T08:00"}, "until"),
        ({"since": "morgen"}, "since"),
        ({"person": ""}, "person"),
        ({"person": "9999"}, "person"),
        ({"role": "head"}, "role"),
        ({"kind": "holiday"}, "kind"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_stays_typed(app, at, staff, signed_in, change, field):
    head = signed_in(staff["head"])
    answer = head.post("/roster?unit=tech", data=shift_of(staff["handler"], **change))
    assert answer.status_code == 422
    page = text_of(answer)
    assert f'id="{field}-error"' in page
    assert change.get("since", "2026-11-24T08:00") in page
    assert queries.on_duty(NINE) == []


def test_nobody_is_on_duty_twice_and_no_leaver_and_no_stranger(app, engine, at, staff, signed_in):
    head = signed_in(staff["head"])
    assert head.post("/roster?unit=tech", data=shift_of(staff["handler"])).status_code == 303
    again = head.post("/roster?unit=tech", data=shift_of(staff["handler"], since="2026-11-24T15:59"))
    assert again.status_code == 422
    assert "2026-11-24 16:00" in text_of(again)
    after = shift_of(staff["handler"], since="2026-11-24T16:00", until="2026-11-24T20:00")
    assert head.post("/roster?unit=tech", data=after).status_code == 303  # the next one begins as the last ends
    with transaction():
        leaver = make_person(role="handler", unit="tech", name="何人", login="leaver")
        accounts.set_active(staff["admin"], NINE, people.person(leaver.id), False)
    for person in (leaver, staff["business"]):
        assert head.post("/roster?unit=tech", data=shift_of(person)).status_code == 422
    assert head.get("/roster/new?unit=business").status_code == 403
    assert head.post("/roster?unit=business", data=shift_of(staff["business"])).status_code == 403


def test_a_note_is_left_by_the_person_on_duty_and_a_shift_is_taken_out(app, engine, at, staff, signed_in):
    head, handler, other = signed_in(staff["head"]), signed_in(staff["handler"]), signed_in(staff["business"])
    head.post("/roster?unit=tech", data=shift_of(staff["handler"]))
    number = queries.on_duty(NINE)[0].id
    assert handler.post(f"/roster/shifts/{number}/note", data={"note": "备件下午到货"}).status_code == 303
    assert other.post(f"/roster/shifts/{number}/note", data={"note": "x"}).status_code == 403
    assert handler.post(f"/roster/shifts/{number}/note", data={"note": "字" * 601}).status_code == 422
    assert "备件下午到货" in text_of(other.get(f"/roster/shifts/{number}"))
    assert handler.post(f"/roster/shifts/{number}/remove").status_code == 403
    assert head.post(f"/roster/shifts/{number}/remove").status_code == 303
    db.session.rollback()
    assert queries.on_duty(NINE) == []
