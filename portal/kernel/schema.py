"""Bringing the store to the schema of this program, and refusing to serve on any other."""

import logging

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import upgrade

from portal.kernel.config import ROOT
from portal.kernel.db import transaction, writing
from portal.kernel.owner import apart, grant, owner

FOLDER = str(ROOT / "portal" / "migrations")


class WrongSchema(RuntimeError):
    """The store's schema is not the one this program was made for."""


def wanted() -> str | None:
    """The newest migration this program knows."""
    return ScriptDirectory(FOLDER).get_current_head()


def found() -> str | None:
    """The migration the store stands at; None for an empty store."""
    with owner() as engine, engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def bring_up() -> None:
    """Migrates the store to the newest schema; where an owner does that, the role that serves gets its rights."""
    if found() != wanted():
        logging.getLogger("alembic").setLevel(logging.WARNING)
        upgrade(directory=FOLDER)
    if apart():
        with writing(), owner() as engine, engine.begin() as connection:
            grant(connection)


def check() -> None:
    """Raises WrongSchema unless the store stands exactly at this program's schema."""
    here, ours = found(), wanted()
    if here != ours:
        raise WrongSchema(f"the store is at schema {here or 'nothing'}, this program needs {ours}")


def guards() -> list[str]:
    """The names of the triggers that keep the journal append-only, as the store has them."""
    with transaction() as session:
        if session.connection().dialect.name == "sqlite":
            rows = session.connection().exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            rows = session.connection().exec_driver_sql("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        return sorted(row[0] for row in rows)
