"""AR3: whoever may read the archive has it verified, sees how far that is and what was found; so does every night."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.archive import proofs
from portal.jobs.loop import Worker
from portal.journal import anchors, checks, stream
from portal.journal.models import Check
from portal.kernel.db import db, transaction, write
from portal.kernel.errors import Refused
from portal.notices.models import Notice
from tests.builders import NINE, closed_case, make_case

pytestmark = pytest.mark.alike

NIGHT = NINE + timedelta(hours=18)


@pytest.fixture
def closed(app, engine, at, staff):
    """A closed case, sealed."""
    with transaction():
        case = closed_case(staff["agent"], staff["supervisor"], staff["handler"])
        no, case_id = case.no, case.id
    Worker().tick(at(hours=1))
    return no, case_id


def forge(case_id: int) -> None:
    """Somebody with the database at hand rewrites what an entry says."""
    with transaction():
        found = write("SELECT id FROM journal WHERE stream = :s AND n = 2", {"s": f"case:{case_id}"})
        write("UPDATE journal_body SET facts = :f WHERE journal_id = :id", {"f": '{"said": "x"}', "id": found[0][0]})


def ended() -> list[Check]:
    db.session.rollback()
    db.session.expire_all()
    return checks.finished()


def test_asking_twice_makes_one_and_the_worker_does_it(closed, staff, signed_in, at):
    auditor = signed_in(staff["auditor"])
    before = len(ended())
    for _ in range(2):
        assert auditor.post("/archive/proof/run").status_code == 303
    assert 'hx-trigger="every 2s"' in auditor.get("/archive/proof", headers={"HX-Request": "true"}).text
    Worker().tick(at(hours=1, minutes=1))
    found = ended()
    assert (len(found), found[0].code, found[0].asked_by) == (before + 1, 0, staff["auditor"].id)
    page = auditor.get("/archive/proof").text
    assert "全部完好，已锚定" in page
    assert "every 2s" not in page
    assert anchors.short(proofs.seals.newest()) in page
    assert "全部完好，已锚定" in auditor.get("/archive").text


def test_a_seal_on_paper_is_held_against_the_store(closed, staff, signed_in):
    auditor = signed_in(staff["auditor"])
    assert anchors.short(proofs.seals.seals()[0]) in auditor.get("/archive/proof?seal=1").text
    assert "没有第 7 号封存" in auditor.get("/archive/proof?seal=7").text
    for odd in ("x", "-1", "9" * 40):
        assert auditor.get(f"/archive/proof?seal={odd}").status_code == 200


def test_the_open_page_hears_of_the_next_seal_and_verification(closed, staff, signed_in, at):
    auditor = signed_in(staff["auditor"])
    newest = proofs.seals.newest()
    tag = auditor.get("/archive/proof").text.split('hx-ptag="')[1].split('"')[0]
    ask = {"HX-Request": "true", "HX-PTag": tag}
    assert auditor.get("/archive/proof/changes", headers=ask).status_code == 204
    with transaction():
        make_case(staff["agent"])
    Worker().tick(at(hours=1, minutes=6))
    db.session.rollback()
    made = proofs.seals.newest()
    assert made.id > newest.id
    fresh = auditor.get("/archive/proof/changes", headers=ask)
    assert (fresh.status_code, anchors.short(made) in fresh.text) == (200, True)
    assert auditor.get("/archive/proof/changes?seal=1", headers=ask).text.count(anchors.short(made)) == 0
    ask |= {"HX-PTag": fresh.headers["HX-PTag"]}
    assert auditor.get("/archive/proof/changes", headers=ask).status_code == 204
    auditor.post("/archive/proof/run")
    assert 'hx-trigger="every 2s"' in auditor.get("/archive/proof/changes", headers=ask).text
    assert signed_in(staff["admin"]).get("/archive/proof/changes").status_code == 403


def test_what_was_altered_is_named_by_the_case_and_told(closed, staff, signed_in, at):
    no, case_id = closed
    forge(case_id)
    handler = signed_in(staff["handler"])
    handler.post("/archive/proof/run")
    Worker().tick(at(hours=1, minutes=1))
    assert [fault["what"] for fault in ended()[0].result["faults"]] == ["body"]
    page = handler.get("/archive/proof").text
    for words in ("记录已被改动", no, "该条内容被改动"):
        assert words in page
    told = db.session.scalars(select(Notice.person_id).where(Notice.kind == "tampered"))
    assert sorted(told) == sorted(staff[role].id for role in ("auditor", "security", "admin"))
    assert stream.read(checks.STREAM)[-1].facts["code"] == 1


def test_every_night_once_whichever_worker_is_first(closed, at):
    at(NIGHT)
    workers = Worker(), Worker()
    before = len(ended())
    for minute in range(4):
        for worker in workers:
            worker.tick(NIGHT + timedelta(minutes=minute))
    assert len(ended()) == before + 1
    assert ended()[0].night == "2026-11-25"


def test_one_whose_worker_died_is_taken_over(closed, staff, at):
    with transaction():
        proofs.ask(staff["auditor"], NINE)
    waits = checks.waiting(int(NINE.timestamp()))
    with transaction():
        assert checks.take(waits, "dead", int(NINE.timestamp()))
        assert not checks.take(waits, "other", int(NINE.timestamp()) + 60)
    worker = Worker()
    worker.proving.step(NINE + timedelta(seconds=60))
    assert checks.running().worker == "dead"
    worker.proving.step(NINE + timedelta(seconds=130))
    assert (checks.running(), ended()[0].id) == (None, waits)


def test_anchors_that_cannot_be_read_are_a_result(closed, staff, at):
    anchors.place().write_text("no anchor\n")
    with transaction():
        proofs.ask(staff["auditor"], NINE)
    Worker().proving.step(NINE)
    assert ended()[0].code == 3


def test_who_may_not_read_the_archive_may_not_ask(closed, staff):
    with pytest.raises(Refused), transaction():
        proofs.ask(staff["analyst"], NINE)
