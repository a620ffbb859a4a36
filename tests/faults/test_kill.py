"""F-01, F-03, F-06: a writer is killed, the disk is full, the schema is another one: nothing acknowledged is lost."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from portal.cases.models import Case
from portal.clocks.models import Clock
from portal.identity.queries import actor_by_login
from portal.jobs import prepare
from portal.jobs.verify import missing_guards, tampered
from portal.journal.models import Entry, Stream
from portal.kernel import schema
from portal.kernel.db import db, transaction
from portal.kernel.errors import Busy
from tests.builders import make_case
from tests.conftest import NINE

pytestmark = pytest.mark.fault
ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys
from portal.factory import create_app
from portal.identity.queries import actor_by_login
from portal.kernel.db import transaction
from tests.builders import NINE, make_case
with create_app().app_context():
    agent = actor_by_login("agent")
    while True:
        with transaction():
            case = make_case(agent, NINE)
        print(case.id, flush=True)
"""


def write_until_killed(folder: Path, after: int, pause: float) -> list[int]:
    """Ids a writer process acknowledged before it was killed, a moment after the given number of them."""
    environment = os.environ | {"PORTAL_DATA": str(folder), "PYTHONPATH": str(ROOT), "DATABASE_URL": ""}
    writer = subprocess.Popen([sys.executable, "-c", WRITER], env=environment, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    said = [int(writer.stdout.readline()) for _ in range(after)]
    time.sleep(pause)
    os.kill(writer.pid, signal.SIGKILL)
    said += [int(line) for line in writer.stdout if line.endswith("\n")]
    writer.wait()
    writer.stdout.close()
    return said


def test_a_killed_writer_loses_nothing_it_acknowledged_and_leaves_nothing_half(app, staff, tmp_path):
    chance, promised = random.Random(1), set()
    for _ in range(15):
        promised.update(write_until_killed(tmp_path, chance.randrange(1, 4), chance.random() / 50))
        db.session.rollback()
        kept = set(db.session.scalars(select(Case.id)))
        assert promised <= kept
        logged = set(db.session.scalars(select(Entry.stream).where(Entry.kind == "Logged")))
        assert logged == {f"case:{one}" for one in kept}
        assert set(db.session.scalars(select(Clock.case_id))) == kept
    assert len(promised) >= 15
    assert list(tampered()) == []
    assert missing_guards() == []
    with transaction():
        assert make_case(actor_by_login("agent"), NINE).id


def test_a_full_disk_refuses_writes_and_reads_go_on_and_space_cures_it(app, at, staff):
    agent = staff["agent"]
    with transaction():
        make_case(agent, NINE)
    with db.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    written = 1
    with pytest.raises(Busy):  # noqa: PT012 - how many still fit is not known beforehand
        while written < 500:
            with transaction() as session:
                if written == 1:
                    session.connection().exec_driver_sql(f"PRAGMA max_page_count = {pages}")
                make_case(agent, NINE, description="移机后光猫 LOS 灯常亮红色，不能上网" * 40)
            written += 1
    assert db.session.scalar(select(func.count()).select_from(Case)) == written
    assert db.session.scalar(select(func.count()).where(Stream.stream.like("case:%"))) == written
    assert list(tampered()) == []
    with transaction() as session:
        session.connection().exec_driver_sql("PRAGMA max_page_count = 1000000")
        make_case(agent, NINE)
    assert db.session.scalar(select(func.count()).select_from(Case)) == written + 1


@pytest.mark.parametrize("revision", ["0000", "9999"])
def test_a_store_of_another_schema_is_not_served(app, engine, revision):
    with transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": revision})
    with pytest.raises(schema.WrongSchema, match=revision):
        schema.check()
    with pytest.raises(schema.WrongSchema, match="does not know"):
        prepare.make_ready()


def test_altered_rows_are_named(app, at, staff):
    with transaction():
        case = make_case(staff["agent"], NINE)
    with transaction() as session:
        session.execute(text("UPDATE journal_body SET facts = '{}'"))
        session.execute(text("DROP TRIGGER journal_no_update"))
    found = {(stream, number) for stream, number, _ in tampered()}
    assert (case.stream, 1) in found
    assert missing_guards() == ["journal_no_update"]
