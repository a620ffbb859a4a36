"""DK5: claim, assign and a written message are taken back within ten seconds by a compensating event."""

import re
from datetime import timedelta

import pytest

from portal.cases import actions as cases
from portal.cases import undo_actions
from portal.cases.models import Case
from portal.clocks.kept import clocks_of
from portal.collaboration import actions as together
from portal.jobs.selfcheck import check
from portal.journal import stream
from portal.kernel.db import db, transaction, write
from portal.kernel.errors import Refused
from tests.builders import NINE, judged_case, make_person
from tests.conftest import HTMX

pytestmark = pytest.mark.alike

SECOND = timedelta(seconds=1)
LATER = NINE + timedelta(minutes=5)


@pytest.fixture
def case(app, engine, at, staff):
    with transaction():
        return judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech", channel="email")


def standing(case: Case) -> tuple:
    """What of the row and of its running clocks a compensating event has to restore."""
    db.session.rollback()
    row = db.session.get_one(Case, case.id, populate_existing=True)
    running = sorted((c.kind, c.due_at) for c in clocks_of(case.id) if c.outcome == "running")
    facts = (row.state, row.owner_id, row.owner_name, row.contact_at, row.responded_at, row.press, row.clock_kind)
    return facts, running


def back(who, when, case) -> None:
    with transaction():
        undo_actions.undo(who, when, db.session.get_one(Case, case.id, populate_existing=True))


def kinds(case: Case) -> list[str]:
    return [line.kind for line in stream.read(case.stream)]


def test_a_claim_is_taken_back_and_the_clocks_stand_as_before(case, staff):
    before = standing(case)
    with transaction():
        together.claim(staff["handler"], LATER, case)
    assert standing(case) != before
    back(staff["handler"], LATER + 10 * SECOND, case)
    assert standing(case) == before
    assert kinds(case)[-2:] == ["Claimed", "Undone"]
    with transaction():
        together.claim(staff["handler"], LATER + 60 * SECOND, case)
    assert standing(case)[0][1] == staff["handler"].id


def test_an_assignment_goes_back_to_who_held_the_case(case, staff):
    with transaction():
        gao = make_person(role="handler", unit="tech", name="高飞", login="gaofei")
        together.claim(staff["handler"], LATER, case)
    before = standing(case)
    with transaction():
        together.assign(staff["head"], LATER + 60 * SECOND, case, person_id=gao.id)
    back(staff["head"], LATER + 65 * SECOND, case)
    assert standing(case) == before


def test_a_message_is_recalled_with_what_it_had_met_and_promised(case, staff):
    with transaction():
        together.claim(staff["handler"], LATER, case)
    before = standing(case)
    with transaction():
        cases.contact(
            staff["handler"], LATER + 60 * SECOND, case, direction="out", means="email", reached=True, words="已受理",
            promised=LATER + timedelta(hours=1),
        )  # fmt: skip
    assert standing(case) != before
    back(staff["handler"], LATER + 69 * SECOND, case)
    assert standing(case) == before
    assert check(LATER + timedelta(minutes=10)).differences == []


def test_too_late_or_not_ones_own_or_something_since(case, staff):
    with transaction():
        together.claim(staff["handler"], LATER, case)
    with pytest.raises(Refused, match="too_late_to_undo"):
        back(staff["handler"], LATER + 11 * SECOND, case)
    with pytest.raises(Refused, match="nothing_to_undo"):
        back(staff["head"], LATER + SECOND, case)
    with transaction():
        cases.contact(
            staff["handler"], LATER + 2 * SECOND, case, direction="out", means="phone", reached=True, words="已通话"
        )
    with pytest.raises(Refused, match="nothing_to_undo"):  # what was spoken cannot be unsaid
        back(staff["handler"], LATER + 3 * SECOND, case)
    assert "Undone" not in kinds(case)


def test_the_page_offers_it_for_ten_seconds(case, staff, signed_in, at):
    browser = signed_in(staff["handler"])
    at(minutes=5)
    assert browser.post(f"/cases/{case.no}/do/claim").status_code == 303
    assert "/undo" in browser.get(f"/cases/{case.no}?done=claim").get_data(as_text=True)
    at(minutes=5, seconds=11)
    assert "/undo" not in browser.get(f"/cases/{case.no}?done=claim").get_data(as_text=True)
    assert browser.post(f"/cases/{case.no}/undo").status_code == 409
    at(minutes=5, seconds=9)
    assert browser.post(f"/cases/{case.no}/undo").status_code == 303
    assert standing(case)[0][1] is None


def test_a_claim_in_a_queue_is_taken_back_where_it_was_done(case, staff, signed_in, at):
    browser = signed_in(staff["handler"])
    before = standing(case)
    at(minutes=5)
    assert f"/queues/undo/{case.no}" in browser.post(f"/queues/claim/{case.no}", headers=HTMX).text
    at(minutes=5, seconds=9)
    back = browser.post(f"/queues/undo/{case.no}", headers=HTMX)
    assert (back.status_code, back.headers["HX-Trigger"]) == (200, "portal:wake")
    assert standing(case) == before
    at(minutes=6)
    browser.post(f"/queues/claim/{case.no}", headers=HTMX)
    at(minutes=6, seconds=11)
    assert browser.post(f"/queues/undo/{case.no}", headers=HTMX).status_code == 409
    assert standing(case) != before


def test_an_act_on_many_is_taken_back_until_ten_seconds_after_its_end(case, staff, signed_in, at):
    with transaction():
        other = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="tech")
    browser, numbers = signed_in(staff["head"]), [case.no, other.no]
    at(minutes=5)
    page = browser.post("/queues/tech/bulk", data={"act": "assign", "no": numbers}).text
    typed = {"assign-person": staff["handler"].id, "assign-reason": "值班安排"}
    sent = {
        "case": re.findall(r'name="case" value="([^"]+)"', page),
        "key": re.search(r'name="key" value="(\w+)"', page)[1],
    }
    done = browser.post("/queues/tech/bulk/assign", data=sent | typed).text
    assert "/queues/tech/bulk/undo" in done
    with transaction():
        write("UPDATE submission SET at = at + 30 WHERE ref = 0", {})  # the act took half a minute
        cases.note(staff["agent"], at(minutes=5, seconds=32), db.session.get_one(Case, other.id), text="客户补充")
    at(minutes=5, seconds=39)
    data = {"no": numbers, "key": sent["key"]}
    stranger = signed_in(staff["supervisor"]).post("/queues/tech/bulk/undo", data=data).text
    assert " 完成" not in stranger
    results = browser.post("/queues/tech/bulk/undo", data=data).text
    assert results.count(" 完成") == 1
    assert standing(case)[0][1] is None
    assert standing(other)[0][1] == staff["handler"].id


def test_an_act_on_many_is_not_taken_back_later(case, staff, signed_in, at):
    browser = signed_in(staff["head"])
    at(minutes=5)
    page = browser.post("/queues/tech/bulk", data={"act": "assign", "no": [case.no]}).text
    key = re.search(r'name="key" value="(\w+)"', page)[1]
    typed = {"assign-person": staff["handler"].id, "assign-reason": "值班安排"}
    browser.post("/queues/tech/bulk/assign", data={"case": f"{case.no}:{case.version}", "key": key} | typed)
    at(minutes=5, seconds=11)
    assert " 完成" not in browser.post("/queues/tech/bulk/undo", data={"no": case.no, "key": key}).text
    assert standing(case)[0][1] == staff["handler"].id
