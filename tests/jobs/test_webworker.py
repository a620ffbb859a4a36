"""The web server's worker: a kept connection stays in step whatever a request left unread; it says that it lives."""

import http.client
from collections.abc import Iterator

import pytest

from portal.jobs import supervise
from portal.jobs.webworker import Worker


def echo(environ, answer):
    """Answers with the path and reads a body only where the path says so."""
    body = environ["wsgi.input"].read() if environ["PATH_INFO"] == "/read" else b""
    said = f"{environ['PATH_INFO']} {len(body)}".encode()
    answer("200 OK", [("Content-Length", str(len(said)))])
    return [said]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server with one worker, forked as `portal up` forks it."""
    here = supervise.listen("127.0.0.1", 0)
    settings = supervise.web_settings(here.fileno(), workers=1, threads=2, certificate=None, key=None)
    child = supervise.FORK.Process(target=lambda: supervise.Web(echo, settings).run())
    child.start()
    try:
        yield here.getsockname()[1]
    finally:
        child.terminate()
        child.join(10)
        here.close()


@pytest.fixture
def line(port) -> Iterator[http.client.HTTPConnection]:
    """One kept connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    yield connection
    connection.close()


def said(line, method, path, body=None):
    """The answer to one request on the connection."""
    line.request(method, path, body)
    return line.getresponse().read().decode()


def test_one_connection_serves_request_after_request(line):
    assert [said(line, "GET", f"/{n}") for n in range(5)] == [f"/{n} 0" for n in range(5)]
    assert said(line, "POST", "/read", "x" * 5_000) == "/read 5000"
    assert said(line, "GET", "/after") == "/after 0"


def test_a_body_nobody_read_is_not_taken_for_the_next_request(line):
    assert said(line, "POST", "/unread", "GET /forged HTTP/1.1\r\nHost: x\r\n\r\n" * 500) == "/unread 0"
    assert said(line, "GET", "/next") == "/next 0"


def test_a_chunked_body_nobody_read_is_not_taken_for_the_next_request(line):
    assert said(line, "POST", "/unread", iter([b"GET /forged HTTP/1.1\r\n\r\n"] * 50)) == "/unread 0"
    assert said(line, "GET", "/next") == "/next 0"


def test_signs_of_life_are_at_most_one_a_second(monkeypatch):
    told = []
    monkeypatch.setattr("gunicorn.workers.gthread.ThreadWorker.notify", lambda self: told.append(1))
    moment = iter([10.0, 10.2, 10.99, 11.0, 11.5, 12.1])
    monkeypatch.setattr("portal.kernel.clock.monotonic", lambda: next(moment))
    worker = Worker.__new__(Worker)
    for _ in range(6):
        worker.notify()
    assert len(told) == 3
