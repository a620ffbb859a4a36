"""AR2, F-93: a package holds records, proves them on a bare Python, hides what is masked, and is itself on record."""

import io
import json
import random
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.archive import package_rules, packages
from portal.archive.models import ArchiveAccess, ExportPackage
from portal.archive.packing import Packing
from portal.jobs.packaging import Packaging
from portal.jobs.sealing import Sealing
from portal.journal import anchors, merkle, stream
from portal.kernel import files
from portal.kernel.db import db, transaction
from tests.builders import NINE, closed_case
from tests.stories.test_attachments import closed_with_file

pytestmark = pytest.mark.alike

AT = NINE + timedelta(hours=2)


@pytest.fixture
def cases(app, engine, at, staff, monkeypatch):
    """Two closed cases, sealed and anchored; their papers are drawn plainly, which the test of the paper does not."""
    monkeypatch.setattr("portal.archive.record_print.pdf_of", lambda found, *_: f"%PDF {found.customer}".encode())
    with transaction():
        for text in ("移机后光猫 LOS 灯常亮", "寬帶斷線，客戶要求退費"):
            closed_case(staff["agent"], staff["supervisor"], staff["handler"], description=text)
    sealing = Sealing()
    for minutes in (0, 5, 10):
        sealing.step(AT + timedelta(minutes=minutes))
    at(hours=3)
    return [row[0] for row in db.session.execute(select(stream.Entry.stream).where(stream.Entry.kind == "Closed"))]


def asked(browser, **form):
    answer = browser.post("/archive/packages", data={"q": "", "purpose": "年度审计抽查", "key": "k1"} | form)
    db.session.rollback()
    return answer


def made(now=AT):
    """Lets a worker make what waits; the newest row."""
    worker = Packaging()
    for second in range(50):
        if not worker.step(now + timedelta(seconds=4 * second)) and second:
            break
    db.session.rollback()
    return db.session.scalars(select(ExportPackage).order_by(ExportPackage.id.desc())).first()


def unpacked(folder: Path, content: bytes) -> Path:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        packed.extractall(folder)
    return next(folder.iterdir())


def verified(folder: Path, *more: str):
    return subprocess.run(
        [sys.executable, "-I", "verify.py", *more], cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_package_is_made_fetched_and_verified_on_a_bare_python(cases, staff, signed_in, tmp_path):
    browser = signed_in(staff["supervisor"])
    assert asked(browser).status_code == 303
    asked(browser)  # a second post of the same form
    assert db.session.query(ExportPackage).count() == 1
    row = made()
    assert (row.state, row.count, row.done) == ("ready", 2, 2)
    answer = browser.get(f"/archive/packages/{row.id}.zip")
    folder = unpacked(tmp_path / "out", answer.data)
    found = verified(folder)
    assert (found.returncode, found.stderr) == (0, "")
    assert "EVERYTHING HOLDS" in found.stdout
    assert "not sealed yet 尚未封存 0" in found.stdout
    assert verified(folder, "--anchors", str(anchors.place())).returncode == 0
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"bagit.txt", "README.txt", "verify.py", "data/index.csv", "data/proof/seals.json"} <= names
    assert sum(name.endswith(".pdf") for name in names) == 2
    record = json.loads(next(folder.glob("data/records/*.json")).read_text("utf-8"))
    assert record["contact"] == "13800130013"
    readme = (folder / "README.txt").read_text("utf-8")
    assert "年度审计抽查" in readme
    assert "Closed cases with their proofs" in readme
    assert "已结案工单及其证明" in readme
    kinds = [line.kind for line in stream.read("export")]
    assert kinds == ["PackageAsked", "Packaged"]
    told = stream.read("export")[-1].facts
    assert (told["sha256"], told["manifest"]) == (row.sha256, row.manifest)
    assert db.session.scalar(select(ArchiveAccess.query).where(ArchiveAccess.what == "package")).endswith(row.sha256)
    assert signed_in(staff["quality"]).get(f"/archive/packages/{row.id}.zip").status_code == 404


def test_whatever_is_altered_is_found_and_named(cases, staff, signed_in, tmp_path):
    browser = signed_in(staff["supervisor"])
    asked(browser)
    folder = unpacked(tmp_path / "out", browser.get(f"/archive/packages/{made().id}.zip").data)
    draw = random.Random(4)
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "verify.py"):
        before = path.read_bytes()
        if not before:
            continue
        place, bit = draw.randrange(len(before)), 1 << draw.randrange(8)
        path.write_bytes(before[:place] + bytes([before[place] ^ bit]) + before[place + 1 :])
        found = verified(folder)
        path.write_bytes(before)
        assert found.returncode == 1, (path, place, found.stdout, found.stderr)
        assert path.name in found.stdout, (path, found.stdout)
    gone = next(folder.glob("data/records/*.json"))
    kept = gone.read_bytes()
    gone.unlink()
    assert verified(folder).returncode == 1
    gone.write_bytes(kept)
    (folder / "data" / "more.txt").write_text("x")
    assert "more.txt: was put in" in verified(folder).stdout
    (folder / "data" / "more.txt").unlink()
    assert verified(folder).returncode == 0


def test_files_of_a_record_are_in_it_and_one_flipped_bit_of_a_file_is_found(cases, staff, signed_in, tmp_path):
    case, row = closed_with_file(staff)
    content = files.content(row.sha256)
    browser = signed_in(staff["supervisor"])
    asked(browser)
    folder = unpacked(tmp_path / "out", browser.get(f"/archive/packages/{made().id}.zip").data)
    (told,) = json.loads((folder / f"data/records/{case.no}.json").read_text("utf-8"))["files"]
    kept = folder / told["path"]
    assert (told["sha256"], kept.read_bytes()) == (row.sha256, content)
    assert f"{row.sha256}  {told['path']}" in (folder / "manifest-sha256.txt").read_text("utf-8")
    assert verified(folder).returncode == 0
    kept.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    found = verified(folder)
    assert found.returncode == 1
    assert told["path"] in found.stdout
    quality = signed_in(staff["quality"])
    asked(quality, key="k2")
    masked = unpacked(tmp_path / "masked", quality.get(f"/archive/packages/{made().id}.zip").data)
    (left_out,) = json.loads((masked / f"data/records/{case.no}.json").read_text("utf-8"))["files"]
    assert (left_out["sha256"], left_out["path"], left_out["name"]) == (row.sha256, None, "")
    assert content not in b"".join(one.read_bytes() for one in masked.rglob("*") if one.is_file())


def test_who_is_masked_gets_no_clear_value_in_any_byte(cases, staff, signed_in, tmp_path):
    browser = signed_in(staff["quality"])
    asked(browser)
    row = made()
    folder = unpacked(tmp_path / "out", browser.get(f"/archive/packages/{row.id}.zip").data)
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_bytes().decode("utf-8", "replace")
            assert "13800130013" not in text, path
            assert "王芳" not in text, path
            assert path.name == "verify.py" or '"salt"' not in text
    assert verified(folder).returncode == 0
    assert "with their words 含内容 0" in verified(folder).stdout


def test_numbers_that_nobody_may_read_leave_in_no_file(app, at, staff, signed_in, tmp_path, monkeypatch):
    monkeypatch.setattr("portal.archive.record_print.pdf_of", lambda found, *_: found.case.description.encode())
    document = "11010519491231002X"
    with transaction():
        closed_case(
            staff["agent"], staff["supervisor"], staff["handler"], description=f"{document} 身份证登记有误，要求更正"
        )
    Sealing().step(AT)
    browser = signed_in(staff["supervisor"])
    for kind in ("csv", "xlsx"):
        assert document not in browser.get(f"/archive/export.{kind}").data.decode("utf-8", "replace")
    asked(browser)
    folder = unpacked(tmp_path / "out", browser.get(f"/archive/packages/{made().id}.zip").data)
    for path in folder.rglob("*"):
        assert path.is_dir() or document not in path.read_bytes().decode("utf-8", "replace"), path
    lines = [json.loads(line) for line in next(folder.glob("data/journal/*.jsonl")).read_text("utf-8").splitlines()]
    assert [line["kind"] for line in lines if "facts" not in line] == ["Logged"]
    assert verified(folder).returncode == 0


def test_many_records_need_a_second_person(cases, staff, signed_in, monkeypatch):
    monkeypatch.setattr(package_rules, "ALONE", 1)
    head, supervisor, auditor = (signed_in(staff[role]) for role in ("head", "supervisor", "auditor"))
    asked(supervisor)
    row = made()
    assert (row.state, packages.file_of(row.id).exists()) == ("waiting", False)
    decide = f"/archive/packages/{row.id}/decide"
    assert supervisor.post(decide, data={"agreed": "1"}).status_code == 409
    assert head.post(decide, data={"agreed": "1"}).status_code == 403
    assert auditor.post(decide, data={"agreed": "0"}).status_code == 422
    assert "年度审计抽查" in auditor.get("/archive/packages").get_data(as_text=True)
    assert auditor.post(decide, data={"agreed": "1"}).status_code == 303
    assert auditor.post(decide, data={"agreed": "1"}).status_code == 409
    assert made().state == "ready"
    assert [line.kind for line in stream.read("export")] == ["PackageAsked", "PackageDecided", "Packaged"]
    asked(head, key="k2")
    other = made()
    auditor.post(f"/archive/packages/{other.id}/decide", data={"agreed": "0", "words": "范围过大"})
    assert made().state == "refused"


def test_what_may_not_be_asked_is_said(cases, staff, signed_in):
    browser = signed_in(staff["supervisor"])
    assert asked(browser, purpose=" ").status_code == 422
    assert asked(browser, q="冰箱").status_code == 422
    assert asked(browser, q="leval:P1").status_code == 422
    assert asked(signed_in(staff["agent"])).status_code == 403
    assert db.session.query(ExportPackage).count() == 0


def test_a_package_is_gone_after_its_days(cases, staff, signed_in):
    browser = signed_in(staff["supervisor"])
    asked(browser)
    row = made()
    Packaging().step(AT + timedelta(days=package_rules.KEPT_DAYS, hours=1))
    db.session.expire_all()
    assert db.session.get(ExportPackage, row.id).state == "gone"
    assert browser.get(f"/archive/packages/{row.id}.zip").status_code == 404


def test_a_worker_that_died_is_followed_by_another(cases, staff, signed_in):
    asked(signed_in(staff["supervisor"]))
    first = Packaging()
    assert packages.waiting(int(AT.timestamp()))
    with transaction():
        packages.take(1, first.me, int(AT.timestamp()))
    steps = Packing(packages.row(1), AT).steps()
    next(steps)
    assert made(AT + timedelta(seconds=packages.SILENT + 5)).state == "ready"


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 9, 31, 33])
def test_the_whole_tree_proves_what_the_growing_one_does(count):
    values = [bytes([n]) for n in range(count)]
    tree = merkle.Whole(values)
    assert tree.levels[-1] == [merkle.root(values)]
    assert [tree.path(n) for n in range(count)] == [merkle.proof(values, n) for n in range(count)]
