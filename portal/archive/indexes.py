"""The two engines of the archive's index, each a table a quarter: FTS5 in SQLite, GIN over arrays in PostgreSQL."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pyroaring import BitMap
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from portal.archive.arrays import literal, numbers
from portal.kernel.db import db, read, write_many

ORDERS = "orders"  # the table of ended orders, made by a migration, stands beside those of quarters
# the arrays lie beside the table, as they are: whoever walks the hits of a common word reads a page a hundred places
COLUMNS = "(place integer PRIMARY KEY, t integer[] NOT NULL) WITH (toast_tuple_target = 128)"
INDEX = "USING gin (t)"
GATHERED = 16_384  # kilobytes of tokens that are sorted in at once while many records come: about a thousand records
ROOM = f"SET LOCAL work_mem = {4 * GATHERED}"  # what sorting that takes in one go
JOINED = 8  # segments of one size that FTS5 joins to a larger one: with its usual 4 each record is written more often
LOOKED_AT, MOST_LOOKED_AT = 100, 2_000  # rows whose arrays are looked at before the index is asked: 11 us each
NOWHERE = -1  # no record has this place
SEGMENTS = 10  # the row of FTS5's data that lists its segments (FTS5_STRUCTURE_ROWID)


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
    least: int  # fewer places than these cost as much

    def make(self, quarter: str) -> None:
        """Makes the table of a quarter."""

    def finish(self, quarter: str) -> None:
        """Makes a filled table quick to search."""

    def spelled(self, tokens: Iterable[str]) -> str:
        """Tokens as the index takes them; asks nothing of the store, so another process may do it ahead."""

    def add(self, quarter: str, rows: Iterable[tuple[int, str]]) -> None:
        """Files places under their spelled tokens."""

    def gather(self) -> None:
        """Many records follow in this transaction: their tokens are sorted in together. `settle` has to follow."""

    def settle(self, quarter: str) -> None:
        """Sorts in what has gathered, so that nobody who files one record waits for it; alone in a transaction."""

    def remove(self, quarter: str, place: int, tokens: list[str]) -> None:
        """Takes a place out; it needs the very tokens it was filed with."""

    def drop(self, quarter: str) -> None:
        """Removes the table of a quarter with everything in it."""

    def search(self, quarter: str, match: Match, before: int, limit: int) -> list[int]:
        """The newest places below `before` that match."""

    def newest(self, quarter: str, match: Match, before: int, limit: int) -> list[int] | None:
        """The same where looking at the newest rows finds so many soon; None where the index is to be asked."""

    def hits(self, quarters: Sequence[str], match: Match) -> list[BitMap]:
        """All places of each quarter that match."""

    def signs(self, quarters: Sequence[str]) -> dict[str, bytes]:
        """By quarter what differs after each change of its index; empty where the engine has no such thing."""


def connection() -> Connection:
    """The session's connection, for what is made or taken away."""
    return db.session.connection()


def table_of(quarter: str) -> str:
    """The table's name, of a quarter or of orders; the program writes it, never a visitor, and it is checked anyway."""
    if quarter != ORDERS and (len(quarter) != 6 or quarter[4] != "q" or not (quarter[:4] + quarter[5]).isdigit()):
        raise ValueError(f"no quarter: {quarter!r}")
    return f"archive_{quarter}"


def make_table(there: Connection, name: str) -> None:
    """A table of PostgreSQL for the arrays of a quarter, without its index."""
    there.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {name} {COLUMNS}")
    there.exec_driver_sql(f"ALTER TABLE {name} ALTER t SET STORAGE EXTERNAL")


class Fts5:
    """Contentless FTS5: the tokens as words of one column, without their places in it; rowid is the record's place."""

    certain, least = True, 1

    def make(self, quarter: str) -> None:
        """Makes the virtual table."""
        name, there = table_of(quarter), connection()
        there.exec_driver_sql(
            f"CREATE VIRTUAL TABLE {name} USING fts5(t, content='', detail=none, columnsize=0, tokenize='ascii')"
        )
        there.exec_driver_sql(f"INSERT INTO {name}({name}, rank) VALUES('automerge', {JOINED})")

    def finish(self, quarter: str) -> None:
        """Nothing to do: the index is the table."""

    def spelled(self, tokens: Iterable[str]) -> str:
        """As a text of words."""
        return " ".join(tokens)

    def add(self, quarter: str, rows: Iterable[tuple[int, str]]) -> None:
        """Adds rows; a row that is there already would be joined, so places are filed once."""
        added = f"INSERT INTO {table_of(quarter)}(rowid, t) VALUES(:i, :t)"
        write_many(added, [{"i": place, "t": text} for place, text in rows])

    def gather(self) -> None:
        """Nothing to do: each transaction writes what it brings."""

    def settle(self, quarter: str) -> None:
        """Nothing to do."""

    def remove(self, quarter: str, place: int, tokens: list[str]) -> None:
        """FTS5's own delete command."""
        name = table_of(quarter)
        connection().exec_driver_sql(
            f"INSERT INTO {name}({name}, rowid, t) VALUES('delete', ?, ?)", (place, " ".join(tokens))
        )

    def drop(self, quarter: str) -> None:
        """Removes the virtual table."""
        connection().exec_driver_sql(f"DROP TABLE IF EXISTS {table_of(quarter)}")

    def search(self, quarter: str, match: Match, before: int, limit: int) -> list[int]:
        """Walks the index from its end."""
        name = table_of(quarter)
        found = read(
            f"SELECT rowid FROM {name} WHERE {name} MATCH :m AND rowid < :before ORDER BY rowid DESC LIMIT :limit",
            {"m": self.spell(match), "before": before, "limit": limit},
        )
        return [row[0] for row in found]

    def newest(self, quarter: str, match: Match, before: int, limit: int) -> list[int] | None:
        """None: the index itself is walked from its end."""
        return None

    def hits(self, quarters: Sequence[str], match: Match) -> list[BitMap]:
        """Every rowid of the match, as one text: that is half of what as many rows cost."""
        wanted, all_of = {"m": self.spell(match)}, "SELECT json_group_array(rowid) FROM {name} WHERE {name} MATCH :m"
        found = (read(all_of.format(name=table_of(quarter)), wanted) for quarter in quarters)
        return [BitMap(json.loads(rows[0][0])) for rows in found]

    def signs(self, quarters: Sequence[str]) -> dict[str, bytes]:
        """FTS5's own list of its segments, which each transaction that files or takes out writes anew."""
        one = "SELECT '{}', block FROM {}_data WHERE id = {}"
        each = (one.format(quarter, table_of(quarter), SEGMENTS) for quarter in quarters)
        return dict(read(" UNION ALL ".join(each), {})) if quarters else {}

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

    certain, least = False, 500

    def make(self, quarter: str) -> None:
        """Makes the table without its index, so that it can be filled first."""
        make_table(connection(), table_of(quarter))

    def finish(self, quarter: str) -> None:
        """Builds the index."""
        name = table_of(quarter)
        connection().exec_driver_sql(f"CREATE INDEX {name}_t ON {name} {INDEX}")

    def spelled(self, tokens: Iterable[str]) -> str:
        """As an array of numbers."""
        return literal(numbers(tokens))

    def add(self, quarter: str, rows: Iterable[tuple[int, str]]) -> None:
        """Adds rows."""
        added = f"INSERT INTO {table_of(quarter)}(place, t) VALUES(:i, :t)"
        write_many(added, [{"i": place, "t": text} for place, text in rows])

    def gather(self) -> None:
        """Lets the list of what is not sorted in yet grow; searches read it through."""
        connection().exec_driver_sql(f"SET LOCAL gin_pending_list_limit = {GATHERED}; {ROOM}")

    def settle(self, quarter: str) -> None:
        """Whoever adds a row while that list is longer than usual sorts it in: a row that goes again.

        The function for it may be called by the table's owner alone.
        """
        connection().exec_driver_sql(ROOM)
        self.add(quarter, [(NOWHERE, "{}")])
        self.remove(quarter, NOWHERE, [])

    def remove(self, quarter: str, place: int, tokens: list[str]) -> None:
        """Deletes the row."""
        connection().execute(text(f"DELETE FROM {table_of(quarter)} WHERE place = :i"), {"i": place})

    def drop(self, quarter: str) -> None:
        """Removes the table with its index."""
        connection().exec_driver_sql(f"DROP TABLE IF EXISTS {table_of(quarter)}")

    def search(self, quarter: str, match: Match, before: int, limit: int) -> list[int]:
        """The match first, fenced off from the order: otherwise a rare word walks the whole table."""
        (found,) = self._read(
            f"WITH h AS MATERIALIZED (SELECT place FROM {table_of(quarter)} WHERE {_condition(match)})"
            f" SELECT place FROM h WHERE place < {int(before)} ORDER BY place DESC LIMIT {int(limit)}"
        )
        return found

    def newest(self, quarter: str, match: Match, before: int, limit: int) -> list[int] | None:
        """Looks at the arrays of a few rows; where these promise enough, at as many as it takes."""
        rows, wanted = LOOKED_AT, _condition(match)
        for _ in range(2):
            newest = f"SELECT place, t FROM {table_of(quarter)} WHERE place < {int(before)} ORDER BY place DESC"
            (found,) = self._read(
                f"SELECT place FROM ({newest} LIMIT {rows}) n WHERE {wanted} ORDER BY place DESC LIMIT {int(limit)}"
            )
            if len(found) >= limit:
                return found
            rows = int(1.5 * rows * limit / max(1, len(found)))
            if rows > MOST_LOOKED_AT:
                break
        return None

    def hits(self, quarters: Sequence[str], match: Match) -> list[BitMap]:
        """Every place of the match."""
        wanted = _condition(match)
        return [
            BitMap(found)
            for found in self._read(*(f"SELECT place FROM {table_of(quarter)} WHERE {wanted}" for quarter in quarters))
        ]

    def signs(self, quarters: Sequence[str]) -> dict[str, bytes]:
        """None: a table has nothing of the kind."""
        return {}

    @staticmethod
    def _read(*queries: str) -> list[list[int]]:
        """Reads with sequential scans off: for a common word the planner would unpack every array instead.

        The setting goes along with the queries, in one journey to the server; nothing in it but numbers of our own.
        """
        driver: Any = db.engine.dialect.loaded_dbapi
        cursor = connection().connection.cursor()
        try:
            cursor.execute("; ".join(("SET LOCAL enable_seqscan = off", *queries, "SET LOCAL enable_seqscan = on")))
            return [[row[0] for row in cursor.fetchall()] for _ in queries if cursor.nextset()]
        except driver.Error as error:  # in SQLAlchemy's clothes, like all others
            raise DBAPIError.instance(queries[0], {}, error, driver.Error, dialect=db.engine.dialect) from error
        finally:
            cursor.close()


def _condition(match: Match) -> str:
    """The match over arrays of numbers."""
    parts = [f"t @> '{literal(numbers(match.all))}'"] if match.all else []
    parts += [f"t && '{literal(numbers(group))}'" for group in match.any]
    return " AND ".join(parts)
