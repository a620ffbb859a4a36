"""How one request is asked and measured inside the process, and the unit: a bare Flask route asked the same way."""

import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, request

from portal.desk.caches import caches

ROUNDS = 7
Call = Callable[[], Any]


def answering(app: Any, path: str, *, headers: dict[str, str] | None = None, status: int = 200) -> Call:
    """A GET of this path as a server would make it: one WSGI call, no socket."""
    place, _, query = path.partition("?")
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": place, "QUERY_STRING": query, "SERVER_NAME": "localhost",
               "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.version": (1, 0),
               "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False}  # fmt: skip
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in (headers or {}).items()}

    def call() -> bytes:
        told: list[str] = []
        answer = app(dict(environ), lambda line, headers, error=None: told.append(line))
        found = b"".join(answer)
        getattr(answer, "close", lambda: None)()  # an iterable may have one, a list has none
        if not told[0].startswith(str(status)):
            raise RuntimeError(f"{path} answered {told[0]}")
        return found

    return call


def microseconds(call: Call, *, before: Call = lambda: None, times: int = 200) -> float:
    """Best median of several rounds: CPU microseconds of one call, so that other work on the machine counts little."""
    return min(middle(call, before, times) for _ in range(ROUNDS)) / 1e3


def ratio(call: Call, unit: Call, *, before: Call = lambda: None, times: int = 200) -> float:
    """How many units a call costs: both measured in each round, so that a machine changing its speed counts little."""
    found = []
    for _ in range(ROUNDS):
        found.append(middle(call, before, times) / middle(unit, lambda: None, times))
    return sorted(found)[len(found) // 2]


def middle(call: Call, before: Call, times: int) -> float:
    """The median CPU nanoseconds of one call."""
    spans = []
    for _ in range(times):
        before()
        start = time.thread_time_ns()
        call()
        spans.append(time.thread_time_ns() - start)
    return sorted(spans)[times // 2]


def bare() -> Flask:
    """The unit: a Flask route that says hello, and one that commits a row."""
    app = Flask("bare")
    file = Path(tempfile.mkdtemp()) / "bare.db"
    store = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("PRAGMA synchronous=FULL")
    store.execute("CREATE TABLE note(id INTEGER PRIMARY KEY, words TEXT)")

    @app.get("/")
    def hello() -> str:
        return "hello"

    @app.post("/")
    def keep() -> str:
        store.execute("BEGIN IMMEDIATE")
        store.execute("INSERT INTO note(words) VALUES(?)", (request.form["description"],))
        store.execute("COMMIT")
        return "kept"

    return app


def browsing(app: Flask, carried: str) -> str:
    """The cookie as a browser holds it after its first page: with the session's CSRF secret in it."""
    browser = app.test_client()
    name, _, value = carried.split(";")[0].partition("=")
    browser.set_cookie(name, value)
    browser.get("/queues/tech")
    found = browser.get_cookie(name)
    return f"{name}={found.value if found else value}; locale=zh_Hans_CN"


def forget_drawn(app: Flask) -> None:
    """Empties the desk's memory of rows and bodies, as after a start."""
    with app.app_context():
        held = caches()
        held.rows.clear()
        held.bodies.clear()
        held.kept.clear()
        held.pages.clear()


def outside(call: Callable[[], None]) -> None:
    """Runs in a thread of its own, without the application context of this one."""
    failed: list[BaseException] = []

    def guarded() -> None:
        try:
            call()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def cold(app: Any, path: str, carried: str, hello: Call) -> float:
    """How many units a page costs of which nothing but the frame is kept."""
    found: list[float] = []

    def measure() -> None:
        page = answering(app, path, headers={"Cookie": browsing(app, carried)})
        page()
        found.append(ratio(page, hello, before=lambda: forget_drawn(app), times=60))

    outside(measure)
    return found[0]
