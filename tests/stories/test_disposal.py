"""AR1, AR5, F-91, F-92: kept two years, longer under a hold; two people let records go; what they said is gone."""

import hashlib
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal.archive import disposal, disposal_actions, hold_actions, packages, record_print, withdrawing
from portal.archive.forms import asked
from portal.archive.keeping_models import Disposal, DisposalItem
from portal.archive.models import Archived, ExportPackage
from portal.cases.models import Case
from portal.jobs.packaging import Packaging
from portal.jobs.verify import whole
from portal.journal import stream
from portal.journal.proof import Verification
from portal.kernel.db import db, transaction, write, writing
from portal.kernel.errors import Invalid, Refused
from portal.reports import quarterly, queries
from portal.reports.metrics.definitions import KPIS
from tests.builders import NINE, closed_case

pytestmark = pytest.mark.alike

SECRET = "客户李雷要求把押金退到老卡"
LATER = NINE + timedelta(days=731, hours=2)


OF_FIRST = "SELECT id FROM journal WHERE stream = 'case:1'"


def three(staff):
    with transaction():
        for n in range(3):
            closed_case(
                staff["agent"], staff["supervisor"], staff["handler"], contact=f"1380013001{n}",
                customer_name=("韩梅梅", "张三丰", "诸葛亮")[n], description=f"{SECRET}，第{n}次来电",
            )  # fmt: skip


@pytest.fixture
def archive(app, engine, at, staff):
    three(staff)
    at(LATER)
    return [row.no for row in db.session.scalars(select(Archived).order_by(Archived.id))]


def proposed(staff):
    with transaction():
        return disposal_actions.propose(staff["security"], LATER, reason="保管期满").id


def approved(staff):
    batch = proposed(staff)
    with transaction():
        disposal_actions.approve(staff["management"], LATER, batch, words="同意")
    return batch


def done(now=LATER):
    for _ in range(5):
        disposal.step(now)


def states(batch):
    db.session.expire_all()
    query = select(DisposalItem.no, DisposalItem.state).where(DisposalItem.disposal_id == batch)
    return dict(db.session.execute(query).all())


def said(kind):
    return [line.facts for line in stream.read("retention") if line.kind == kind]


def figures():
    span = quarterly.quarter_span("2026Q4", LATER)
    ways = [(code, part) for code, kpi in KPIS.items() if kpi.relation for part in ("all", "hit")]
    rows = {way: queries.count(queries.behind(span, way[0], {}, way[1])) for way in ways}
    return rows, queries.customers(span)


def verified():
    run = Verification(int(LATER.timestamp()))
    list(whole(run))
    return run


def test_nothing_goes_before_its_time_or_without_two_people(archive, staff):
    with pytest.raises(Invalid, match="nothing_due"), transaction():
        disposal_actions.propose(staff["security"], NINE + timedelta(days=731), reason="保管期满")
    batch = proposed(staff)
    with pytest.raises(Refused, match="own_proposal"), transaction():
        disposal_actions.approve(staff["security"], LATER, batch, words="")
    done()
    assert set(states(batch).values()) == {"waiting"}
    with transaction():
        disposal_actions.refuse(staff["management"], LATER, batch, words="暂缓")
    assert set(states(batch).values()) == {"kept"}
    with pytest.raises(Refused, match="disposal_decided"), transaction():
        disposal_actions.approve(staff["management"], LATER, batch, words="")


def test_what_records_said_is_gone_the_chain_holds_and_old_figures_come_out_the_same(archive, staff, signed_in, app):
    before = figures()
    batch = approved(staff)
    done()
    assert set(states(batch).values()) == {"gone"}
    now = figures()
    assert {k: (v, now[0][k]) for k, v in before[0].items() if now[0][k] != v} == {}
    assert now == before
    run = verified()
    assert (run.found, run.erased > 20) == (0, True)
    agent, auditor = signed_in(staff["agent"]), signed_in(staff["auditor"])
    for no in archive:
        gone = agent.get(f"/archive/{no}")
        assert gone.status_code == 404
        assert f"XH{batch:05d}" in gone.text
        assert agent.get(f"/cases/{no}").status_code == 404
    assert archive[0] not in agent.get("/archive?q=押金").text
    assert f">{archive[0]}</a>" not in auditor.get("/archive/access").text
    assert "138****" not in auditor.post("/archive/number", data={"number": "13800130010"}).text.split("</form>")[-1]
    assert "韩梅梅" not in agent.get("/customers").text
    assert said("DisposalDone")[0]["gone"] == 3
    row = db.session.get(Disposal, batch)
    assert (row.state, len(row.manifest)) == ("done", 64)
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        file = Path(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))
        bytes_left = b"".join(one.read_bytes() for one in file.parent.glob("portal.db*"))
        for word in (SECRET, "韩梅梅", "13800130010", "可以上网了，满意", "老卡"):
            assert word.encode() not in bytes_left
            assert word.encode("unicode_escape") not in bytes_left


def test_a_package_tells_by_its_files_which_cases_and_orders_it_holds():
    names = ("data/records/CS2611-0001.json", "data/orders/JT2611-0002.json", "data/records/CS2611-0001/1.pdf",
             "data/orders.csv", "data/proof/inclusion/CS2611-0003.json")  # fmt: skip
    assert [withdrawing.record_in(f"records-1/{name}") for name in names] == ["CS2611-0001", "JT2611-0002", "", "", ""]


def test_finished_packages_with_a_record_of_the_batch_are_deleted_with_it(archive, staff, signed_in, monkeypatch):
    monkeypatch.setattr("portal.archive.record_print.pdf_of", lambda found, *_: found.case.description.encode())
    with transaction():
        hold_actions.place(staff["security"], LATER, scope="case", target=archive[2], reason="法院调取证据")
    browser = signed_in(staff["supervisor"])
    for key, query in (("a", archive[0]), ("b", archive[2])):
        form = {"q": query, "purpose": "年度审计抽查", "key": key}
        assert browser.post("/archive/packages", data=form).status_code == 303
        db.session.rollback()
        worker = Packaging()
        while worker.step(LATER + timedelta(seconds=4)) or not packages.file_of(1 if key == "a" else 2).exists():
            pass
    batch = approved(staff)
    done()
    db.session.expire_all()
    kept = db.session.scalars(select(ExportPackage).order_by(ExportPackage.id))
    assert [(row.state, packages.file_of(row.id).exists()) for row in kept] == [("withdrawn", False), ("ready", True)]
    assert browser.get("/archive/packages/1.zip").status_code == 404
    assert db.session.get_one(Disposal, batch).packages == said("DisposalDone")[0]["packages"] == 1
    gone = [line.facts for line in stream.read("export") if line.kind == "PackageWithdrawn"]
    assert gone == [{"package": 1, "batch": f"XH{batch:05d}"}]
    assert verified().found == 0


def test_holds_beat_everything_and_are_lifted_by_somebody_else(archive, staff):
    security = staff["security"]
    with transaction():
        hold = hold_actions.place(security, LATER, scope="case", target=archive[0], reason="法院调取证据").id
        hold_actions.place(security, LATER, scope="customer", target="KH000002", reason="客户已起诉")
    batch = approved(staff)
    assert list(states(batch)) == [archive[2]]
    done()
    with pytest.raises(Refused, match="own_hold"), transaction():
        hold_actions.lift(security, LATER, hold, words="结案")
    with pytest.raises(Invalid, match="nothing_due"):
        proposed(staff)


@pytest.mark.parametrize("scope", ["range", "search", "incident"])
def test_a_hold_placed_in_the_middle_of_a_disposal_keeps_what_is_left(archive, staff, monkeypatch, scope):
    monkeypatch.setattr(disposal, "SLICE", 1)
    batch = approved(staff)
    disposal.step(LATER)
    with transaction():
        if scope == "range":
            hold_actions.place(
                staff["security"], LATER, scope="range", target="2026-11-01", until="2026-11-30", reason="监管检查"
            )
        elif scope == "search":
            hold_actions.place_on_search(staff["security"], LATER, asked_for("押金"), reason="监管检查")
        else:
            write("UPDATE cases SET incident_id = 7", {})
            from_incident(staff)
    done()
    assert list(states(batch).values()) == ["gone", "held", "held"]
    assert [facts["why"] for facts in said("DisposalRefused")] == ["hold 1", "hold 1"]
    assert verified().found == 0


def asked_for(words):
    from werkzeug.datastructures import MultiDict

    return asked(MultiDict({"q": words}))


def from_incident(staff):
    from portal.archive.keeping_models import Hold

    db.session.add(Hold(scope="incident", ref=7, what="INC", reason="事故调查", placed_by=1, placed_at=LATER, words=""))


def test_the_store_itself_lets_go_of_nothing_else(archive, staff):
    with pytest.raises(DBAPIError, match="kept"), transaction() as session:
        session.execute(text("DELETE FROM journal_body"))
    batch = approved(staff)
    with transaction():
        hold_actions.place(staff["security"], LATER, scope="case", target=archive[0], reason="法院调取证据")
    with transaction() as session:
        session.execute(text("UPDATE disposal_item SET state = 'disposing'"))
        with pytest.raises(DBAPIError, match="kept"), session.begin_nested():
            session.execute(text(f"DELETE FROM journal_body WHERE journal_id IN ({OF_FIRST})"))
        session.execute(text("UPDATE disposal_item SET state = 'waiting'"))
    done()
    assert states(batch)[archive[0]] == "held"


def test_a_case_that_was_reopened_starts_its_time_again(archive, staff):
    batch = approved(staff)
    with transaction():
        case = db.session.scalar(select(Case).where(Case.no == archive[1]))
        case.open, case.state = True, "in_work"
    done()
    assert states(batch) == {archive[0]: "gone", archive[1]: "kept", archive[2]: "gone"}


def test_two_people_on_the_screen_and_a_certificate(archive, staff, signed_in):
    security, management = signed_in(staff["security"]), signed_in(staff["management"])
    page = security.get("/archive/retention").text
    assert "3" in page
    assert security.post("/archive/retention/disposals", data={"reason": ""}).status_code == 422
    assert security.post("/archive/retention/disposals", data={"reason": "保管期满"}).status_code == 303
    refused = security.post("/archive/retention/disposals/1/approve", data={"words": ""})
    assert refused.status_code == 409
    assert said("DisposalAttemptRefused") == [{"batch": "XH00001", "why": "own_proposal"}]
    assert "韩梅梅" not in management.get("/archive/retention/disposals/1").text
    assert management.get("/archive/retention/disposals/1/certificate.pdf").status_code == 409
    assert management.post("/archive/retention/disposals/1/approve", data={"words": "同意"}).status_code == 303
    done()
    paper = management.get("/archive/retention/disposals/1/certificate.pdf")
    assert paper.data.startswith(b"%PDF")
    assert signed_in(staff["agent"]).get("/archive/retention").status_code == 403
    assert security.post("/archive/retention/classes/general", data={"months": "12"}).status_code == 422
    assert security.post("/archive/retention/classes/general", data={"months": "36"}).status_code == 303
    hold = {"scope": "case", "target": "CS0000-0001", "reason": "法院调取证据"}
    assert security.post("/archive/retention/holds", data=hold).status_code in (404, 422)


def test_a_class_with_more_months_keeps_longer(archive, staff):
    with transaction():
        disposal_actions.set_months(staff["security"], LATER, "general", months="36")
    with pytest.raises(Invalid, match="nothing_due"):
        proposed(staff)


def test_words_that_went_another_way_are_found_by_verification(archive, staff, app):
    with writing(), db.engine.begin() as connection:
        on = " ON journal_body" if db.engine.dialect.name != "sqlite" else ""
        connection.execute(text(f"DROP TRIGGER journal_body_kept{on}"))
        connection.execute(text(f"DELETE FROM journal_body WHERE journal_id IN ({OF_FIRST})"))
    found = verified()
    assert {(fault.what, fault.stream) for fault in found.faults} == {
        ("guard", "journal_body_kept"), ("erased", "case:1"),
    }  # fmt: skip


def asked_package(staff, signed_in, monkeypatch, query):
    monkeypatch.setattr("portal.archive.record_print.pdf_of", lambda found, *_: found.case.description.encode())
    browser = signed_in(staff["supervisor"])
    form = {"q": query, "purpose": "年度审计抽查", "key": "a"}
    assert browser.post("/archive/packages", data=form).status_code == 303
    db.session.rollback()
    return browser


def ended(worker, seconds):
    """Lets a worker go on until it has nothing under way; the package."""
    while worker.step(LATER + timedelta(seconds=seconds)):
        pass
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(ExportPackage, 1)


def files_in(package):
    with zipfile.ZipFile(packages.file_of(package.id)) as packed:
        return {name.partition("/")[2]: packed.read(name).decode("utf-8", "replace") for name in packed.namelist()}


@pytest.mark.parametrize("moment", ["before_its_turn", "while_it_is_read", "after_its_turn"])
def test_a_package_under_way_passes_over_what_is_disposed_of_and_says_so(
    archive, staff, signed_in, monkeypatch, moment
):
    browser = asked_package(staff, signed_in, monkeypatch, "押金")
    first, *rest = db.session.scalars(select(Archived.no).order_by(Archived.place)).all()  # packed last
    with transaction():
        for no in rest:
            hold_actions.place(staff["security"], LATER, scope="case", target=no, reason="法院调取证据")
    batch = approved(staff)
    monkeypatch.setattr("portal.jobs.packaging.SLICE", -1)
    worker, code = Packaging(), f"XH{batch:05d}"
    if moment == "while_it_is_read":
        real = record_print.pdf_of

        def pdf_of(found, *more):
            if found.row.no == first and states(batch)[first] == "waiting":
                disposal.step(LATER)
                raise KeyError("description")  # what was read half is not what the journal said
            return real(found, *more)

        monkeypatch.setattr("portal.archive.record_print.pdf_of", pdf_of)
        package = ended(worker, 4)
    else:
        for _ in range(1 if moment == "before_its_turn" else 3):
            worker.step(LATER + timedelta(seconds=4))
        if moment == "before_its_turn":
            disposal.step(LATER + timedelta(seconds=4))
        else:
            done(LATER + timedelta(seconds=4))
            ended(worker, 5)
        package = ended(worker, 4 if moment == "before_its_turn" else 20)
    assert (package.state, package.done, states(batch)) == ("ready", 2, {first: "gone"})
    files = files_in(package)
    assert {name for name in files if first in name} == {f"data/disposed/{first}.json"}
    assert f"{first} ({code})" in files["README.txt"]
    assert {no for no in archive if no in files["data/index.csv"]} == set(rest)
    assert browser.get("/archive/packages/1.zip").status_code == 200
    assert [line.facts["passed"] for line in stream.read("export") if line.kind == "Packaged"] == [1]
    assert [path.name for path in packages.folder().iterdir()] == ["1.zip"]


def test_a_worker_whose_package_was_taken_over_leaves_its_successors_files_alone(
    archive, staff, signed_in, monkeypatch
):
    browser = asked_package(staff, signed_in, monkeypatch, "押金")
    monkeypatch.setattr("portal.jobs.packaging.SLICE", -1)
    slow, quick, failing = Packaging(), Packaging(), Packaging()
    failing.step(LATER + timedelta(seconds=4))
    slow.step(LATER + timedelta(seconds=4 + 2 * packages.SILENT))
    made = [*slow.steps, slow.run.facts["state"]][-1]  # whole, and then it stands still
    quick.step(LATER + timedelta(seconds=4 + 4 * packages.SILENT))
    assert (made, *(worker.run is not None for worker in (failing, slow, quick))) == ("ready", True, True, True)
    while failing.run:  # its folder is gone: it fails
        failing.step(LATER + timedelta(seconds=4))
    slow.step(LATER + timedelta(seconds=4))
    assert slow.run is None
    package = ended(quick, 5 + 4 * packages.SILENT)
    assert (package.state, package.done) == ("ready", 3)
    assert hashlib.sha256(packages.file_of(1).read_bytes()).hexdigest() == package.sha256
    assert browser.get("/archive/packages/1.zip").status_code == 200
    assert [line.kind for line in stream.read("export")] == ["PackageAsked", "Packaged"]
