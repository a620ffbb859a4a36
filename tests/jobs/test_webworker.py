"""The web server's worker: a kept connection stays in step whatever a request left unread; it says that it lives."""

import http.client
import re
import socket
from collections.abc import Iterator

import pytest

from portal.jobs import supervise
from portal.jobs.webworker import Worker, question


class Echo:
    """Answers with the path, reads a body only where the path says so; knows `/short/known` by heart."""

    begin = b"GET /short/"

    def __init__(self):
        self.extensions = {"at_once": self}

    def __call__(self, environ, answer):
        body = environ["wsgi.input"].read() if environ["PATH_INFO"] == "/read" else b""
        said = f"{environ['PATH_INFO']} {len(body)}".encode()
        answer("200 OK", [("Content-Length", str(len(said)))])
        return [said]

    def at_once(self, environ):
        if environ["PATH_INFO"] == "/short/broken":
            raise RuntimeError("this must not end the process")
        if environ["PATH_INFO"] == "/short/long":
            return ("200 OK", [("Content-Length", "100000")], b"x" * 100_000)
        if environ["PATH_INFO"] != "/short/known":
            return None
        said = f"at once {environ['QUERY_STRING']} {environ.get('HTTP_HX_PTAG')}".encode()
        return ("200 OK", [("Content-Length", str(len(said)))], said)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server with one worker, forked as `portal up` forks it."""
    here = supervise.listen("127.0.0.1", 0)
    settings = supervise.web_settings(here.fileno(), workers=1, threads=2, certificate=None, key=None)
    child = supervise.FORK.Process(target=lambda: supervise.Web(Echo(), settings).run())
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


def test_what_memory_answers_is_answered_in_the_loop_and_the_rest_by_a_thread(line):
    assert said(line, "GET", "/first") == "/first 0"  # the first question of a connection always goes to a thread
    for n in range(3):
        assert said(line, "GET", f"/short/known?n={n}") == f"at once n={n} None"
        assert said(line, "GET", "/short/unknown") == "/short/unknown 0"
        assert said(line, "POST", "/read", "x" * 9_000) == "/read 9000"


def test_what_fails_or_is_long_in_the_loop_goes_to_a_thread_and_the_process_lives(line):
    assert said(line, "GET", "/first") == "/first 0"
    for path in ("/short/broken", "/short/long"):
        assert said(line, "GET", path) == f"{path} 0"
        assert said(line, "GET", "/short/known?n=1") == "at once n=1 None"


def test_questions_sent_together_or_in_pieces_are_each_answered_once(port):
    ask = b"GET %s HTTP/1.1\r\nHost: x\r\nHX-PTag: 7\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        answers = wire.makefile("rb")

        def answer():
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += answers.readline()
            return answers.read(int(re.search(rb"Content-Length: (\d+)", head)[1])).decode()

        wire.sendall(ask % b"/first")
        assert answer() == "/first 0"
        wire.sendall(ask % b"/short/known")
        assert answer() == "at once  7"
        wire.sendall(ask % b"/short/known" + ask % b"/second")
        assert answer() == "/short/known 0"  # two at once are no plain question: a thread reads them in turn
        assert answer() == "/second 0"
        whole = ask % b"/short/known"
        wire.sendall(whole[:20])
        wire.sendall(whole[20:])
        assert answer() in ("at once  7", "/short/known 0")
        wire.sendall(ask % b"/short/known")
        assert answer() == "at once  7"


@pytest.mark.parametrize(
    "said",
    [
        b"GET /q HTTP/1.1\r\nHost: x\r\n",  # not whole
        b"GET /q HTTP/1.1\r\nHost: x\r\n\r\nGET /r HTTP/1.1\r\n\r\n",  # more than one
        b"GET /q HTTP/1.0\r\nHost: x\r\n\r\n",
        b"POST /q HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /q%2f HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://x/q HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /q HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n",
        b"GET /q HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /q HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET /q HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
        b"GET /q HTTP/1.1\r\nExpect: 100-continue\r\n\r\n",
        b"GET /q HTTP/1.1\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n",
        b"GET /q HTTP/1.1\r\nCookie: a=1\r\n b=2\r\n\r\n",  # folded
        b"GET /q HTTP/1.1\r\nCookie : a=1\r\n\r\n",
        b"GET /q HTTP/1.1\r\nHX_PTag: 1\r\n\r\n",
        b"GET /q HTTP/1.1\r\nHost: x\nCookie: a=1\r\n\r\n",
        b"GET /q HTTP/1.1\r\nno field\r\n\r\n",
        b"\r\n\r\n",
        b"",
    ],
)
def test_whatever_is_no_plain_question_is_left_to_the_server(said):
    assert question(said) is None


def test_a_plain_question_is_named_as_wsgi_names_it():
    asked = (
        b"GET /queues/tech/changes?level=P1 HTTP/1.1\r\nHost: x:1\r\nConnection: keep-alive\r\nHX-PTag:  a.1 \r\n\r\n"
    )
    assert question(asked) == {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/queues/tech/changes", "QUERY_STRING": "level=P1",
        "HTTP_HOST": "x:1", "HTTP_CONNECTION": "keep-alive", "HTTP_HX_PTAG": "a.1",
    }  # fmt: skip
