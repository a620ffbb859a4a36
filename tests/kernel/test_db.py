"""The one door to the store: all or nothing, never nested, in the portal's own words when it fails."""

import threading
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal.journal.models import Entry
from portal.kernel.db import Instant, db, transaction
from portal.kernel.errors import Busy, Stale
from portal.kernel.feed import Installation
from portal.kernel.line import queue, somebody_waits
from tests.builders import NINE


def values() -> list[str]:
    db.session.rollback()
    return sorted(db.session.scalars(select(Installation.name).where(Installation.name.like("t-%"))))


def put(name: str) -> None:
    db.session.add(Installation(name=name, value="x"))


def test_all_or_nothing(app, engine):
    with transaction():
        put("t-1")
    with pytest.raises(ZeroDivisionError), transaction():  # noqa: PT012
        put("t-2")
        db.session.flush()
        raise ZeroDivisionError
    assert values() == ["t-1"]


def test_a_transaction_inside_another_is_refused(app):
    with transaction(), pytest.raises(RuntimeError, match="inside"), transaction():
        pass
    with transaction():
        put("t-1")
    assert values() == ["t-1"]


def test_objects_changed_outside_are_refused(app):
    put("t-1")
    with pytest.raises(RuntimeError, match="outside"), transaction():
        pass
    db.session.rollback()
    assert values() == []


def test_the_store_itself_refuses_a_write_outside(app, engine):
    put("t-1")
    with pytest.raises(DBAPIError):
        db.session.flush()
    db.session.rollback()
    with transaction():
        put("t-2")
    put("t-3")
    with pytest.raises(DBAPIError):
        db.session.flush()
    db.session.rollback()
    assert values() == ["t-2"]


def test_two_writers_of_one_stream_are_told_apart(app, engine):
    facts = {"stream": "x:1", "n": 1, "at": NINE, "by_id": 1, "kind": "K"}
    hashes = {"commitment": b"0" * 32, "prev": b"0" * 32, "hash": b"0" * 32}
    with transaction():
        db.session.add(Entry(**facts, **hashes))
    with pytest.raises(Stale) as refused, transaction():  # noqa: PT012
        db.session.add(Entry(**facts, **hashes))
        db.session.flush()
    assert refused.value.status == 409


def test_a_full_store_says_so_and_works_again(app):
    size = db.session.execute(text("PRAGMA page_count")).scalar()
    with pytest.raises(Busy) as refused, transaction() as session:  # noqa: PT012
        session.connection().exec_driver_sql(f"PRAGMA max_page_count={size}")
        for n in range(2000):
            session.add(Installation(name=f"t-{n}", value="x" * 200))
        session.flush()
    assert refused.value.status == 503
    with transaction() as session:
        session.connection().exec_driver_sql("PRAGMA max_page_count=1073741823")
        put("t-1")
    assert values() == ["t-1"]


def test_writersqueue_up_and_all_get_through(app):
    def write(n: int) -> None:
        with app.app_context(), transaction():
            put(f"t-{n}")

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(values()) == 8


def test_a_naive_instant_is_a_bug():
    with pytest.raises(ValueError, match="naive"):
        Instant().process_bind_param(datetime(2026, 1, 1), None)  # noqa: DTZ001
    assert Instant().process_bind_param(datetime(1970, 1, 1, 0, 1, tzinfo=UTC), None) == 60
    assert Instant().process_result_value(60, None) == datetime(1970, 1, 1, 0, 1, tzinfo=UTC)


def test_who_has_just_written_does_not_pass_one_who_waits(app):
    turns: list[str] = []

    def wait_and_write() -> None:
        with app.app_context(), queue(db.engine):
            turns.append("waited")

    for _ in range(5):
        other = threading.Thread(target=wait_and_write)
        with queue(db.engine):
            other.start()
            time.sleep(0.05)
        with queue(db.engine):
            turns.append("again")
        other.join()
    assert turns == ["waited", "again"] * 5


def test_who_writes_sees_whether_somebody_waits(app):
    def wait() -> None:
        with app.app_context(), queue(db.engine):
            pass

    other = threading.Thread(target=wait)
    with queue(db.engine):
        assert not somebody_waits(db.engine)
        other.start()
        deadline = time.monotonic() + 5
        while not somebody_waits(db.engine) and time.monotonic() < deadline:
            time.sleep(0.001)
        assert somebody_waits(db.engine)
    other.join()
    assert not somebody_waits(db.engine)


def test_who_writes_and_who_reads_keep_their_connections(app):
    """SQLite makes every statement of a connection anew when its purpose changes: it never does."""

    def deed(name: str) -> None:
        values()
        with transaction():
            put(name)
        values()

    deed("t-1")
    said: list[str] = []
    for entry in db.engine.pool._pool.queue:
        entry.dbapi_connection.set_trace_callback(said.append)
    size = db.engine.pool.checkedin()
    deed("t-2")
    assert values() == ["t-1", "t-2"]
    assert [one for one in said if "t-2" in one]
    assert [one for one in said if "query_only" in one] == []
    assert db.engine.pool.checkedin() == size
