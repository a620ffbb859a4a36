"""The line in which writers of SQLite wait, over threads and processes."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine


@contextmanager
def queue(engine: Engine) -> Iterator[None]:
    """SQLite writers wait in one fair line over threads and processes; a dead process frees its place.

    A file lock alone may be taken again by who has just freed it; so who is next holds a second one while waiting.
    """
    file = engine.url.database
    if engine.dialect.name != "sqlite" or file in (None, "", ":memory:"):
        yield
        return
    with _door(f"{file}.lock") as here:
        with _door(f"{file}.next") as following:
            fcntl.flock(following, fcntl.LOCK_EX)
            fcntl.flock(here, fcntl.LOCK_EX)
        yield


@contextmanager
def _door(path: str) -> Iterator[int]:
    """An open lock file; closing it frees the lock."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
