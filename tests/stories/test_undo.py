"""DK5: claim, assign and a written message are taken back within ten seconds by a compensating event."""

from datetime import timedelta

import pytest

from portal.cases import actions as cases
from portal.cases import undo_actions
from portal.cases.models import Case
from portal.clocks.kept import clocks_of
from portal.collaboration import actions as together
from portal.jobs.selfcheck import check
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Refused
from tests.builders import NINE, judged_case, make_person

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
