"""QU8, lesson 14: two at one case: the same field is a conflict with both texts, other fields merge."""

import pytest

from portal.cases import actions as cases
from portal.cases.models import Case
from portal.collaboration import actions as together
from portal.desk import merging
from portal.desk.case_deeds import DEEDS
from portal.identity import queries as people
from portal.journal import stream
from portal.kernel.db import db, transaction
from tests.builders import judged_case

HTMX = {"HX-Request": "true"}


@pytest.fixture
def case(staff, at):
    """A case of the technical department in work."""
    with transaction():
        made = judged_case(staff["agent"], staff["supervisor"], level="P3", unit="tech")
        together.claim(staff["handler"], at(minutes=1), made)
        return made


def send(browser, case, deed, seen, **fields):
    typed = {f"{deed}-{name}": value for name, value in fields.items()} | {f"{deed}-seen": str(seen)}
    return browser.post(f"/cases/{case.no}/do/{deed}", data=typed, headers=HTMX)


RESULT = {"cause_category": "equipment", "cause": "光猫老化"}


def test_the_same_field_is_a_conflict_that_shows_both_texts_and_keeps_mine(app, engine, case, staff, signed_in):
    handler, head, seen = signed_in(staff["handler"]), signed_in(staff["head"]), case.version
    first = send(handler, case, "result", seen, text="更换光猫后网络恢复", **RESULT)
    assert first.status_code == 200, first.text
    answer = send(head, case, "result", seen, text="重做光纤接头后恢复", **RESULT)
    assert answer.status_code == 409
    assert "更换光猫后网络恢复" in answer.text
    assert "重做光纤接头后恢复</textarea>" in answer.text
    db.session.rollback()
    assert db.session.get_one(Case, case.id, populate_existing=True).result == "更换光猫后网络恢复"


def test_other_fields_merge_and_both_entries_stand(app, engine, case, staff, signed_in):
    handler, head, agent, seen = (*(signed_in(staff[n]) for n in ("handler", "head", "agent")), case.version)
    assert send(agent, case, "note", seen, text="客户要求周末上门").status_code == 200
    assert send(head, case, "assign", seen, person=staff["head"].id, reason="我来跟进").status_code == 200
    assert send(handler, case, "result", seen, text="更换光猫后网络恢复", **RESULT).status_code == 200
    db.session.rollback()
    found = db.session.get_one(Case, case.id, populate_existing=True)
    assert (found.owner_id, found.result) == (staff["head"].id, "更换光猫后网络恢复")
    assert [line.kind for line in stream.read(case.stream)][-3:] == ["Noted", "Assigned", "ResultWritten"]


def test_two_assignments_and_an_end_after_a_message_are_conflicts(app, engine, at, case, staff, signed_in):
    head, supervisor, agent, seen = (*(signed_in(staff[n]) for n in ("head", "supervisor", "agent")), case.version)
    assert send(head, case, "assign", seen, person=staff["head"].id, reason="我来跟进").status_code == 200
    assert send(supervisor, case, "assign", seen, person=staff["handler"].id, reason="值班").status_code == 409
    with transaction():
        now = at(minutes=9)
        cases.contact(staff["agent"], now, db.session.get_one(Case, case.id), direction="in", means="email",
                      reached=True, words="还是不行")  # fmt: skip
    assert send(agent, case, "close", seen, outcome="withdrawn", reason="客户撤诉").status_code == 409
    unit = people.unit_by_code("business").id
    assert send(supervisor, case, "transfer", seen, unit=unit, reason="业务问题").status_code == 409


def test_every_deed_that_merges_exists_and_an_unknown_kind_is_a_conflict():
    assert set(merging.USED) - {"link"} <= set(DEEDS)
    assert merging.conflict("result", ["Closed"])
    assert merging.conflict("close", ["Noted"])
    assert merging.conflict("note", ["Noted"])
    assert not merging.conflict("note", ["Judged", "Chased"])
