"""The index of the archive: the same tokens in SQLite's FTS5 or PostgreSQL's GIN, one table per quarter of archiving.

A record is known to it by its place in the quarter (`archive/rules.py: place_of`), so that the order of the index is
the order of archiving, whenever a record came in. A quarter's table is made on first use, inside the transaction that
files the first case of it; where the role that serves may not make tables, their owner makes it ahead of time
(`archive/ahead.py`).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from flask import current_app
from pyroaring import BitMap
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from portal.archive.arrays import literal, numbers
from portal.archive.models import ArchiveQuarter
from portal.kernel import clock, feed, tokens
from portal.kernel.db import db, read, write_many
from portal.kernel.errors import Busy
from portal.kernel.owner import apart, grant_table, owner

MANY = 500
NEVER = (1 << 31) - 1  # above every place
TOPIC = "archive quarters"
ORDERS = "orders"  # the table of ended orders, made by a migration, stands beside those of quarters
_quarters: dict[str, Any] = {}
COLUMNS = "place integer PRIMARY KEY, t integer[] NOT NULL"
INDEX = "USING gin (t) WITH (gin_pending_list_limit = 256)"
MAY_NOT = "42501"  # PostgreSQL's insufficient_privilege
LINE = text("SELECT pg_advisory_xact_lock(4712)")


@dataclass(frozen=True)
class Match:
    """What a row must have: every token of `all`, of each group in `any` at least one, and none of `none`.

    An index that is not certain leaves `none` to whoever looks at the rows: it might take the wrong ones away.
    """

    all: tuple[str, ...]
    any: tuple[tuple[str, ...], ...] = ()
    none: tuple[str, ...] = ()


class Store(Protocol):
    """An index that finds places by tokens."""

    certain: bool  # whether a found token is certainly the one looked for

    def make(self, quarter: str) -> None:
        """Makes the table of a quarter."""

    def finish(self, quarter: str) -> None:
        """Makes a filled table quick to search."""

    def spelled(self, tokens: Iterable[str]) -> str:
        """Tokens as the index takes them; asks nothing of the store, so another process may do it ahead."""

    def add(self, quarter: str, rows: Iterable[tuple[int, str]]) -> None:
        """Files places under their spelled tokens."""

    def remove(self, quarter: str, place: int, tokens: list[str]) -> None:
        """Takes a place out; it needs the very tokens it was filed with."""

    def drop(self, quarter: str) -> None:
        """Removes the table of a quarter with everything in it."""

    def search(self, quarter: str, match: Match, before: int, limit: int) -> list[int]:
        """The newest places below `before` that match."""

    def hits(self, quarter: str, match: Match) -> BitMap:
        """All places that match."""


def store() -> Store:
    """The index of the present store."""
    return POSTGRES if _connection().dialect.name == "postgresql" else SQLITE


def quarters() -> list[str]:
    """Quarters that have a table, newest first; read again when one was made, and every ten seconds."""
    store = current_app.config["SQLALCHEMY_DATABASE_URI"]
    key = (store, feed.feed.epoch, feed.version(TOPIC), int(clock.monotonic()) // 10)
    if _quarters.get("key") != key:
        _quarters["codes"] = [row[0] for row in read("SELECT code FROM archive_quarter ORDER BY code DESC", {})]
        _quarters["key"] = key
    found: list[str] = _quarters["codes"]
    return found


def open_quarter(quarter: str, *, finish: bool = True) -> bool:
    """Makes a quarter's table where there is none; says whether it was made and is still to be finished.

    Where tables have an owner of their own, the owner makes it. Raises Busy when nobody here may make it.
    """
    if db.session.get(ArchiveQuarter, quarter):
        return False
    if apart():
        _make_as_owner(quarter)
        feed.touch(TOPIC, 0)
        return False
    if _connection().dialect.name == "postgresql":  # two closings at once: the second waits and finds it made
        _connection().execute(LINE)
        if db.session.get(ArchiveQuarter, quarter, populate_existing=True):
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
    name = _table(quarter)
    with owner() as engine, engine.begin() as connection:
        connection.execute(LINE)
        if anew:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
        connection.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {name} ({COLUMNS})")
        connection.exec_driver_sql(f"CREATE INDEX IF NOT EXISTS {name}_t ON {name} {INDEX}")
        grant_table(connection, name)
        known = text("INSERT INTO archive_quarter(code, version) VALUES(:code, :version) ON CONFLICT DO NOTHING")
        connection.execute(known, {"code": quarter, "version": tokens.VERSION})


def _connection() -> Connection:
    return db.session.connection()


def _table(quarter: str) -> str:
    """The table's name, of a quarter or of orders; the program writes it, never a visitor, and it is checked anyway."""
    if quarter != ORDERS and (len(quarter) != 6 or quarter[4] != "q" or not (quarter[:4] + quarter[5]).isdigit()):
        raise ValueError(f"no quarter: {quarter!r}")
    return f"archive_{quarter}"


class Fts5:
    """Contentless FTS5: the tokens as words of one column, without their places in it; rowid is the record's place."""

    certain = True

    def make(self, quarter: str) -> None:
        """Makes the virtual table."""
        _connection().exec_driver_sql(
            f"CREATE VIRTUAL TABLE {_table(quarter)} USING"
            " fts5(t, content='', detail=none, columnsize=0, tokenize='ascii')"
        )

    def finish(self, quarter: str) -> None:
        """Nothing to do: the index is the table."""

    def spelled(self, tokens: Iterable[str]) -> str:
        """As a text of words."""
        return " ".join(tokens)

    def add(self, quarter: str, rows: Iterable[tuple[int, str]]) -> None:
        """Adds rows; a row that is there already would be joined, so places are filed once."""
        values = list(rows)
        if values:
            _connection().exec_driver_sql(f"INSERT INTO {_table(quarter)}(rowid, t) VALUES(?, ?)", values)

    def remove(self, quarter: str, place: int, tokens: list[str]) -> None:
        """FTS5's own delete command."""
        name = _table(quarter)
        _connection().exec_driver_sql(
            f"INSERT INTO {name}({name}, rowid, t) VALUES('delete', ?, ?)", (place, " ".join(tokens))
        )

    def drop(self, quarter: str) -> None:
        """Removes the virtual table."""
        _connection().exec_driver_sql(f"DROP TABLE IF EXISTS {_table(quarter)}")

    def search(self, quarter: str, match: Match, before: int, limit: int) -> list[int]:
        """Walks the index from its end."""
        name = _table(quarter)
        found = read(
            f"SELECT rowid FROM {name} WHERE {name} MATCH :m AND rowid < :before ORDER BY rowid DESC LIMIT :limit",
            {"m": self.spell(match), "before": before, "limit": limit},
        )
        return [row[0] for row in found]

    def hits(self, quarter: str, match: Match) -> BitMap:
        """Every rowid of the match."""
        name = _table(quarter)
        cursor = _connection().connection.cursor()  # plain tuples: there may be very many
        cursor.execute(f"SELECT rowid FROM {name} WHERE {name} MATCH ?", (self.spell(match),))
        return BitMap([row for (row,) in cursor.fetchall()])

    @staticmethod
    def spell(match: Match) -> str:
        """The match as an FTS5 query; every token is quoted, so nothing a visitor types is an operator."""
        parts = [_quoted(token) for token in match.all]
        parts += ["(" + " OR ".join(_quoted(t) for t in group) + ")" for group in match.any]
        wanted = " AND ".join(parts)
        return f"({wanted}) NOT ({' OR '.join(map(_quoted, match.none))})" if match.none else wanted


def _quoted(token: str) -> str:
    return '"' + token.replace('"', '""') + '"'


class Gin:
    """Arrays of token numbers (CRC-32) under a GIN index. Two tokens may share a number: rows are looked at again."""

    certain = False

    def make(self, quarter: str) -> None:
        """Makes the table without its index, so that it can be filled first."""
        _connection().exec_driver_sql(f"CREATE TABLE {_table(quarter)} ({COLUMNS})")

    def finish(self, quarter: str) -> None:
        """Builds the index."""
        name = _table(quarter)
        _connection().exec_driver_sql(f"CREATE INDEX {name}_t ON {name} {INDEX}")

    def spelled(self, tokens: Iterable[str]) -> str:
        """As an array of numbers."""
        return literal(numbers(tokens))

    def add(self, quarter: str, rows: Iterable[tuple[int, str]]) -> None:
        """Adds rows."""
        added = f"INSERT INTO {_table(quarter)}(place, t) VALUES(:i, :t)"
        write_many(added, [{"i": place, "t": text} for place, text in rows])

    def remove(self, quarter: str, place: int, tokens: list[str]) -> None:
        """Deletes the row."""
        _connection().execute(text(f"DELETE FROM {_table(quarter)} WHERE place = :i"), {"i": place})

    def drop(self, quarter: str) -> None:
        """Removes the table with its index."""
        _connection().exec_driver_sql(f"DROP TABLE IF EXISTS {_table(quarter)}")

    def search(self, quarter: str, match: Match, before: int, limit: int) -> list[int]:
        """The match first, fenced off from the order: otherwise a rare word walks the whole table."""
        return self._read(
            f"WITH h AS MATERIALIZED (SELECT place FROM {_table(quarter)} WHERE {_condition(match)})"
            f" SELECT place FROM h WHERE place < {int(before)} ORDER BY place DESC LIMIT {int(limit)}"
        )

    def hits(self, quarter: str, match: Match) -> BitMap:
        """Every place of the match."""
        return BitMap(self._read(f"SELECT place FROM {_table(quarter)} WHERE {_condition(match)}"))

    @staticmethod
    def _read(sql: str) -> list[int]:
        """Reads with sequential scans off: for a common word the planner would unpack every array instead.

        The setting goes along with the query, in one journey to the server; nothing in it but numbers of our own.
        """
        driver: Any = db.engine.dialect.loaded_dbapi
        cursor = _connection().connection.cursor()
        try:
            cursor.execute(f"SET LOCAL enable_seqscan = off; {sql}; SET LOCAL enable_seqscan = on")
            cursor.nextset()
            return [row[0] for row in cursor.fetchall()]
        except driver.Error as error:  # in SQLAlchemy's clothes, like all others
            raise DBAPIError.instance(sql, {}, error, driver.Error, dialect=db.engine.dialect) from error
        finally:
            cursor.close()


def _condition(match: Match) -> str:
    """The match over arrays of numbers."""
    parts = [f"t @> '{literal(numbers(match.all))}'"] if match.all else []
    parts += [f"t && '{literal(numbers(group))}'" for group in match.any]
    return " AND ".join(parts)


SQLITE: Store = Fts5()
POSTGRES: Store = Gin()
