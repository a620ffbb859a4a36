"""The index of the archive: which engine holds it (`archive/indexes.py`), and its tables, one per quarter of archiving.

A record is known to it by its place in the quarter (`archive/rules.py: place_of`), so that the order of the index is
the order of archiving, whenever a record came in. A quarter's table is made on first use, inside the transaction that
files the first case of it; where the role that serves may not make tables, their owner makes it ahead of time
(`archive/ahead.py`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from portal.archive.indexes import INDEX, Fts5, Gin, Store, connection, make_table, table_of
from portal.archive.models import ArchiveQuarter
from portal.kernel import clock, feed, tokens
from portal.kernel.db import db, read
from portal.kernel.errors import Busy
from portal.kernel.owner import apart, grant_table, owner

MANY = 500
NEVER = (1 << 31) - 1  # above every place
TOPIC = "archive quarters"
KNOWN = "SELECT 1 FROM archive_quarter WHERE code = :code"
_quarters: dict[str, Any] = {}
MAY_NOT = "42501"  # PostgreSQL's insufficient_privilege
LINE = text("SELECT pg_advisory_xact_lock(4712)")


def store() -> Store:
    """The index of the present store."""
    return POSTGRES if db.engine.dialect.name == "postgresql" else SQLITE


def key() -> tuple[object, str]:
    """By what a process keeps what it has read of this store: another one, or the same put back, has another."""
    return feed.feed.epoch, str(db.engine.url)


def quarters() -> list[str]:
    """Quarters that have a table, newest first; read again when one was made, and every ten seconds."""
    store = current_app.config["SQLALCHEMY_DATABASE_URI"]
    stamp = (store, feed.feed.epoch, feed.version(TOPIC), int(clock.monotonic()) // 10)
    if _quarters.get("stamp") != stamp:
        _quarters["codes"] = [row[0] for row in read("SELECT code FROM archive_quarter ORDER BY code DESC", {})]
        _quarters["stamp"] = stamp
    found: list[str] = _quarters["codes"]
    return found


def open_quarter(quarter: str, *, finish: bool = True) -> bool:
    """Makes a quarter's table where there is none; says whether it was made and is still to be finished.

    Where tables have an owner of their own, the owner makes it. Raises Busy when nobody here may make it.
    """
    if read(KNOWN, {"code": quarter}):
        return False
    if apart():
        _make_as_owner(quarter)
        feed.touch(TOPIC, 0)
        return False
    if db.engine.dialect.name == "postgresql":  # two closings at once: the second waits and finds it made
        connection().execute(LINE)
        if read(KNOWN, {"code": quarter}):
            return False
    with _allowed(quarter):
        store().make(quarter)
    if finish:
        store().finish(quarter)
    db.session.add(ArchiveQuarter(code=quarter, version=tokens.VERSION))
    db.session.flush()
    feed.touch(TOPIC, 0)
    return True


@contextmanager
def _allowed(quarter: str) -> Iterator[None]:
    """Raises Busy where the role that serves may not do this to a table."""
    try:
        yield
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", "") != MAY_NOT:
            raise
        raise Busy("quarter_missing", quarter=quarter.upper()) from error


def remake_quarter(quarter: str) -> None:
    """Empties the index of a quarter: its table is made anew, to be filled with tokens of the present version."""
    if apart():
        _make_as_owner(quarter, anew=True)
    else:
        with _allowed(quarter):
            store().drop(quarter)
            store().make(quarter)


def _make_as_owner(quarter: str, *, anew: bool = False) -> None:
    """The owner's own transaction; what it has made stays, whatever becomes of the filing that asked for it."""
    name = table_of(quarter)
    with owner() as engine, engine.begin() as there:
        there.execute(LINE)
        if anew:
            there.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
        make_table(there, name)
        there.exec_driver_sql(f"CREATE INDEX IF NOT EXISTS {name}_t ON {name} {INDEX}")
        grant_table(there, name)
        known = text("INSERT INTO archive_quarter(code, version) VALUES(:code, :version) ON CONFLICT DO NOTHING")
        there.execute(known, {"code": quarter, "version": tokens.VERSION})


SQLITE: Store = Fts5()
POSTGRES: Store = Gin()
