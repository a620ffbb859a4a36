"""AR4, SE1: the access log is append-only and under the seals; a look that was edited, removed or put in is found."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.archive import access, access_seals
from portal.jobs.sealing import Sealing
from portal.jobs.verify import whole
from portal.journal import anchors, seals
from portal.journal.proof import Fault, Verification
from portal.kernel.db import db, transaction
from tests.builders import NINE


def faults() -> list[Fault]:
    run = Verification(int(NINE.timestamp()) + 400, 0, anchors.place())
    for _ in whole(run):
        pass
    return run.faults


@contextmanager
def unguarded():
    with transaction() as session:
        run = session.connection().exec_driver_sql
        if db.engine.dialect.name == "sqlite":
            found = run("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'archive_access'")
            kept = found.all()
            for name, _ in kept:
                run(f"DROP TRIGGER {name}")
            yield session
            for _, sql in kept:
                run(sql)
            return
        run("ALTER TABLE archive_access DISABLE TRIGGER USER")
        yield session
        run("ALTER TABLE archive_access ENABLE TRIGGER USER")
        run("ALTER TABLE archive_access ENABLE ALWAYS TRIGGER archive_access_no_change")


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE archive_access SET no = 'CS2611-0009' WHERE id = 2",
        "DELETE FROM archive_access WHERE id = 2",
        "DELETE FROM archive_access",
    ],
)
def test_an_altered_look_is_found(app, engine, at, staff, attack):
    sealing = Sealing()
    for part in range(2):
        for number in range(3):
            access.note(staff["auditor"], NINE, "open", no=f"CS2611-000{number}")
        sealing.step(NINE + timedelta(minutes=5 * part))
    assert access_seals.sealed() == access_seals.latest() == 6
    sealing.step(NINE + timedelta(minutes=10))
    sealing.step(NINE + timedelta(minutes=15))
    assert seals.newest().last_id == seals.latest()
    assert faults() == []
    with unguarded() as session:
        session.connection().execute(text(attack))
    assert Fault("looks", "access", 1, 0) in faults()
