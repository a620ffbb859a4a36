"""The one door to the store: reading sessions, one writing transaction, the column types, both engines."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask import g, has_request_context
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Connection, Engine, Integer, TypeDecorator, event
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session

from portal.kernel.bulk import send_many, spelled
from portal.kernel.errors import Busy, Stale
from portal.kernel.line import queue
from portal.kernel.pool import this_thread as _local

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=10000",
    "foreign_keys=ON",
    "secure_delete=ON",
    "recursive_triggers=ON",
    "cache_size=-6000",  # kilobytes a connection, of which a process has half a dozen
)
SETTINGS = "SET gin_pending_list_limit = 1024"  # kilobytes: whoever saves waits while so much of an index is sorted in
WRITERS_CACHE = "PRAGMA cache_size=-4000"  # who writes comes back to few pages
BigId = BigInteger().with_variant(Integer, "sqlite")


class Instant(TypeDecorator[datetime]):
    """An aware datetime in Python, whole epoch seconds in the store. A naive value is a bug and is refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        """Epoch seconds of an aware datetime; raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return int(value.timestamp())

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        """The aware UTC datetime of stored epoch seconds."""
        return None if value is None else datetime.fromtimestamp(value, UTC)


class Base(DeclarativeBase):
    """Base of all rows; constraint names are fixed so that both engines and migrations agree."""


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
db.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
_after_commit: list[Callable[[], None]] = []


def tune(engine: Engine) -> None:
    """Prepares one engine before its first connection: pragmas, BEGIN IMMEDIATE for writers, read-only readers."""
    sqlite = engine.dialect.name == "sqlite"
    if sqlite:
        event.listen(engine, "connect", _open_sqlite)
    else:  # what many rows at once are refused for is raised; the driver says a second time that they were given up
        logging.getLogger("psycopg").setLevel(logging.ERROR)
        event.listen(engine, "connect", _open_postgres)
    event.listen(engine, "begin", _begin_sqlite if sqlite else _begin_postgres)


def _open_sqlite(raw: Any, _record: Any) -> None:
    raw.isolation_level = None
    for pragma in PRAGMAS:
        raw.execute("PRAGMA " + pragma)


def _open_postgres(raw: Any, _record: Any) -> None:
    raw.execute(SETTINGS)
    raw.commit()


def _begin_sqlite(connection: Connection) -> None:
    _begin(connection.connection, sqlite=True)


def _begin_postgres(connection: Connection) -> None:
    _begin(connection.connection, sqlite=False)


def _begin(pooled: Any, *, sqlite: bool) -> None:
    """Begins reading or writing on a connection of the pool, as this thread is allowed to."""
    write, raw = in_transaction(), pooled.dbapi_connection
    if not sqlite:  # the driver sends BEGIN with the first statement
        raw.read_only = not write
        return
    if pooled.info.get("writes") is not write:
        pooled.info["writes"] = write
        raw.execute(f"PRAGMA query_only={0 if write else 1}")
        if write:
            raw.execute(WRITERS_CACHE)
    raw.execute("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def writing() -> Iterator[None]:
    """Lets migrations write through the guarded engine; nothing else uses it."""
    _local.write = True
    try:
        yield
    finally:
        _local.write, _local.raw = False, None


def in_transaction() -> bool:
    """Whether this thread is inside transaction(): it may see what nobody else does yet."""
    return bool(getattr(_local, "write", False))


def after_commit(call: Callable[[], None]) -> None:
    """Registers a call made in this process after each commit (the change feed looks again)."""
    if call not in _after_commit:
        _after_commit.append(call)


@contextmanager
def transaction() -> Iterator[Session]:
    """One write, all or nothing. Opened by routes, jobs and cli; actions never open one.

    Raises Stale when another writer appended to the same stream first, Busy when the store cannot take the write.
    """
    session = db.session
    if in_transaction():
        raise RuntimeError("transaction() inside transaction()")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("objects were changed outside transaction()")
    session.rollback()
    session().info.clear()
    with queue(db.engine):
        _local.write = True
        try:
            yield session()
            session.commit()
        except BaseException as error:
            session.rollback()
            _translate(error)
            raise
        finally:
            _local.write, _local.raw = False, None
    for call in _after_commit:
        call()


def note(statement: str, values: Mapping[str, Any]) -> None:
    """One INSERT in a transaction of its own, spelled as for `read`, for logs whose entries stand alone.

    Ends the session's reading snapshot, as transaction() does. Raises Busy when the store cannot take the write.
    """
    if in_transaction():
        raise RuntimeError("note() inside transaction()")
    db.session.rollback()
    engine = db.engine
    with queue(engine):
        _local.write = True
        try:
            connection = engine.raw_connection()
            try:
                _begin(connection, sqlite=engine.dialect.name == "sqlite")
                _run(connection, statement, values)
                connection.commit()
            finally:
                connection.close()
        except BaseException as error:
            _translate(error)
            raise
        finally:
            _local.write = False


def read(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Rows of a hot reading as plain tuples: SQL with `:names` (no literal colon or percent sign), nothing converted.

    Inside transaction() it sees what the transaction has written; outside each call sees what was committed last.
    A third of the cost of the session's way, which opens a transaction and wraps every row.
    """
    if in_transaction():
        return write(statement, values)
    if has_request_context() and db.engine.dialect.name == "sqlite":
        return _run(_of_request(), statement, values)
    connection = db.engine.raw_connection()
    try:
        return _run(connection, statement, values)
    finally:
        connection.close()


def _of_request() -> Any:
    """The connection of this request's readings, taken once: SQLite keeps nothing open between two of them."""
    held = g._get_current_object()
    found = getattr(held, "reading", None)
    if found is None:
        found = held.reading = db.engine.raw_connection()
    return found


def give_back(_error: BaseException | None = None) -> None:
    """At the end of a request: its reading connection goes back to the pool."""
    found = g.pop("reading", None)
    if found is not None:
        found.close()


def write(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """One statement of a hot write, spelled as for `read`; the rows of its RETURNING. Inside transaction() only.

    What the session holds is not flushed before it: call flush() where the statement depends on that.
    """
    if not in_transaction():
        raise RuntimeError("write() outside transaction()")
    return _run(_of_transaction(), statement, values)


def _of_transaction() -> Any:
    """The driver's connection of this transaction, asked of the session once for each savepoint: asking sets it."""
    held = getattr(_local, "raw", None)
    if held is None or not held.is_valid:
        held = _local.raw = db.session.connection().connection
    return held


def _ask_again(_session: Session, _begun: Any) -> None:
    _local.raw = None


event.listen(Session, "after_transaction_create", _ask_again)


def write_many(statement: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """The same statement for many rows, which the driver sends together. Inside transaction() only."""
    if not in_transaction():
        raise RuntimeError("write_many() outside transaction()")
    if rows:
        _run(_of_transaction(), statement, rows)


def hold_back(settle: Callable[[], None] | None) -> None:
    """Has this thread call `settle` before the driver is asked anything (`gather.py`); None: nothing waits."""
    _local.settle = settle


def _run(
    connection: Any, statement: str, values: Mapping[str, Any] | Sequence[Mapping[str, Any]]
) -> list[tuple[Any, ...]]:
    """Runs a statement on the driver's connection; its errors are raised in SQLAlchemy's clothes, like all others."""
    settle = getattr(_local, "settle", None)
    if settle:
        settle()
    dialect = db.engine.dialect
    driver: Any = dialect.loaded_dbapi
    cursor = connection.cursor()
    try:
        if isinstance(values, Mapping):
            cursor.execute(statement if dialect.name == "sqlite" else spelled(statement), values)
        else:
            send_many(cursor, statement, values, sqlite=dialect.name == "sqlite")
        found: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
    except driver.Error as error:
        raise DBAPIError.instance(statement, values, error, driver.Error, dialect=dialect) from error
    finally:
        cursor.close()
    return found


def _translate(error: BaseException) -> None:
    """Turns what the engines say into the portal's own refusals."""
    if isinstance(error, IntegrityError):
        diagnosis = getattr(error.orig, "diag", None)
        name = diagnosis.constraint_name if diagnosis else str(error.orig)
        known = (
            "uq_journal_stream_n", "uq_submission_key", "journal.stream, journal.n", "submission.key",
            "uq_knowledge_version_", "knowledge_version.",
        )  # fmt: skip
        if any(words in str(name) for words in known):
            raise Stale("changed_meanwhile") from error
    if isinstance(error, OperationalError) and any(
        words in str(error.orig) for words in ("database is locked", "disk is full", "readonly database", "disk I/O")
    ):
        raise Busy("store_busy") from error
