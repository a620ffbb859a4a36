"""The line in which writers of SQLite wait, over threads and processes."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine


@contextmanager
def queue(engine: Engine) -> Iterator[None]:
    """Waits until this writer is next and holds the store's line meanwhile; a dead process frees its place.

    A file lock alone may be taken again by who has just freed it; so who is next holds a second one while waiting.
    """
    file = _file(engine)
    if not file:
        yield
        return
    with _door(f"{file}.lock") as here:
        with _door(f"{file}.next") as following:
            fcntl.flock(following, fcntl.LOCK_EX)
            fcntl.flock(here, fcntl.LOCK_EX)
        yield


def somebody_waits(engine: Engine) -> bool:
    """Whether another writer waits for the one who writes now, so that long work may end its part and let it in."""
    file = _file(engine)
    if not file:
        return False
    with _door(f"{file}.next") as following:
        try:
            fcntl.flock(following, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _file(engine: Engine) -> str:
    """The store's file, where there is one that is written by one at a time."""
    file = engine.url.database or ""
    return file if engine.dialect.name == "sqlite" and file != ":memory:" else ""


@contextmanager
def _door(path: str) -> Iterator[int]:
    """An open lock file; closing it frees the lock."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
