"""AR1: each closing is one document that never changes; old versions open; a check a day looks at four properties."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal.archive import snapshots, soundness
from portal.archive.models import Archived, ArchivedSnapshot, SoundnessCheck
from portal.cases import actions as cases
from portal.cases.models import Case
from portal.journal import stream
from portal.kernel.db import db, transaction, writing
from portal.satisfaction import actions as satisfaction
from tests.builders import NINE, closed_case


@pytest.fixture
def closed(app, engine, at, staff):
    with transaction():
        no = closed_case(staff["agent"], staff["supervisor"], staff["handler"]).no
    at(hours=2)
    return no


def again(staff, no):
    with transaction():
        case, now = db.session.scalar(select(Case).where(Case.no == no)), NINE + timedelta(days=1)
        cases.reopen(staff["agent"], now, case, reason="又断网了")
        cases.write_result(
            staff["handler"], now, case, text="更换分光器，恢复上网", cause_category="network", cause="端口松动所致"
        )
        cases.tell(staff["handler"], now, case, means="phone", words="已电话告知")
        cases.confirm(staff["agent"], now, case, verdict="satisfied", means="phone", words="已经好了")
        satisfaction.rate(staff["agent"], now, case, overall=4, means="phone")
        cases.close(staff["agent"], now + timedelta(hours=1), case, outcome="confirmed")


def test_the_document_holds_everything_and_stands_or_falls_with_the_closing(closed, staff):
    row = db.session.scalar(select(Archived))
    document, sha256 = snapshots.opened(row.id)
    assert sha256 == snapshots.sealed(row) == db.session.get(ArchivedSnapshot, row.id).sha256
    assert document["case"]["description"].startswith("移机后光猫")
    assert [one[4] for one in document["entries"]] == [line.kind for line in stream.read(f"case:{row.case_id}")]
    assert {one["kind"] for one in document["clocks"]} >= {"first_response", "result"}
    assert all(one["policy"] and one["calendar_version"] and one["lines"] for one in document["clocks"])
    assert document["case"]["rating"] == 5


def test_a_case_closed_again_keeps_the_old_version_and_it_opens(closed, staff, signed_in):
    again(staff, closed)
    agent, quality = signed_in(staff["agent"]), signed_in(staff["quality"])
    old, new = (agent.get(f"/archive/{closed}/versions/{n}").text for n in (1, 2))
    assert "更换光猫并重做光纤接头" in old
    assert "更换分光器" not in old
    assert "更换分光器" in new
    assert 'banner-ok" id="sealed"' in old
    masked = quality.get(f"/archive/{closed}/versions/1").text
    assert "13800130013" not in masked
    assert "王芳" not in masked
    assert signed_in(staff["business"]).get(f"/archive/{closed}/versions/1").status_code == 404
    assert f"/archive/{closed}/versions/1" in agent.get(f"/archive/{closed}").text


def test_nobody_changes_a_document_and_who_does_it_all_the_same_is_found(closed, staff, signed_in):
    with pytest.raises(DBAPIError, match="append only"), transaction() as session:
        session.execute(text("UPDATE archived_snapshot SET sha256 = ''"))
    with writing(), db.engine.begin() as connection:
        kept = connection.execute(text("SELECT id, body FROM archived_snapshot")).one()
        connection.execute(text("DELETE FROM archived_snapshot"))
        connection.execute(
            text("INSERT INTO archived_snapshot VALUES(:id, :sum, :body)"),
            {"id": kept[0], "sum": "0" * 64, "body": kept[1][:-9] + b"123456789"},
        )
    db.session.expire_all()
    row = db.session.scalar(select(Archived))
    assert [fault.lacks for fault in soundness.check(row.id)] == ["usable"]
    assert signed_in(staff["agent"]).get(f"/archive/{closed}/versions/1").status_code == 404


def test_a_check_a_day_says_what_records_lack(closed, staff, signed_in):
    night = NINE + timedelta(hours=19)  # 04:00 of the next day
    assert not soundness.step(NINE + timedelta(hours=16))
    for _ in range(3):
        soundness.step(night)
    day = db.session.scalar(select(SoundnessCheck))
    assert (day.total, day.waiting, day.failed) == (1, [], {})
    with writing(), db.engine.begin() as connection:
        connection.execute(text("UPDATE archived_text SET text = text || '改'"))
    db.session.expire_all()
    for _ in range(3):
        soundness.step(night + timedelta(days=1))
    day = db.session.scalar(select(SoundnessCheck).order_by(SoundnessCheck.day.desc()))
    assert (day.total, day.failed, day.faults) == (1, {"authentic": 1}, [[closed, "authentic", "text"]])
    assert closed in signed_in(staff["auditor"]).get("/archive/soundness").text
