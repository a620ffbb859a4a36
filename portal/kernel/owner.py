"""Who may change the schema: the store's own connection, or on PostgreSQL the owner that DATABASE_OWNER_URL names."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app
from sqlalchemy import Connection, Engine, NullPool, create_engine

from portal.kernel.db import db, tune

READ_ONLY = ("alembic_version",)  # what the role that serves may look at
ADD_ONLY = ("journal", "archive_access", "journal_seal")  # and what it may only add to


def apart() -> bool:
    """Whether this process knows an owner other than the role that serves."""
    return bool(current_app.config["PORTAL"].owner_url) and db.engine.dialect.name == "postgresql"


@contextmanager
def owner() -> Iterator[Engine]:
    """The engine for migrations and new tables; the owner's connections end with the block."""
    if not apart():
        yield db.engine
        return
    engine = create_engine(current_app.config["PORTAL"].owner_url, poolclass=NullPool)
    tune(engine)
    try:
        yield engine
    finally:
        engine.dispose()


def grant(connection: Connection) -> None:
    """Lets the role that serves work with every table there is, and neither alter history nor the schema."""
    if not _another(connection):
        return
    role, schema = _quoted(db.engine.url.username or ""), connection.exec_driver_sql("SELECT current_schema()").scalar()
    place = _quoted(str(schema))
    for statement in (
        f"GRANT USAGE ON SCHEMA {place} TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {place} TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {place} TO {role}",
        *(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}" for table in ADD_ONLY),
        *(f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {table} FROM {role}" for table in READ_ONLY),
    ):
        connection.exec_driver_sql(statement)


def grant_table(connection: Connection, table: str) -> None:
    """Lets the role that serves work with one new table."""
    if _another(connection):
        role = _quoted(db.engine.url.username or "")
        connection.exec_driver_sql(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role}")


def _another(connection: Connection) -> bool:
    """Whether the role that serves is not the one of this connection; nobody takes their own rights away."""
    return connection.exec_driver_sql("SELECT current_user").scalar() != db.engine.url.username


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""').replace("%", "%%") + '"'
