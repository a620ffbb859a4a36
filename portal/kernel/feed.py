"""The change feed: a version per topic, in memory of each process, so that an unchanged screen costs no query."""

import select as select_
import socket
import threading
from collections.abc import Iterable
from typing import Any

from flask import Flask
from sqlalchemy import BigInteger, Engine, Index, String, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kernel import clock
from portal.kernel.db import BigId, after_commit, db, write, write_many
from portal.kernel.gather import later
from portal.kernel.lists import spread

KEEP_SECONDS = 3600
CHANGED = "INSERT INTO change(topic, v, ref, at) VALUES(:t, :v, :r, :at)"
ONE_ON = "ON CONFLICT(topic) DO UPDATE SET v = topic_version.v + 1"
LEAP_NAME = "clock_leap"  # the fact that keeps a jump of the wall clock: seconds off, last jump, when


class TopicVersion(db.Model):
    """How often a topic (a unit's queue, an incident, the people) has changed."""

    __tablename__ = "topic_version"
    topic: Mapped[str] = mapped_column(String(40), primary_key=True)
    v: Mapped[int] = mapped_column(BigInteger, default=0)


class Change(db.Model):
    """Which subject made a topic's version move; pruned after an hour."""

    __tablename__ = "change"
    __table_args__ = (Index("ix_change_topic_v", "topic", "v"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    topic: Mapped[str] = mapped_column(String(40))
    v: Mapped[int] = mapped_column(BigInteger)
    ref: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[int] = mapped_column(BigInteger, index=True)


def touch(topic: str, ref: int) -> None:
    """Moves a topic's version inside the present transaction; `ref` is the row that changed."""
    touched: dict[str, tuple[int, set[int]]] = db.session().info.setdefault("touched", {})
    if topic not in touched:
        touched[topic] = (_move(topic), set())
    version, refs = touched[topic]
    if ref in refs:
        return
    refs.add(ref)
    values = {"t": topic, "v": version, "r": ref, "at": clock.millis() // 1000}
    later(CHANGED, values)


def touch_topics(topics: Iterable[str]) -> None:
    """Moves the versions of many topics of which nobody asks what changed in them (people), in one statement.

    In order of names, so that two writers never wait for each other.
    """
    touched: dict[str, tuple[int, set[int]]] = db.session().info.setdefault("touched", {})
    fresh = sorted({topic for topic in topics if topic not in touched})
    if len(fresh) < 2:
        for topic in fresh:
            touch(topic, 0)
        return
    marks, values = spread("t", fresh, "({}, 1)")
    moved = dict(write(f"INSERT INTO topic_version(topic, v) VALUES {marks} {ONE_ON} RETURNING topic, v", values))
    if db.engine.dialect.name == "postgresql":
        write("SELECT pg_notify('portal_change', '')", {})
    touched.update({topic: (moved[topic], {0}) for topic in fresh})


def touch_all(topic: str, refs: Iterable[int]) -> None:
    """Moves a topic's version once for many rows that changed."""
    wanted = sorted(set(refs))
    if not wanted:
        return
    touch(topic, wanted[0])
    version, known = db.session().info["touched"][topic]
    at, fresh = clock.millis() // 1000, [ref for ref in wanted if ref not in known]
    known.update(fresh)
    write_many(CHANGED, [{"t": topic, "v": version, "r": ref, "at": at} for ref in fresh])


def _forget(session: Session, _previous: object) -> None:
    """What was rolled back, also to a savepoint, has moved nothing: topics may move again."""
    session.info.pop("touched", None)


event.listen(Session, "after_soft_rollback", _forget)


def _move(topic: str) -> int:
    """Moves a topic's version, once a transaction; PostgreSQL's listeners hear of it on commit."""
    moved = f"INSERT INTO topic_version(topic, v) VALUES(:t, 1) {ONE_ON} RETURNING v"
    version: int = write(moved, {"t": topic})[0][0]
    if db.engine.dialect.name == "postgresql":
        write("SELECT pg_notify('portal_change', '')", {})
    return version


def changed_since(topics: Iterable[str], since: dict[str, int]) -> set[int]:
    """Rows that changed after the given version of each topic."""
    found: set[int] = set()
    for topic in topics:
        rows = db.session.execute(
            text("SELECT ref FROM change WHERE topic = :t AND v > :v"), {"t": topic, "v": since.get(topic, 0)}
        )
        found.update(row[0] for row in rows)
    return found


class Installation(db.Model):
    """Facts of this installation by name: its identity (epoch), whether it is a demo, the worker's heartbeat."""

    __tablename__ = "installation"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))


class Feed:
    """One per process: looks at the store when it moved and keeps all versions in memory."""

    def __init__(self) -> None:
        self.versions: dict[str, int] = {}
        self.beat = 0.0
        self.asked = 0.0
        self.epoch = ""
        self.heartbeat = 0
        self.clock_off = 0
        self._engine: Engine | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._bell: tuple[socket.socket, ...] = ()  # ends the waiting for PostgreSQL's word at once

    def start(self, engine: Engine) -> None:
        """Starts the watching thread on first use in this process (after the fork, never at import)."""
        if self._engine is engine and self._thread and self._thread.is_alive():
            return
        with self._lock:
            if self._engine is engine and self._thread and self._thread.is_alive():
                return
            self.stop()
            self._engine = engine
            self._look()
            watch = self._watch_sqlite if engine.dialect.name == "sqlite" else self._watch_postgres
            self._stop.clear()
            self._bell = socket.socketpair()
            self._thread = threading.Thread(target=self._run, args=(watch,), name="change-feed", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ends the thread; used by tests and at shutdown."""
        self._stop.set()
        for end in self._bell[:1]:
            end.send(b".")
        if self._thread:
            self._thread.join(timeout=3)
        for end in self._bell:
            end.close()
        self._bell = ()
        self._thread, self._engine, self.asked = None, None, 0.0
        self.versions = {}

    def refresh(self) -> None:
        """Looks at once: after this process has written, or when the caller just has."""
        if self._engine is not None:
            self._look()

    def _look(self) -> None:
        assert self._engine is not None
        raw = self._engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("SELECT topic, v FROM topic_version")
            self.versions = dict(cursor.fetchall())
            cursor.execute(f"SELECT name, value FROM installation WHERE name IN ('epoch', 'heartbeat', '{LEAP_NAME}')")
            facts = dict(cursor.fetchall())
            self.epoch, self.heartbeat = facts.get("epoch", ""), int(facts.get("heartbeat", 0))
            self.clock_off = int(facts.get(LEAP_NAME, "0").split()[0])
            raw.rollback()
        finally:
            raw.close()
        self.beat = clock.monotonic()

    def _run(self, watch: Any) -> None:
        assert self._engine is not None
        away = (self._engine.dialect.loaded_dbapi.Error, DBAPIError, OSError)
        while not self._stop.is_set():
            try:
                watch()
            except away:  # the beat grows old meanwhile, so readers ask the store themselves
                self._stop.wait(1.0)

    def _watch_sqlite(self) -> None:
        assert self._engine is not None
        raw = self._engine.raw_connection()
        try:
            cursor, last = raw.cursor(), None
            while not self._stop.wait(0.25):
                seen = cursor.execute("PRAGMA data_version").fetchone()[0]
                if seen != last:
                    last = seen
                    self._look()
                self.beat = clock.monotonic()
        finally:
            raw.close()

    def _watch_postgres(self) -> None:
        assert self._engine is not None
        pooled = self._engine.raw_connection()
        pooled.detach()
        raw: Any = pooled.dbapi_connection
        bell = self._bell[1]
        try:
            raw.autocommit = True
            raw.execute("LISTEN portal_change")
            while not self._stop.is_set():
                select_.select([raw.fileno(), bell], [], [], 1.0)
                list(raw.notifies(timeout=0))
                self._look()
        finally:
            raw.close()


feed = Feed()


def init_app(app: Flask) -> None:
    """Looks again after each commit of this process that has moved a topic."""
    after_commit(_committed)


def _committed() -> None:
    if db.session().info.get("touched"):
        feed.refresh()


ASK_EVERY = 0.2  # seconds


def awake() -> bool:
    """Whether the watch was seen alive a moment ago, so that what it holds can be read as it is."""
    return clock.monotonic() - feed.asked <= ASK_EVERY


def held(topic: str) -> int:
    """The topic's version as memory holds it, for whoever has asked whether the watch is awake."""
    return feed.versions.get(topic, 0)


def version(topic: str) -> int:
    """The topic's version as this process last saw it; starts the watch on first use.

    Whether the watch is alive is asked five times a second, not at each of a page's dozen questions.
    """
    now = clock.monotonic()
    if now - feed.asked > ASK_EVERY:
        feed.start(db.engine)
        feed.asked = now
        if now - feed.beat > 3:
            feed.refresh()
    return feed.versions.get(topic, 0)
