"""Both stores hold what the models say, refuse to have history altered, and are refused when they are not ours."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.journal import stream
from portal.kernel import schema
from portal.kernel.db import db, transaction, writing
from portal.kernel.errors import Stale
from tests.builders import NINE

ATTACKS = {
    "UPDATE journal SET kind = 'Other'": "both",
    "UPDATE journal SET n = n": "both",
    "DELETE FROM journal": "both",
    "DELETE FROM journal WHERE n = 1": "both",
    "INSERT OR REPLACE INTO journal SELECT * FROM journal WHERE n = 1": "sqlite",
    "REPLACE INTO journal(id, stream, n, at, by_id, kind, commitment, prev, hash)"
    " SELECT 999, stream, n, at, by_id, 'Other', commitment, prev, hash FROM journal WHERE n = 1": "sqlite",
    "TRUNCATE journal CASCADE": "postgresql",
    "SET LOCAL session_replication_role = 'replica'; DELETE FROM journal": "postgresql",
}


def ours(change: tuple[object, ...]) -> bool:
    """Whether a difference is more than a table that a room makes at run time (the archive's quarters)."""
    name = str(getattr(change[1], "name", ""))
    return not (
        change[0] in ("remove_table", "remove_index") and name.startswith(("archive_text_", "archive_fts_", "arch"))
    )


def test_the_migrated_store_is_what_the_models_say(app, engine):
    with writing(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [d for d in compare_metadata(context, db.metadata) if not isinstance(d, tuple) or ours(d)]
    assert differences == []


def test_history_cannot_be_altered(app, engine):
    with transaction():
        for kind in ("First", "Second"):
            stream.append("test:1", kind, {"said": "一"}, by_id=1, at=NINE)
    dialect = db.engine.dialect.name
    for attack, where in ATTACKS.items():
        if where in ("both", dialect):
            with pytest.raises((DBAPIError, Stale), match=r"append only|changed_meanwhile"), transaction() as session:
                session.connection().execute(text(attack))
    assert [line.kind for line in stream.read("test:1")] == ["First", "Second"]
    assert stream.faults(["test:1"]) == []


def test_the_guards_stand(app, engine):
    found = schema.guards()
    assert {"journal_no_truncate"} <= set(found) or {"journal_no_update", "journal_no_delete"} <= set(found)


def test_reading_sessions_cannot_write(app, engine):
    with pytest.raises(DBAPIError):
        db.session.execute(text("INSERT INTO counter(series, last) VALUES('x', 1)"))
    db.session.rollback()
    with pytest.raises(DBAPIError):
        db.session.execute(text("DELETE FROM journal_stream"))
    db.session.rollback()


def test_a_schema_not_its_own_is_refused(app, engine):
    schema.check()
    with transaction() as session:
        session.connection().execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(schema.WrongSchema, match="9999"):
        schema.check()


def test_an_empty_store_is_refused(app):
    with transaction() as session:
        session.connection().execute(text("DROP TABLE alembic_version"))
    with pytest.raises(schema.WrongSchema, match="nothing"):
        schema.check()


def test_the_store_keeps_what_it_has_acknowledged(app):
    with db.engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}


def test_an_altered_entry_is_found_in_spite_of_everything(app):
    """With the guards taken away by force, the chain still tells."""
    with transaction() as session:
        for n in range(3):
            stream.append("test:1", f"Kind{n}", {"n": n}, by_id=1, at=NINE)
        session.connection().execute(text("DROP TRIGGER journal_no_update"))
        session.connection().execute(text("UPDATE journal SET by_id = 2 WHERE n = 2"))
    assert ("test:1", 2, "chain") in stream.faults(["test:1"])
