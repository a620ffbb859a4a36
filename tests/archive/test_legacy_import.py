"""AR1-AR3: another system's archive is taken over into its place in time, opens, verifies, leaves like all others."""

import csv
import hashlib

import pytest
from sqlalchemy import select

from portal.archive import legacy, snapshots, soundness
from portal.archive.legacy_rules import Options
from portal.archive.models import Archived
from portal.archive.queries import page
from portal.cases.models import Case
from portal.cli import main
from portal.identity.actor import SYSTEM
from portal.jobs.sealing import Sealing
from portal.jobs.selfcheck import check
from portal.jobs.verify import whole
from portal.journal import stream
from portal.journal.proof import Verification
from portal.journal.stream import canonical
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid
from portal.kernel.i18n import parse_local
from tests.archive.test_package import asked, made, unpacked, verified
from tests.bench.archive import search_of
from tests.builders import NINE, closed_case

HEAD = ("编号", "关闭", "受理", "内容", "客户", "电话", "级别", "部门", "处理", "过程", "评分")
COLUMNS = dict(zip(HEAD, (
    "no", "closed_at", "received_at", "description", "customer_name", "contact", "level", "department", "result",
    "course", "rating",
), strict=True))  # fmt: skip
ROWS = [
    ("KF2019-001", "2019-03-05 16:00", "2019-03-04 09:00", "宽带退款未到账，请核实", "韩梅梅", "13800130021", "P2",
     "客户服务部", "已退款到账", "来电三次", "5"),
    ("KF2019-002", "2019-07-01 08:00", "", "专线断网退款", "渝州贸易有限公司", "02367891234", "重要", "tech", "已恢复",
     "", ""),
    ("KF2020-003", "2020-01-01 00:00", "2019-12-31 10:00", "退款重复", "", "", "", "", "", "", "3"),
]  # fmt: skip
OPTIONS = Options(columns=COLUMNS, source="旧客服系统", words={("level", "重要"): "P2"})


def sheet(path, rows=ROWS):
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows([HEAD, *rows])
    return path


def taken(path, **more):
    return legacy.run(path, OPTIONS, SYSTEM, clock.now(), dry_run=False, **more)


@pytest.fixture
def old(app, engine, at, staff, tmp_path):
    """A record of this portal from 2026, and the file of an archive of 2019."""
    with transaction():
        closed_case(staff["agent"], staff["supervisor"], staff["handler"], description="宽带退款没有到账")
    return sheet(tmp_path / "old.csv")


def test_2019_after_2026_stands_where_it_belongs_and_comes_in_once(old, staff):
    trial = legacy.run(old, OPTIONS, SYSTEM, NINE)
    assert (trial.added, trial.refused, db.session.query(Archived).count()) == (3, [], 1)
    done = taken(old)
    assert (done.added, done.already, done.refused) == (3, 0, [])
    found = [hit.row.no for hit in page(search_of("退款")).hits]
    assert found == ["CS2611-0001", "KF2020-003", "KF2019-002", "KF2019-001"]
    again = taken(old)
    assert (again.added, again.already) == (0, 3)
    row = db.session.scalar(select(Archived).where(Archived.no == "KF2019-001"))
    assert (row.quarter, row.archived_at, row.rating) == ("2019q1", parse_local("2019-03-05 16:00"), 5)
    assert done.assumed == {"channel": 3, "request_type": 3, "category": 3, "outcome": 3, "level": 1, "department": 1,
                            "received_at": 1}  # fmt: skip


def test_a_taken_over_record_opens_verifies_is_sound_and_is_what_its_journal_gives(old, staff, signed_in):
    taken(old)
    auditor, agent = signed_in(staff["auditor"]), signed_in(staff["agent"])
    page_ = auditor.get("/archive/KF2019-001")
    assert page_.status_code == 200
    assert 'banner-ok" id="verified"' in page_.text
    assert "导入时推定" in page_.text
    assert "13800130021" not in page_.text
    assert "13800130021" in agent.get("/archive/KF2019-001").text
    assert "KF2019-001" in auditor.post("/archive/number", data={"number": "13800130021"}).text
    assert auditor.get("/archive/KF2019-001/record.pdf").data.startswith(b"%PDF")
    assert auditor.get("/archive/KF2019-001/versions/1").status_code == 200
    assert '<a href="/archive/KF2019-001">' in auditor.get("/archive/access").text
    run = Verification(int(clock.now().timestamp()))
    list(whole(run))
    assert run.found == 0
    for row in db.session.scalars(select(Archived)):
        assert soundness.check(row.id) == [], row.no
    row = db.session.scalar(select(Archived).where(Archived.no == "KF2019-001"))
    document, sha256 = snapshots.opened(row.id)
    assert sha256 == snapshots.sealed(row) == hashlib.sha256(canonical(document)).hexdigest()
    assert document["imported_at"] > document["archived_at"]
    case = db.session.get_one(Case, row.case_id)
    assert (case.open, case.state, case.result, case.rating) == (False, "closed", "已退款到账", 5)
    assert stream.read("config:import")[-1].facts["added"] == 3


def test_a_taken_over_record_leaves_in_a_package_that_verifies(old, staff, signed_in, tmp_path, monkeypatch):
    monkeypatch.setattr("portal.archive.record_print.pdf_of", lambda found, *_: f"%PDF {found.customer}".encode())
    taken(old)
    Sealing().step(clock.now())
    browser = signed_in(staff["supervisor"])
    assert asked(browser, q="KF2019-001").status_code == 303
    row = made(clock.now())
    folder = unpacked(tmp_path / "out", browser.get(f"/archive/packages/{row.id}.zip").data)
    found = verified(folder)
    assert (found.returncode, found.stderr) == (0, "")
    assert "(with their words 含内容 1); under seals 已封存 1" in found.stdout
    kept = folder / "data/journal/KF2019-001.jsonl"
    kept.write_text(kept.read_text("utf-8").replace("已退款到账", "未退款到账"), "utf-8")
    altered = verified(folder)
    assert (altered.returncode, "KF2019-001.jsonl" in altered.stdout) == (1, True)


def test_unusable_rows_are_named_and_the_rest_comes_in(old, tmp_path, staff):
    good = ROWS[0]
    bad = [
        ("KF 1", *good[1:]), ("KF2", "morgen", *good[2:]), ("KF3", "2031-01-01 10:00", "", *good[3:]),
        ("KF4", "2019-01-01 10:00", "2019-01-02 10:00", *good[3:]), ("KF5", *good[1:3], "", *good[4:]),
        ("KF6", *good[1:6], "Z9", *good[7:]), ("CS2611-0001", *good[1:]), ("KF8", *good[1:10], "9"), good,
        (good[0], *good[1:3], "另一件事", *good[4:]),
    ]  # fmt: skip
    done = taken(sheet(tmp_path / "bad.csv", bad))
    assert done.added == 1
    assert [(one.line, one.code) for one in done.refused] == [
        (2, "row_number"), (3, "row_no_time"), (4, "row_closed_ahead"), (5, "row_received_after"),
        (6, "row_no_description"), (7, "row_not_listed"), (8, "row_number_taken"), (9, "row_not_listed"),
        (11, "row_number_taken"),
    ]  # fmt: skip
    with pytest.raises(Forbidden):
        legacy.run(old, OPTIONS, staff["agent"], NINE)
    with pytest.raises(Invalid, match="legacy_needs"):
        legacy.run(old, Options(columns={"内容": "description"}, source="x"), SYSTEM, NINE)


def many(path, number):
    return sheet(path, [
        (f"KF{n:06d}", f"2019-03-{n % 28 + 1:02d} 10:{n % 60:02d}", "", f"第{n}件故障", *[""] * 7)
        for n in range(number)
    ])  # fmt: skip


def test_what_was_broken_off_goes_on(old, tmp_path, monkeypatch):
    monkeypatch.setattr(legacy, "BATCH", 40)
    monkeypatch.setattr(legacy.os, "cpu_count", lambda: 1)
    path, write, calls = many(tmp_path / "many.csv", 100), legacy.write_all, []

    def once(made, at):
        if calls:
            raise KeyboardInterrupt
        calls.append(write(made, at))

    monkeypatch.setattr(legacy, "write_all", once)
    with pytest.raises(KeyboardInterrupt):
        taken(path)
    monkeypatch.setattr(legacy, "write_all", write)
    done = taken(path)
    assert (done.added, done.already) == (60, 40)
    assert db.session.query(Archived).count() == 101


@pytest.mark.slow
def test_another_process_reckons_the_same(old, tmp_path):
    assert taken(many(tmp_path / "many.csv", 600)).added == 600
    assert page(search_of("第599件故障")).hits[0].row.no == "KF000599"


def test_by_the_command_line_a_trial_comes_first(old, app, at):
    pairs = [word for column, field in COLUMNS.items() for word in ("--map", f"{column}={field}")]
    call = app.test_cli_runner().invoke
    assert main.commands["archive"].commands["import"].name == "import"
    command = main.commands["archive"].commands["import"]
    trial = call(command, [str(old), *pairs, "--value", "level:重要=P2"])
    assert trial.exit_code == 0, trial.output
    assert db.session.query(Archived).count() == 1
    done = call(command, [str(old), *pairs, "--value", "level:重要=P2", "--yes"])
    assert done.exit_code == 0, done.output
    assert db.session.query(Archived).count() == 4
    refused = call(command, [str(old), *pairs, "--yes", "--source", "other"])
    assert refused.exit_code == 0
    assert old.with_suffix(".refused.csv").exists()


def test_the_nightly_check_finds_nothing_to_say_of_a_recent_one(old, tmp_path, staff):
    yesterday = ("KF2026-9", "2026-11-23 16:00", "2026-11-22 09:00", "昨天的旧系统工单", *[""] * 7)
    assert taken(sheet(tmp_path / "new.csv", [yesterday])).added == 1
    assert check(clock.now()).differences == []
