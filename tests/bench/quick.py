"""A way into the store for filling it: no waiting for the disk, references not looked up, indexes at the end.

Only for stores that a measurement has to itself and throws away: a machine that stops meanwhile leaves them broken.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from portal.kernel.db import db
from portal.kernel.feed import feed
from tests.services import administer

CACHE = 256_000  # kilobytes
SQLITE = ("synchronous=OFF", "journal_mode=OFF", "temp_store=MEMORY", f"cache_size=-{CACHE}")
POSTGRES = ("session_replication_role = replica", "synchronous_commit = off", f"maintenance_work_mem = '{CACHE}kB'")
INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = '{}' AND sql IS NOT NULL",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = '{}'"
    " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
}


def dialect() -> str:
    """`sqlite` or `postgresql`."""
    return str(db.engine.dialect.name)


@contextmanager
def straight() -> Iterator[Any]:
    """The driver's own connection; what was written is there for all when it ends. Nothing else may use the store."""
    feed.stop()  # it begins again with the next reading
    db.session.rollback()
    db.engine.dispose()
    if dialect() == "sqlite":
        raw: Any = sqlite3.connect(str(db.engine.url.database), isolation_level=None)
        for pragma in SQLITE:
            with suppress(sqlite3.OperationalError):  # the journal stays where somebody else has the file open
                raw.execute(f"PRAGMA {pragma}")
    else:
        address = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        raw = psycopg.connect(address, autocommit=True)
        for setting in POSTGRES:
            raw.execute(f"SET {setting}")
    try:
        raw.execute("BEGIN")
        yield raw
        raw.execute("COMMIT")
        if dialect() == "sqlite":
            raw.execute("PRAGMA journal_mode=WAL")
    finally:
        raw.close()


@contextmanager
def unindexed(raw: Any, tables: Sequence[str]) -> Iterator[None]:
    """Takes the indexes of tables away and makes them again when the rows are there; constraints stay."""
    found = [row for table in tables for row in raw.execute(INDEXES[dialect()].format(table)).fetchall()]
    for name, _made in found:
        raw.execute(f"DROP INDEX {name}")
    yield
    for _name, made in found:
        raw.execute(made)


def put(raw: Any, table: str, rows: Iterator[tuple[Any, ...]], width: int) -> None:
    """Rows from here into a table, in the order of its columns."""
    if dialect() == "sqlite":
        raw.executemany(f"INSERT INTO {table} VALUES({', '.join('?' * width)})", rows)
        return
    with raw.cursor().copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def gathered() -> None:
    """Statistics for the planner where a server in use gathers them; SQLite has none in use, and gets none."""
    if dialect() == "postgresql":
        administer(db.engine.url.render_as_string(hide_password=False).replace("+psycopg", "", 1), "VACUUM ANALYZE")
