"""EM5, IN1: numbered sheets, what is entered afterwards with its true times, the second person, the missing chased."""

import io
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.backup import actions, entry_actions, queries, rules
from portal.backup.models import BackEntry, PaperSheet
from portal.cases.models import Case
from portal.clocks.models import Clock
from portal.identity import queries as people
from portal.incidents import actions as incident_actions
from portal.incidents import closing_actions
from portal.incidents import queries as incidents
from portal.jobs.papers import chase_sheets
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Refused
from tests.builders import NINE
from tests.incidents.builders import WHY, declared, settled
from tests.stories.test_incident_command import told

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WORDS = {
    "heard_by": "李敏", "contact": "13800130013", "customer_name": "王芳", "demand": "今天恢复并减免费用",
    "description": "热线打不通，宽带 LOS 灯常亮红色，无法上网", "occurred": "2026-11-24 08:30",
}  # fmt: skip


def block_of(staff, count=6, unit="service"):
    return actions.issue(staff["supervisor"], NINE, unit_id=people.unit_id(unit), count=count, key="")


def paper(serial, **changes):
    return entry_actions.Paper(**{**WORDS, "serial": serial, "heard": NINE - HOUR, **changes})


def kinds_of(case):
    return {c.kind: c for c in db.session.scalars(select(Clock).where(Clock.case_id == case.id))}


def test_a_sheet_becomes_a_case_with_its_true_times_and_is_never_late_to_enter(app, engine, at, staff):
    with transaction():
        block = block_of(staff)
        case = entry_actions.enter(staff["agent"], NINE, paper(block.first), key="form-1")
        again = entry_actions.enter(staff["agent"], NINE, paper(block.first), key="form-1")
    assert again.id == case.id
    assert (case.channel, case.received_at, case.recorded_at) == ("backup", NINE - HOUR, NINE)
    clocks = kinds_of(case)
    assert "entry" not in clocks
    assert clocks["first_response"].started_at == NINE - HOUR
    row = queries.entry_of(case.id)
    assert (row.heard_at, row.entered_at, row.heard_by) == (NINE - HOUR, NINE, "李敏")
    assert (queries.sheet(block.first).state, queries.sheet(block.first).case_no) == ("used", case.no)
    for serial, code in ((block.first, "sheet_used"), ("BK-SERVICE-9999", "no_such_paper")):
        with pytest.raises(Invalid) as refused, transaction():
            entry_actions.enter(staff["agent"], NINE, paper(serial), key="form-2")
        assert (refused.value.code, refused.value.facts["field"]) == (code, "serial")
    with pytest.raises(Invalid), transaction():
        entry_actions.enter(staff["agent"], NINE, paper(block.last, heard=NINE + MINUTE), key="form-3")
    with pytest.raises(Invalid), transaction():
        entry_actions.enter(staff["agent"], NINE, paper(block.last, demand=""), key="form-4")
    with transaction():
        vague = entry_actions.enter(staff["agent"], NINE, paper(block.last, demand="", lacking=True), key="form-5")
    assert vague.incomplete == ["demand"]


def test_a_second_person_holds_the_entry_against_the_paper(app, engine, at, staff, signed_in):
    with transaction():
        block = block_of(staff)
        case = entry_actions.enter(staff["agent"], NINE, paper(block.first), key="form-1")
        number = queries.entry_of(case.id).id
    with pytest.raises(Forbidden), transaction():
        entry_actions.check(staff["agent"], NINE, queries.entry(number), agrees=True)
    client = signed_in(staff["supervisor"])
    assert client.post(f"/backup/entries/{number}", data={"result": "no"}).status_code == 422  # what differs?
    assert client.post(f"/backup/entries/{number}", data={"result": "no", "words": "电话抄错"}).status_code == 303
    assert "电话抄错" in client.get(f"/backup/entries/{number}").text
    assert client.post(f"/backup/entries/{number}", data={"result": "yes"}).status_code == 303
    db.session.expire_all()
    assert queries.entry(number).agrees is True
    with pytest.raises(Refused), transaction():
        entry_actions.check(staff["quality"], NINE, queries.entry(number), agrees=True)
    assert "补录" in client.get(f"/cases/{case.no}").text


def test_every_number_of_an_incident_is_used_void_or_missing_and_the_missing_are_chased(app, engine, at, staff):
    with transaction():
        incident, block = declared(staff), block_of(staff)
        assert actions.hand_out(staff["service_head"], NINE, block, incident_id=incident.id) == 6
    serials = [sheet.serial for sheet in queries.sheets(block.id)]
    with transaction():
        entry_actions.enter(staff["agent"], NINE, paper(serials[0]), key="form-1")
        actions.settle(
            staff["service_head"], NINE, queries.block(block.id), serial=serials[1], state="void", words="写坏"
        )
    assert queries.unreconciled(incident.id) == {"out": 4, "missing": 0}
    codes = {row["code"]: row for row in incidents.doubts_of(incidents.incident_by_id(incident.id))}
    assert codes["serials"]["n"] == 4  # the close gate counts them
    with pytest.raises(Invalid), transaction():
        actions.count(staff["service_head"], NINE, queries.block(block.id), unused=serials[0])
    with transaction():
        assert actions.count(staff["service_head"], NINE, queries.block(block.id), unused=serials[4].lower()) == (2, 2)
    assert queries.unreconciled(incident.id) == {"out": 0, "missing": 2}
    assert chase_sheets(NINE + HOUR) == 0
    assert chase_sheets(NINE + DAY) == 1
    assert chase_sheets(NINE + DAY + HOUR) == 0
    assert told("sheets_missing") == {staff["service_head"].id}
    with transaction():
        entry_actions.enter(staff["agent"], NINE + DAY, paper(serials[2]), key="form-2")  # it was found
        actions.settle(
            staff["service_head"],
            NINE + DAY,
            queries.block(block.id),
            serial=serials[3],
            state="void",
            words="遗失",
        )
    assert queries.unreconciled(incident.id) == {"out": 0, "missing": 0}
    assert chase_sheets(NINE + 3 * DAY) == 0
    assert "serials" not in {row["code"] for row in incidents.doubts_of(incidents.incident_by_id(incident.id))}
    with pytest.raises(Forbidden), transaction():
        actions.count(staff["head"], NINE + DAY, queries.block(block.id), unused="")  # another department's


def test_what_was_typed_offline_comes_once_however_often_it_is_sent(app, engine, at, staff, signed_in):
    with transaction():
        block = block_of(staff, unit="tech")
    heard = int((NINE - HOUR).timestamp())
    rows = [
        {**WORDS, "key": "a" * 32, "heard": heard, "serial": block.first.lower()},
        {**WORDS, "key": "b" * 32, "heard": heard + 7 * 86_400, "serial": "", "contact": "", "customer_name": ""},
        {**WORDS, "key": "c" * 32, "heard": "gestern", "serial": ""},
        {"key": "short"},
    ]
    client = signed_in(staff["handler"])  # may not log cases at the desk, but was there when the portal was not
    for _again in range(2):
        answer = client.post("/offline/send", json={"entries": rows}).get_json()
        assert answer["taken"] == ["a" * 32, "b" * 32]
        assert set(answer["refused"]) == {"c" * 32, ""}
    upload = io.BytesIO(json.dumps({"entries": rows}).encode())
    assert client.post("/backup/files", data={"file": (upload, "offline.json")}).status_code == 303
    cases = list(db.session.scalars(select(Case).order_by(Case.id)))
    assert [(c.received_at, c.channel, c.incomplete) for c in cases] == [
        (NINE - HOUR, "backup", []), (NINE, "backup", ["customer"]),  # a clock that runs ahead is held back
    ]  # fmt: skip
    assert queries.sheet(block.first).case_no == cases[0].no
    assert [(e.means, e.serial) for e in db.session.scalars(select(BackEntry).order_by(BackEntry.id))] == [
        ("page", block.first), ("page", ""),
    ]  # fmt: skip
    for body in (b"{", b"[1, 2", "门户".encode("gbk"), b'{"entries": 5}'):
        assert client.post("/backup/files", data={"file": (io.BytesIO(body), "x.json")}).status_code == 303
    assert client.post("/offline/send", json={"entries": "x"}).status_code == 422
    assert signed_in(staff["auditor"]).post("/offline/send", json={"entries": rows}).status_code == 403


def test_the_pages_lead_through_block_sheet_and_kit(app, at, staff, signed_in):
    client = signed_in(staff["supervisor"])
    unit = str(people.unit_id("service"))
    for _twice in range(2):
        made = client.post("/backup/blocks", data={"unit": unit, "count": "3", "key": "k1"})
        assert made.status_code == 303
    assert db.session.query(PaperSheet).count() == 3
    assert client.post("/backup/blocks", data={"unit": unit, "count": "900", "key": "k2"}).status_code == 422
    page = client.get(made.location)
    assert "BK-SERVICE-0001" in page.text
    sheet = {"key": "p1", "serial": "bk-service-0001", "heard": "2026-11-24T08:40", "heard_by": "李敏"}
    refused = client.post("/backup/enter", data=sheet | {"description": "宽带断网", "demand": "", "contact": "1"})
    assert refused.status_code == 422
    assert "bk-service-0001" in refused.text
    said = {name: WORDS[name] for name in ("contact", "customer_name", "demand", "description", "occurred")}
    assert client.post("/backup/enter", data=sheet | said).status_code == 303
    assert "BK-SERVICE-0001" in client.get("/backup").text
    assert "BK-SERVICE-0003" in client.get("/backup/enter?serial=BK-SERVICE-0003").text
    with transaction():
        declared(staff)
    assert client.post(f"{made.location}/out", data={"incident": "1"}).status_code == 303
    assert client.post(f"{made.location}/count", data={"unused": "BK-SERVICE-0001"}).status_code == 422
    assert client.post(f"{made.location}/count", data={"unused": ""}).status_code == 303
    void = {"serial": "BK-SERVICE-0002", "state": "void", "words": "茶水浸湿"}
    assert client.post(f"{made.location}/settle", data=void).status_code == 303
    assert client.post(f"{made.location}/settle", data=void).status_code == 409
    assert "茶水浸湿" in client.get(made.location).text
    phone = {"person": str(staff["commander"].id), "phone": "138 0000 1111"}
    assert client.post("/backup/phones", data=phone).status_code == 303
    assert client.post("/backup/phones", data=phone | {"phone": "unbekannt"}).status_code == 422
    assert "138 0000 1111" in client.get("/backup/phones").text


def test_an_entry_after_the_limit_is_counted_apart(app, at, staff):
    with transaction():
        incident, block = declared(staff), block_of(staff)
        actions.hand_out(staff["supervisor"], NINE, block, incident_id=incident.id)
    with transaction():
        from_now = incidents.incident_by_id(incident.id)
        _restored(staff, from_now)
        entry_actions.enter(staff["agent"], NINE + 2 * HOUR, paper(block.first), key="form-1")
        entry_actions.enter(staff["agent"], NINE + 6 * HOUR, paper(block.last), key="form-2")
    assert [line.over for line in queries.entries()] == [True, False]
    assert rules.limit(None) is None


def _restored(staff, incident):
    for code in ("controlled", "restored"):
        closing_actions.set_milestone(
            staff["responder"], NINE + HOUR, incident, code=code, moment=NINE + HOUR, basis="话务平台"
        )


def test_what_is_practised_in_a_drill_is_accounted_for_and_makes_no_case(app, engine, at, staff, signed_in):
    with transaction():
        incident, block = declared(staff, exercise=True), block_of(staff, count=3)
        actions.hand_out(staff["supervisor"], NINE, block, incident_id=incident.id)
    serials = [sheet.serial for sheet in queries.sheets(block.id)]
    with pytest.raises(Invalid), transaction():
        entry_actions.enter(staff["agent"], NINE, paper(serials[0], demand=""), key="form-1")
    with transaction():
        assert entry_actions.enter(staff["agent"], NINE, paper(serials[0]), key="form-2") is None
    row = {**WORDS, "key": "d" * 32, "heard": int(NINE.timestamp()), "serial": serials[1]}
    for _again in range(2):
        answer = signed_in(staff["handler"]).post("/offline/send", json={"entries": [row]}).get_json()
        assert answer["taken"] == ["d" * 32]
    assert db.session.query(Case).count() == 0
    assert [sheet.case_no for sheet in queries.sheets(block.id)] == [incident.no, incident.no, ""]
    assert queries.unreconciled(incident.id) == {"out": 1, "missing": 0}


def test_what_is_still_out_after_the_end_is_chased_too(app, engine, at, staff):
    with transaction():
        incident, block = settled(staff), block_of(staff, count=2)
        actions.hand_out(staff["supervisor"], NINE, block, incident_id=incident.id)
    assert chase_sheets(NINE + DAY + HOUR) == 0  # the incident goes on
    with transaction():
        here = incidents.incident_to_change(staff["commander"], incident.no)
        incident_actions.end(staff["commander"], NINE + DAY + 2 * HOUR, here, statement="恢复", why=WHY)
    assert chase_sheets(NINE + 2 * DAY + 2 * HOUR) == 1
    with transaction():
        actions.count(staff["supervisor"], NINE + 3 * DAY, queries.block(block.id), unused=block.first)
    assert chase_sheets(NINE + 9 * DAY) == 0
