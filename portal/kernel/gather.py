"""Many subjects made in one transaction by the usual actions: what they write is held back and sent together.

Inside `gathered()` a new row gets its number ahead, and statements whose answer nobody needs wait. Whatever is asked of
the store meanwhile is asked after all that waits has been written, so that nobody reads less than without; a caller who
wants the gain keeps its readings by `once`. Outside, every call here does its work at once.
"""

import json
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import event, inspect
from sqlalchemy.orm import make_transient_to_detached

from portal.kernel.db import db, hold_back, read, write, write_many

Thing = TypeVar("Thing")
_local = threading.local()
INTO = "INSERT INTO "


class Columns:
    """How rows of a table are inserted by the driver: the statement, and a row's values as the store keeps them."""

    def __init__(self, kind: type[Any], *, without: tuple[str, ...] = ()) -> None:
        table = inspect(kind).local_table
        columns = [c for c in table.columns if c.name not in without]
        self.names = tuple(c.name for c in columns)
        self.defaults = {c.name: c.default.arg for c in columns if c.default is not None and c.default.is_scalar}
        marks = ", ".join(f":{name}" for name in self.names)
        self.statement = f"{INTO}{table.name}({', '.join(self.names)}) VALUES({marks})"

    def values(self, row: Any) -> dict[str, Any]:
        """A row's values; what it has not set is as the table has it from the start."""
        held = vars(row)  # of a new row: asking the attributes themselves costs five times as much
        found = {name: kept(held.get(name)) for name in self.names}
        for name, value in self.defaults.items():
            if found[name] is None:
                found[name] = value
        return found


def kept(value: Any) -> Any:
    """A value as the store keeps it: epoch seconds, JSON as text."""
    if isinstance(value, datetime):
        return int(value.timestamp())
    return json.dumps(value) if isinstance(value, list | dict) else value


class Gather:
    """What one transaction holds back: rows by statement, numbers drawn ahead, answers kept."""

    def __init__(self) -> None:
        self.settling = False
        self.waiting: dict[str, list[Mapping[str, Any]]] = {}
        self.expected: dict[str, int] = {}
        self.stock: dict[str, list[int]] = {}
        self.kept: dict[Hashable, Any] = {}
        self.rows: list[Any] = []

    def settle(self, *_event: object) -> None:
        """Writes what waits: tables before those that refer to them, and each table's rows in order."""
        if self.settling or not self.waiting:
            return
        self.settling = True
        try:
            waiting, self.waiting = self.waiting, {}
            for statement in sorted(waiting, key=_place):
                write_many(statement, waiting[statement])
        finally:
            self.settling = False


@lru_cache(maxsize=200)
def _place(statement: str) -> int:
    """Where the table of an INSERT stands among all, those that others refer to first."""
    table = statement.removeprefix(INTO).partition("(")[0]
    return next(n for n, one in enumerate(db.metadata.sorted_tables) if one.name == table)


@lru_cache(maxsize=50)
def _columns(kind: Any) -> Columns:
    return Columns(kind)


@lru_cache(maxsize=50)
def _unnumbered(kind: Any) -> Columns:
    return Columns(kind, without=("id",))


def _present() -> Gather | None:
    return getattr(_local, "gather", None)


@contextmanager
def gathered() -> Iterator[None]:
    """Inside transaction(): holds back until the end, or until the store is asked."""
    gather = _local.gather = Gather()
    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", gather.settle)
    hold_back(gather.settle)
    try:
        yield
        gather.settle()
    except BaseException:  # their ids may be given to others now
        for row in gather.rows:
            if row in db.session:
                db.session.expunge(row)
        raise
    finally:
        hold_back(None)
        _local.gather = None


def gathering() -> bool:
    """Whether what is written may wait."""
    return _present() is not None


def later(statement: str, *rows: Mapping[str, Any]) -> None:
    """A hot INSERT whose answer nobody needs, spelled as for `write`; the same statement for each of the rows."""
    gather = _present()
    if gather is not None:
        gather.waiting.setdefault(statement, []).extend(rows)
    elif len(rows) == 1:
        write(statement, rows[0])
    else:
        write_many(statement, rows)


def keep(row: Any) -> None:
    """Adds a new row of a table numbered by the store; it has its id afterwards, and further changes are followed."""
    gather = _present()
    if gather is None:
        db.session.add(row)
        db.session.flush()
        return
    kind: Any = type(row)
    columns = _columns(kind)
    row.id = number(row.__tablename__, lambda many: _ids(row.__tablename__, many))
    values = columns.values(row)
    for name in columns.defaults:
        if getattr(row, name) is None:
            setattr(row, name, values[name])
    later(columns.statement, values)
    make_transient_to_detached(row)
    db.session.add(row)
    gather.rows.append(row)


def expect(name: str, many: int) -> None:
    """So many numbers of this series will be asked for; drawn at once by the first."""
    gather = _present()
    if gather is not None:
        gather.expected[name] = many


def number(name: str, draw: Callable[[int], Sequence[int]]) -> int:
    """The next number of a series; `draw` gives as many as are expected, in order."""
    gather = _present()
    if gather is None:
        return draw(1)[0]
    if not gather.stock.get(name):
        gather.stock[name] = list(reversed(draw(max(1, gather.expected.pop(name, 1)))))
    return gather.stock[name].pop()


def _ids(table: str, many: int) -> list[int]:
    """Numbers for so many new rows; a store with one writer has them behind its highest."""
    if db.engine.dialect.name == "sqlite":
        last = read(f"SELECT coalesce(max(id), 0) FROM {table}", {})[0][0]
        return list(range(last + 1, last + 1 + many))
    drawn = f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')) FROM generate_series(1, :many)"
    return [row[0] for row in write(drawn, {"many": many})]


def write_new(parent: Any, *relations: str) -> None:
    """Writes the new rows of these relations of a stored row in their order, a table at a time, past the session.

    They are no objects of the session afterwards; the relations are read anew when they are asked for.
    """
    session = db.session()
    for name in relations:
        relation: Any = inspect(type(parent)).relationships[name]
        fresh = [one for one in getattr(parent, name) if inspect(one).key is None]
        if fresh:
            columns, key = _unnumbered(relation.mapper.class_), relation.local_remote_pairs[0][1].name
            session.expire(parent, [name])
            for one in fresh:
                session.expunge(one)
            write_many(columns.statement, [columns.values(one) | {key: parent.id} for one in fresh])


def once(key: Hashable, ask: Callable[[], Thing]) -> Thing:
    """An answer that stays the same while one gathers: asked once and kept; outside it is asked each time."""
    gather = _present()
    if gather is None:
        return ask()
    if key not in gather.kept:
        gather.kept[key] = ask()
    found: Thing = gather.kept[key]
    return found


def learn(key: Hashable, answer: Any) -> None:
    """What `once` is to answer from now on."""
    gather = _present()
    if gather is not None:
        gather.kept[key] = answer


def forget() -> None:
    """What was kept no longer holds: everything is asked again."""
    gather = _present()
    if gather is not None:
        gather.kept.clear()
