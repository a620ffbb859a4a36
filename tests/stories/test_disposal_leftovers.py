"""AR5: what was said of a case beside its record goes with it: paper, tasks, hand-overs, objections."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal.archive import disposal, disposal_actions
from portal.attachments.models import Attachment
from portal.backup import actions as paper
from portal.backup import entry_actions
from portal.cases import actions as cases
from portal.cases.models import Case
from portal.clocks.models import Clock
from portal.collaboration import actions as together
from portal.collaboration import shift_actions, tasks
from portal.collaboration.models import Task
from portal.corporate import actions
from portal.desk import handover
from portal.directory.models import Customer
from portal.identity import queries as people
from portal.kernel import files
from portal.kernel.db import db, transaction
from portal.reports import own_actions
from portal.satisfaction import actions as satisfaction
from tests.builders import NINE, closed_case
from tests.corporate.builders import a_document, make_group

HOUR, DAYS = timedelta(hours=1), timedelta(days=20)
LATER = NINE + timedelta(days=760)
MARKS = ("渝北老卡", "蓝莓家长", "橡子复核", "松果派工", "榛子办妥", "核桃异议", "杏仁答复", "13800130099", "欧阳震华")


@pytest.fixture
def told_everywhere(app, engine, at, staff):
    """A case that was taken down on paper, stood on a hand-over sheet, had a task and was objected about."""
    agent, handler = staff["agent"], staff["handler"]
    with transaction():
        block = paper.issue(staff["supervisor"], NINE, unit_id=people.unit_id("service"), count=2, key="")
        sheet = entry_actions.Paper(
            block.first, NINE - HOUR, "蓝莓家长", "13800130099", "欧阳震华", "渝北老卡不能上网",
            "渝北老卡今天恢复", "渝北老卡当天早上",
        )  # fmt: skip
        case = entry_actions.enter(agent, NINE, sheet, key="form-1")
        entry = db.session.query(entry_actions.BackEntry).one()
        entry_actions.check(staff["supervisor"], NINE, entry, agrees=False, words="橡子复核不符")
        cases.judge(
            staff["supervisor"], NINE, case, level="P2", impact="single", urgency="medium", harm=False,
            reason="按标准判定", unit_id=people.unit_id("tech"),
        )  # fmt: skip
        together.claim(handler, NINE, case)
        tasks.give(handler, NINE, case, text="松果派工上门", unit_id=people.unit_id("business"), due=NINE + HOUR)
        tasks.finish(staff["business"], NINE, db.session.query(Task).one(), words="榛子办妥了")
        lines = handover.lines(case.unit_id, NINE, NINE + HOUR)
        shift_actions.give(handler, NINE, unit_id=case.unit_id, until=NINE + HOUR, lines=lines, facts={})
        assert "渝北老卡" in lines[0]["title"]
    with transaction():
        cases.contact(handler, NINE + DAYS, case, direction="out", means="phone", reached=True, words="已与客户通话")
        cases.write_result(
            handler, NINE + DAYS, case, text="更换光猫，测速正常", cause_category="equipment", cause="光猫老化"
        )
        cases.tell(handler, NINE + DAYS, case, means="phone", words="已告知处理结果")
        cases.confirm(agent, NINE + DAYS, case, verdict="satisfied", means="phone", words="可以上网了")
        satisfaction.rate(agent, NINE + DAYS, case, overall=4, means="phone")
        cases.close(agent, NINE + DAYS, case, outcome="confirmed")
    late = db.session.query(Clock).filter(Clock.kind == "result", Clock.outcome == "missed").one()
    with transaction():
        said = own_actions.object_to(handler, NINE + DAYS, late.id, "核桃异议：客户不在家")
        own_actions.answer(staff["quality"], NINE + DAYS, said.id, accepted=True, words="杏仁答复：情况属实")
    at(LATER)
    return case.no


def in_store() -> str:
    """Every column of every table as text; words of the index are looked for in the file's bytes."""
    found = sa.MetaData()
    found.reflect(db.session.connection())
    tables = [table for name, table in found.tables.items() if not name.startswith(("archive_20", "archive_orders"))]
    rows = (row for table in tables for row in db.session.execute(sa.select(table)))
    return "\n".join(str([one.decode("latin-1") if isinstance(one, bytes) else one for one in row]) for row in rows)


def dispose_all(staff):
    with transaction():
        batch = disposal_actions.propose(staff["security"], LATER, reason="保管期满").id
    with transaction():
        disposal_actions.approve(staff["management"], LATER, batch, words="同意")
    for _ in range(3):
        disposal.step(LATER)


def test_no_table_and_no_byte_keeps_what_was_said_of_a_disposed_case(told_everywhere, staff, app):
    before = in_store()
    assert [mark for mark in MARKS if mark not in before] == []
    dispose_all(staff)
    after = in_store()
    assert [mark for mark in MARKS if mark in after] == []
    assert told_everywhere in after  # its number stays, on the certificate and on the sheet
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    if url.startswith("sqlite"):
        folder = Path(url.removeprefix("sqlite:///")).parent
        left = b"".join(one.read_bytes() for one in folder.glob("portal.db*"))
        for mark in MARKS:
            assert mark.encode() not in left
            assert mark.encode("unicode_escape") not in left


def test_a_group_customer_keeps_its_file_and_the_documents_a_case_had_too(app, engine, at, staff):
    shared, alone = a_document("合同"), a_document("照片")
    with transaction() as session:
        group = make_group(staff["head"], name="渝州贸易有限公司", phone="13800138099")
        actions.file_document(staff["head"], NINE, group, shared, topic="topology", title="")
        case = closed_case(
            staff["agent"], staff["supervisor"], staff["handler"], contact="13800138099",
            customer_name="渝州贸易有限公司",
        )  # fmt: skip
        assert case.customer_id == group.customer_id
        for one in (shared, alone):
            session.add(
                Attachment(
                    case_id=case.id,
                    form="",
                    name=one.name,
                    kind=one.kind,
                    size=one.size,
                    sha256=one.sha256,
                    person_id=staff["agent"].id,
                    at=NINE,
                )
            )
        kept = case.customer_id
    at(LATER)
    dispose_all(staff)
    db.session.expire_all()
    assert db.session.query(Case).one().disposed != ""
    assert db.session.get_one(Customer, kept).name == "渝州贸易有限公司"
    assert (files.place(shared.sha256).exists(), files.place(alone.sha256).exists()) == (True, False)
