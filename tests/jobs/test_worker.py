"""F-34, F-32: the worker's sign of life, what it tidies up, and how it takes a store that is away."""

import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from portal.cases.models import Submission
from portal.identity.models import SignInFailure
from portal.identity.queries import fact
from portal.jobs import beat, loop
from portal.jobs.leaps import StoreClock
from portal.jobs.loop import Worker
from portal.jobs.prune import prune
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db, transaction
from portal.kernel.feed import Change, TopicVersion
from tests.builders import NINE


def test_the_heartbeat_is_written_and_moves_no_topic(app, engine, at):
    before = db.session.execute(select(TopicVersion.topic, TopicVersion.v)).all()
    beat.beat(NINE)
    beat.beat(NINE + timedelta(seconds=5))
    db.session.expire_all()
    assert beat.last() == int(NINE.timestamp()) + 5
    assert db.session.execute(select(TopicVersion.topic, TopicVersion.v)).all() == before
    assert fact("watch_gap") is None


def test_every_process_sees_how_old_the_heartbeat_is(app, at):
    beat.beat(NINE)
    feed.version("unit:1")
    feed.feed.refresh()
    assert feed.feed.heartbeat == int(NINE.timestamp())


def test_a_silence_of_more_than_ten_minutes_is_kept_as_a_gap(app, engine, at):
    beat.beat(NINE)
    beat.beat(NINE + timedelta(minutes=11))
    start = int(NINE.timestamp())
    assert fact("watch_gap") == f"{start} {start + 660}"


def test_a_worker_beats_every_five_seconds_and_not_more(app, at, monkeypatch):
    beats = []
    monkeypatch.setattr(loop, "beat", lambda now, **_: beats.append(now))
    worker = Worker()
    for second in range(11):
        worker.tick(NINE + timedelta(seconds=second))
    assert beats == [NINE, NINE + timedelta(seconds=5), NINE + timedelta(seconds=10)]


def test_a_clock_set_back_does_not_silence_the_heartbeat(app, at):
    worker = Worker()
    worker.tick(NINE)
    worker.tick(NINE - timedelta(hours=3))
    db.session.expire_all()
    assert beat.last() == int((NINE - timedelta(hours=3)).timestamp())


def test_old_lines_go_and_fresh_ones_stay(app, engine, at):
    with transaction():
        for age in (timedelta(days=8), timedelta(minutes=1)):
            db.session.add(Submission(key=str(age), person_id=1, ref=1, at=NINE - age))
            db.session.add(SignInFailure(login="x", address="y", at=NINE - age))
            db.session.add(Change(topic="t", v=1, ref=1, at=int((NINE - age).timestamp())))
    prune(NINE)
    for table in (Submission, SignInFailure):
        assert db.session.scalar(select(func.count()).select_from(table)) == 1
    assert db.session.scalar(select(func.count()).where(Change.topic == "t")) == 1


def test_a_store_that_is_away_is_tried_again(app, at, monkeypatch, caplog):
    stop, asked = threading.Event(), []

    def tick(self: Worker, now: object, elapsed: float) -> int:
        asked.append(now)
        if len(asked) < 4:
            raise OperationalError("select 1", {}, Exception("server closed the connection"))
        stop.set()
        return 0

    monkeypatch.setattr(Worker, "tick", tick)
    monkeypatch.setattr(stop, "wait", lambda seconds: None)
    loop.run(app, stop)
    assert len(asked) == 4
    assert [r.message for r in caplog.records] == [
        "the store is away (OperationalError); trying again",
        "the store is back",
    ]


def page_of(signed_in, actor) -> str:
    feed.feed.refresh()
    return signed_in(actor).get("/desk", headers={"Accept-Language": "zh"}).get_data(as_text=True)


def test_a_wall_clock_that_jumps_is_said_on_every_page_until_it_is_back(app, engine, at, staff, signed_in, caplog):
    worker, other = Worker(), Worker()
    for seconds in (0, 30):
        worker.tick(at(seconds=seconds), 1000.0 + seconds)
        other.tick(at(seconds=seconds), 1000.0 + seconds)
    assert fact("clock_leap") is None
    worker.tick(at(hours=3, seconds=31), 1031.0)
    other.tick(at(hours=3, seconds=32), 1032.0)
    assert "the wall clock has jumped by 10800 s" in caplog.text
    page = page_of(signed_in, staff["agent"])
    assert "本机时钟向前跳了 3 小时" in page
    assert "/clock/right" not in page
    health = app.test_client().get("/healthz/worker")
    assert (health.status_code, health.text) == (200, "ok; the wall clock has jumped by 10800 s")
    worker.tick(at(seconds=40), 1040.0)
    other.tick(at(seconds=41), 1041.0)
    assert "本机时钟" not in page_of(signed_in, staff["agent"])
    assert [line.facts for line in stream.read("watch:clock")] == [
        {"seconds": 10_800, "off": 10_800}, {"seconds": -10_800, "off": 0},
    ]  # fmt: skip
    assert fact("watch_gap") is None


def test_the_administrator_ends_the_warning_when_the_clock_was_set_right(app, at, staff, signed_in):
    worker = Worker()
    worker.tick(at(), 1000.0)
    worker.tick(at(minutes=-5), 1001.0)
    assert "本机时钟向后跳了 5 分" in page_of(signed_in, staff["agent"])
    assert signed_in(staff["agent"]).post("/clock/right").status_code == 403
    assert "/clock/right" in page_of(signed_in, staff["admin"])
    assert signed_in(staff["admin"]).post("/clock/right").status_code == 303
    worker.tick(at(minutes=-5, seconds=10), 1011.0)
    assert "本机时钟" not in page_of(signed_in, staff["agent"])


def test_a_machine_that_slept_has_not_jumped(app, at):
    worker = Worker()
    worker.tick(at(), 1000.0)
    worker.tick(at(hours=2), 1000.0 + 7200)
    assert fact("clock_leap") is None
    assert fact("watch_gap")


def test_a_worker_whose_clock_is_not_the_stores_announces_nothing(app, engine, at, caplog, monkeypatch):
    """F-23: two machines ninety seconds apart. The store's clock runs on, so the test's morning is far from it."""
    far, near = StoreClock(), StoreClock()
    assert far.trusted(NINE, 0.0) is (engine == "sqlite")  # SQLite has no clock of its own
    right = datetime.now(UTC).replace(microsecond=0)
    assert near.trusted(right + timedelta(seconds=30), 0.0)
    assert near.trusted(right + timedelta(seconds=90), 59.0), "asked once a minute"
    assert near.trusted(right + timedelta(seconds=90), 60.0) is (engine == "sqlite")
    assert near.trusted(right, 120.0)
    if engine == "sqlite":
        return
    assert "from the store's: nothing is announced until it is set" in caplog.text
    stop, asked = threading.Event(), []
    monkeypatch.setattr(StoreClock, "trusted", lambda self, now, elapsed: asked.append(1) or stop.set() or False)
    loop.run(app, stop, every=0)
    assert asked
    assert fact("heartbeat") is None, "without a heartbeat every page says so after a minute"
