"""IN2, AR1, F-03, F-07, F-52, F-54, F-62: files come in whole, stay what they were, seen by whom the case is."""

import io
import os
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.archive.models import ArchiveAccess
from portal.attachments import actions, holding
from portal.attachments.models import Attachment
from portal.attachments.taking import take
from portal.cases import actions as cases
from portal.cases import queries
from portal.cases.models import Case
from portal.collaboration import actions as collaboration
from portal.jobs import selfcheck
from portal.kernel import files
from portal.kernel.db import db, transaction
from portal.kernel.errors import Refused
from portal.kernel.i18n import term
from portal.satisfaction import actions as satisfaction
from tests.attachments.test_rules import PNG
from tests.builders import NINE, judged_case
from tests.conftest import HTMX
from tests.intake.test_form import filled

WAV = b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 40


@pytest.fixture
def agent(app, at, staff, signed_in):
    return signed_in(staff["agent"])


def upload(client, *contents: tuple[bytes, str], to: str = "/files"):
    return client.post(to, data={"files": [(io.BytesIO(c), n) for c, n in contents]}, headers=HTMX)


def rows() -> list[Attachment]:
    db.session.rollback()
    return list(db.session.scalars(select(Attachment).order_by(Attachment.id)))


def the_case() -> Case:
    return db.session.scalars(select(Case).order_by(Case.id.desc())).first()


def test_files_of_a_request_become_the_cases_with_an_entry_of_their_own(agent, staff, engine):
    assert upload(agent, (PNG, "光猫.png"), (WAV, "来电.wav")).status_code == 200
    assert "光猫.png" in agent.get("/intake/new").text
    assert agent.post("/intake/new", data=filled()).status_code == 303
    case = the_case()
    assert [(r.case_id, r.name, r.kind) for r in rows()] == [
        (case.id, "光猫.png", "image/png"),
        (case.id, "来电.wav", "audio/wav"),
    ]
    line = queries.history(case)[0]
    assert line.kind == "Attached"
    assert [f["sha256"] for f in line.facts["files"]] == [r.sha256 for r in rows()]
    page = agent.get(f"/cases/{case.no}").text
    assert "<audio" in page
    assert f'src="/cases/{case.no}/files/{rows()[0].id}"' in page
    assert "光猫.png" not in agent.get("/intake/new").text
    assert selfcheck.check(NINE + timedelta(minutes=1)).differences == []


def test_without_script_files_come_with_the_form_and_survive_its_refusal(agent):
    with_file = filled(demand="") | {"files": (io.BytesIO(PNG), "光猫.png")}
    refused = agent.post("/intake/new", data=with_file)
    assert refused.status_code == 422
    assert "光猫.png" in refused.text
    bad = agent.post("/intake/new", data=filled() | {"files": (io.BytesIO(b"<svg onload=x>"), "a.png")})
    assert bad.status_code == 422
    assert "不是图片" in bad.text
    assert filled()["description"] in bad.text
    assert agent.post("/intake/new", data=filled()).status_code == 303
    assert [r.case_id for r in rows()] == [the_case().id]


def test_a_file_is_refused_by_content_size_and_number_and_nothing_is_kept(agent, app):
    assert upload(agent, (b"<html><script>alert(1)</script>", "页面.jpg")).status_code == 422
    assert upload(agent, (b"", "空.png")).status_code == 422
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="big.png"\r\n\r\n'
    body = head + PNG + b"x" * 20 * 1024 * 1024 + b"\r\n--x--\r\n"
    answer = agent.post("/files", data=body, content_type="multipart/form-data; boundary=x")
    assert (answer.status_code, "big" in answer.text) == (422, True)
    bomb = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\xff" * 8
    assert upload(agent, (bomb, "巨.png")).status_code == 422
    assert rows() == []
    assert list(files.names()) == []
    eleven = [(PNG + bytes([n]), f"{n}.png") for n in range(11)]
    answer = upload(agent, *eleven)
    assert answer.status_code == 422
    assert "10.png" in answer.text
    assert len(rows()) == 10
    assert upload(agent, eleven[0]).status_code == 200  # the same content again waits once
    assert len(rows()) == 10


def test_a_full_disk_is_said_at_the_field_and_leaves_nothing(agent, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(files.os, "fsync", full)
        answer = upload(agent, (PNG, "光猫.png"))
    assert answer.status_code == 422
    assert "磁盘已满" in answer.text
    assert rows() == []
    assert list(files.names()) == []
    assert agent.get("/intake/new").status_code == 200


def test_what_waits_is_seen_by_its_author_alone_and_taken_away_again(agent, staff, signed_in):
    upload(agent, (PNG, "光猫.png"))
    row, other = rows()[0], signed_in(staff["supervisor"])
    assert agent.get(f"/files/{row.id}").data == PNG
    assert other.get(f"/files/{row.id}").status_code == 404
    assert other.post(f"/files/{row.id}/away").status_code == 404
    assert "光猫.png" not in other.get("/intake/new").text
    assert agent.post(f"/files/{row.id}/away").status_code == 200
    assert rows() == []


def with_file(staff) -> tuple[Case, Attachment]:
    with transaction():
        made = judged_case(staff["agent"], staff["supervisor"], unit="tech")
        taken = take(io.BytesIO(PNG), "光猫\u202e.png")
        actions.put_down(staff["agent"], NINE, "x", taken)
        row = actions.attach(staff["agent"], NINE, made, "x")[0]
    return made, row


def test_a_file_is_served_inert_to_whoever_may_see_the_case(app, at, staff, signed_in, engine):
    case, row = with_file(staff)
    url = f"/cases/{case.no}/files/{row.id}"
    answer = signed_in(staff["handler"]).get(url)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PNG, "image/png")
    assert "sandbox" in answer.headers.getlist("Content-Security-Policy")[0]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].isascii()
    for who, status in {"business": 404, "analyst": 404, "admin": 404, "commander": 404, "auditor": 302}.items():
        assert signed_in(staff[who]).get(url).status_code == status, who
    assert signed_in(staff["handler"]).get(f"/cases/{case.no}/files/{row.id + 1}").status_code == 404
    piece = signed_in(staff["agent"]).get(url, headers={"Range": "bytes=1-3"})
    assert (piece.status_code, piece.data) == (206, PNG[1:4])


def test_on_the_case_page_files_are_attached_by_a_deed_and_once(app, at, staff, signed_in):
    case, _row = with_file(staff)
    client, url = signed_in(staff["handler"]), f"/cases/{case.no}/do/attach"
    assert client.post(url, data={"attach-words": "没有文件"}).status_code == 422
    assert client.post(url, data={"files": (io.BytesIO(PNG), "同一个.png")}).status_code == 422
    done = client.post(url, data={"files": (io.BytesIO(WAV), "录音.wav"), "attach-words": "客户来电"})
    assert done.status_code == 303
    line = queries.history(case)[0]
    assert (line.kind, line.facts["words"], line.by_id) == ("Attached", "客户来电", staff["handler"].id)
    assert "录音.wav" in client.get(f"/cases/{case.no}").text
    assert signed_in(staff["business"]).post(f"/cases/{case.no}/files").status_code == 404
    assert signed_in(staff["auditor"]).post(f"/cases/{case.no}/files").status_code == 403


def closed_with_file(staff) -> tuple[Case, Attachment]:
    """A case that was taken down with a file and led to its end."""
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], unit="tech")
        actions.put_down(staff["agent"], NINE, "x", take(io.BytesIO(PNG), "光猫.png"))
        row = actions.attach(staff["agent"], NINE, case, "x")[0]
        handler = staff["handler"]
        collaboration.claim(handler, NINE, case)
        cases.write_result(
            handler, NINE, case, text="更换光猫并重做接头，测速正常", cause_category="equipment", cause="光猫老化"
        )
        cases.tell(handler, NINE, case, means="phone", words="已告知处理结果")
        cases.confirm(staff["agent"], NINE, case, verdict="satisfied", means="phone", words="可以上网了，满意")
        satisfaction.rate(staff["agent"], NINE, case, overall=5, means="phone")
        cases.close(staff["agent"], NINE, case, outcome="confirmed")
    return case, row


def test_of_a_closed_case_files_are_reached_through_the_archive_which_notes_it(app, at, staff, signed_in, engine):
    case, row = closed_with_file(staff)
    auditor, agent = signed_in(staff["auditor"]), signed_in(staff["agent"])
    assert agent.get(f"/cases/{case.no}/files/{row.id}").location == f"/archive/{case.no}/files/{row.id}"
    assert agent.get(f"/archive/{case.no}/files/{row.id}").data == PNG
    asked = auditor.get(f"/archive/{case.no}/files/{row.id}").location
    assert asked == f"/reveal/{case.no}/files/{row.id}"
    assert auditor.post(asked, data={"purpose": "audit", "words": ""}).status_code == 422
    assert auditor.post(asked, data={"purpose": "audit", "words": "核对依据"}).data == PNG
    assert signed_in(staff["business"]).get(f"/archive/{case.no}/files/{row.id}").status_code == 404
    db.session.rollback()
    seen = db.session.scalars(select(ArchiveAccess).where(ArchiveAccess.what == "file")).all()
    assert [(s.person_id, s.no, s.query) for s in seen] == [(staff["agent"].id, case.no, "光猫.png")]
    page = auditor.get(f"/archive/{case.no}").text
    assert row.sha256 in page
    assert term("file_state.sound") in page
    files.place(row.sha256).write_bytes(b"other")
    assert term("archive_fault.file") in auditor.get(f"/archive/{case.no}").text
    with pytest.raises(Refused), transaction():
        actions.attach(staff["agent"], NINE, case, "x")


def test_a_changed_or_missing_content_is_seen_everywhere(app, at, staff, signed_in):
    case, row = with_file(staff)
    client, path = signed_in(staff["agent"]), files.place(row.sha256)
    assert holding.losses() == (1, [])
    path.write_bytes(PNG[:-1] + b"!")
    assert client.get(f"/cases/{case.no}/files/{row.id}").status_code == 409
    assert client.get(f"/cases/{case.no}").status_code == 200
    assert [loss.state for loss in holding.losses()[1]] == ["changed"]
    path.unlink()
    assert [loss.state for loss in holding.losses()[1]] == ["missing"]
    with transaction():  # handed in once more, the content is back in its place
        actions.put_down(staff["agent"], NINE, "y", take(io.BytesIO(PNG), "wieder.png"))
    assert holding.losses() == (1, [])


def test_contents_that_nobody_names_go_after_a_day(app, at, staff):
    _case, row = with_file(staff)
    take(io.BytesIO(WAV), "nobody.wav")
    now = at(minutes=5)
    for path in files.names():
        os.utime(path, (now.timestamp() - 90_000, now.timestamp() - 90_000))
    assert holding.tidy(now) == 1
    assert files.sound(row.sha256)
