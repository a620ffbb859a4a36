"""The change feed: versions move with the commit, in every thread, and never on a value that was taken back."""

import threading
from contextlib import suppress

import pytest

from portal.kernel import clock, feed
from portal.kernel.db import db, transaction


def test_a_version_moves_with_the_commit_and_not_before(app, engine):
    before = feed.version("unit:1")
    with transaction():
        feed.touch("unit:1", 7)
        assert feed.feed.versions.get("unit:1", 0) == before
    assert feed.version("unit:1") == before + 1
    assert feed.changed_since(["unit:1"], {"unit:1": before}) == {7}
    assert feed.changed_since(["unit:1"], {"unit:1": before + 1}) == set()


def test_what_is_taken_back_moves_nothing(app, engine):
    before = feed.version("unit:1")
    with pytest.raises(ZeroDivisionError), transaction():  # noqa: PT012
        feed.touch("unit:1", 7)
        raise ZeroDivisionError
    assert feed.version("unit:1") == before


def test_topics_move_apart(app):
    with transaction():
        feed.touch("unit:1", 1)
        feed.touch("unit:1", 2)
        feed.touch("unit:2", 3)
    first, second, third = (feed.version(f"unit:{n}") for n in (1, 2, 3))
    assert min(first, second) > third == 0
    assert feed.changed_since(["unit:1", "unit:2"], {}) == {1, 2, 3}
    with transaction():
        feed.touch("unit:1", 4)
    assert feed.version("unit:1") > first
    assert feed.changed_since(["unit:1", "unit:2"], {"unit:1": first, "unit:2": second}) == {4}


def test_what_a_savepoint_takes_back_can_be_said_again(app, engine):
    before = feed.version("unit:1")
    with transaction() as session:
        with suppress(ZeroDivisionError), session.begin_nested():
            feed.touch("unit:1", 7)
            raise ZeroDivisionError
        feed.touch("unit:1", 7)
    assert feed.version("unit:1") > before
    assert feed.changed_since(["unit:1"], {"unit:1": before}) == {7}


def test_another_thread_sees_the_write(app, engine):
    seen: list[int] = []
    assert feed.version("unit:1") == 0
    with transaction():
        feed.touch("unit:1", 1)

    def look() -> None:
        with app.app_context():
            seen.append(feed.version("unit:1"))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(10)
    assert seen == [1]


def test_a_feed_that_went_quiet_asks_the_store_itself(app, monkeypatch):
    """The watching thread is dead: the next question after three seconds looks."""
    feed.version("unit:1")
    feed.feed._stop.set()
    feed.feed._thread.join(3)
    monkeypatch.setattr(feed.feed, "_thread", threading.current_thread())
    monkeypatch.setattr(feed.feed, "stop", lambda: None)
    raw = db.engine.raw_connection()
    raw.cursor().execute("PRAGMA query_only=0")
    raw.cursor().execute("INSERT INTO topic_version(topic, v) VALUES('unit:1', 9)")
    raw.close()
    feed.feed.beat = clock.monotonic()
    assert feed.version("unit:1") == 0
    feed.feed.beat -= 4
    feed.feed.asked = 0.0
    assert feed.version("unit:1") == 9
    monkeypatch.undo()
