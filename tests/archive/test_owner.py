"""A role that serves without making tables and without altering history; their owner makes quarters ahead of time."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from portal.archive import ahead
from portal.archive.models import Archived
from portal.archive.stores import quarters
from portal.jobs import doctor, prepare
from portal.jobs.loop import Worker
from portal.journal import stream
from portal.kernel import schema
from portal.kernel.db import db, transaction
from portal.kernel.errors import Busy
from tests import conftest, stores
from tests.builders import NINE, closed_case
from tests.services import administer, empty_database

pytestmark = pytest.mark.postgres
IN_SPRING = NINE + timedelta(days=120)


@pytest.fixture(scope="module")
def addresses(postgres_server: str) -> Iterator[tuple[str, str]]:
    """(the address of the role that serves, the owner's) of one database."""
    plain = postgres_server.replace("+psycopg", "", 1)
    for role in ("keeper", "serving"):
        administer(plain, f"CREATE ROLE {role} LOGIN")
    with empty_database(postgres_server) as url:
        administer(plain, f"ALTER DATABASE {url.rsplit('/', 1)[1]} OWNER TO keeper")
        yield url.replace("//postgres@", "//serving@"), url.replace("//postgres@", "//keeper@")
    for role in ("keeper", "serving"):
        administer(plain, f"DROP ROLE {role}")


@pytest.fixture
def open_portal(addresses, tmp_path: Path, at):
    """Opens the portal on that database, with or without knowing the owner; one after the other."""
    made = []

    def opened(*, owner: bool):
        app = stores.build(tmp_path, addresses[0], owner_url=addresses[1] if owner else "")
        context = app.app_context()
        context.push()
        made.append((app, context))
        return app

    yield opened
    for app, context in reversed(made):
        context.pop()
        stores.close(app)


def tried(statement: str) -> str:
    """What the store says to a statement of the role that serves."""
    with pytest.raises(ProgrammingError) as refused, transaction() as session:
        session.connection().execute(text(statement))
    return str(refused.value.orig)


def close_one(staff, now) -> None:
    with transaction():
        closed_case(staff["agent"], staff["supervisor"], staff["handler"], now=now)


def test_the_owner_migrates_and_the_other_role_serves_the_whole_path(open_portal, at):
    open_portal(owner=True)
    prepare.make_ready()
    assert quarters() == ["2027q1", "2026q4"]
    with transaction():
        conftest.make_staff()
    open_portal(owner=False)
    schema.check()
    staff = conftest.find_staff()
    close_one(staff, NINE)
    assert db.session.query(Archived).count() == 1
    assert Worker().tick(NINE) >= 0
    assert stream.faults(["config:people"]) == []
    assert "must be owner" in tried("DROP TABLE archive_quarter")
    for statement in (
        "CREATE TABLE more(id int)",
        "UPDATE journal SET kind = 'Other'",
        "DELETE FROM journal",
        "TRUNCATE journal CASCADE",
        "DELETE FROM archive_access",
        "DELETE FROM journal_seal",
        "UPDATE journal_seal SET count = 1",
        "UPDATE alembic_version SET version_num = '0'",
    ):
        assert "permission denied" in tried(statement), statement


def test_a_quarter_without_its_table_is_refused_clearly_until_the_owner_has_made_it(open_portal, at):
    at(IN_SPRING, days=40)
    now = IN_SPRING + timedelta(days=40)
    open_portal(owner=False)
    assert ahead.open_ahead(now) == []
    assert ahead.stranded(now) == ["2027q2", "2027q3"]
    assert ("archive", "fault") in {(found.name, found.state) for found in doctor.examine(now)}
    staff = conftest.find_staff()
    before = db.session.query(Archived).count()
    with pytest.raises(Busy, match="quarter_missing"):
        close_one(staff, now)
    assert db.session.query(Archived).count() == before
    open_portal(owner=True)
    Worker().tick(now)
    assert quarters() == ["2027q3", "2027q2", "2027q1", "2026q4"]
    open_portal(owner=False)
    close_one(staff, now)
    assert db.session.query(Archived).count() == before + 1
    assert ahead.stranded(now) == []


def test_a_process_that_knows_the_owner_makes_any_quarter_when_it_is_needed(open_portal, at):
    late = NINE + timedelta(days=800)
    at(NINE, days=800)
    open_portal(owner=True)
    close_one(conftest.find_staff(), late)
    assert quarters()[0] == "2029q1"
