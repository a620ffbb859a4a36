"""The web process's worker: gunicorn's threads without what an answer to a short question does not need.

Thousands of screens ask every few seconds whether anything changed; then the server around the answer costs more than
the answer. What is left out was measured with `make load`.
"""

import gc
import re
from functools import cached_property
from typing import Any

from gunicorn.http.body import LengthReader
from gunicorn.workers.gthread import ThreadWorker

from portal.kernel import clock

YOUNG = 10_000, 20, 20  # objects and rounds after which the collector looks: pages leave next to no rubbish in circles
ALIVE_EVERY = 1.0  # seconds between two signs of life; the arbiter waits for settings["timeout"], a minute
LONGEST = 8_192  # bytes of a question that is answered in the loop
LONGEST_ANSWER = 16_384  # bytes that a line takes at once; whole bodies go by a thread
FIRST = re.compile(r"GET (/[^ ?%#]*)(?:\?([^ #]*))? HTTP/1\.1")
FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")
ASK_MORE = frozenset(("CONTENT-LENGTH", "TRANSFER-ENCODING", "CONNECTION", "UPGRADE", "EXPECT", "HTTP2-SETTINGS"))


class Worker(ThreadWorker):  # type: ignore[misc]
    """Answers from memory without a thread; tells once a second, not once a request, that it lives."""

    told_at = 0.0

    @cached_property
    def checks(self) -> Any:
        """What the application answers from memory: `begin` of such requests, and `at_once`; None where it has none."""
        return getattr(self.wsgi, "extensions", {}).get("at_once")

    def init_process(self) -> None:
        """Begins to serve; what was loaded before the fork is frozen already (`prepare.settle`)."""
        gc.set_threshold(*YOUNG)
        super().init_process()

    def notify(self) -> None:
        """Sign of life, at most one in ALIVE_EVERY seconds; the loop comes by at least that often."""
        now = clock.monotonic()
        if now - self.told_at >= ALIVE_EVERY:
            self.told_at = now
            super().notify()

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """A kept connection asks something: answered here if memory can, else by a thread."""
        if not (self.checks and self.alive and self._answered(conn)):
            super().on_client_socket_readable(conn, client)

    def _answered(self, conn: Any) -> bool:
        """Whether what has arrived was one whole question that memory answers; if not, it is given back unread."""
        try:
            said = conn.sock.recv(LONGEST)
        except OSError:  # nothing whole has come, or the line is cut: the thread finds out
            return False
        answer = self._known(said) if said.startswith(self.checks.begin) else None
        if answer is None:
            if said:
                conn.parser.unreader.unread(said)
            return False
        self.keepalived_conns.remove(conn)
        if self._sent(conn, answer):
            conn.set_timeout()
            self.keepalived_conns.append(conn)
        else:
            self.poller.unregister(conn.sock)
            self.nr_conns -= 1
            conn.close()
        return True

    def _known(self, said: bytes) -> bytes | None:
        """The answer of memory as bytes, if there is one and it is short; whatever goes wrong, a thread is asked."""
        try:
            asked = question(said)
            found = asked and self.checks.at_once(asked)
            answer = written(found) if found else b""
        except Exception:  # here it would end the process
            self.log.exception("a question could not be answered from memory")
            return None
        return answer if 0 < len(answer) <= LONGEST_ANSWER else None

    def _sent(self, conn: Any, answer: bytes) -> bool:
        """Whether the line took all of it at once; one that does not is hung up, and the screen asks again."""
        try:
            return int(conn.sock.send(answer)) == len(answer)
        except OSError:
            return False

    def _keepalive_after(self, conn: Any, keepalive: Any) -> bool:
        """Whether the connection serves a next request; without bytes of a body left nothing has to be drained."""
        reader = getattr(getattr(conn.parser.mesg, "body", None), "reader", None)
        if keepalive and isinstance(reader, LengthReader) and reader.length == 0:
            return True
        return bool(super()._keepalive_after(conn, keepalive))


def question(said: bytes) -> dict[str, Any] | None:
    """A plain GET as WSGI names its parts; None for anything else, for a part of one, and for more than one."""
    if said.find(b"\r\n\r\n") != len(said) - 4:
        return None
    first, *lines = said[:-4].decode("latin-1").split("\r\n")
    asked = FIRST.fullmatch(first)
    if not asked:
        return None
    found: dict[str, Any] = {"REQUEST_METHOD": "GET", "PATH_INFO": asked[1], "QUERY_STRING": asked[2] or ""}
    for line in lines:
        field = FIELD.fullmatch(line)
        if not field:
            return None
        name = field[1].upper()
        key = "HTTP_" + name.replace("-", "_")
        if (
            key in found
            or "_" in name
            or (name in ASK_MORE and (name, field[2].lower()) != ("CONNECTION", "keep-alive"))
        ):
            return None
        found[key] = field[2]
    return found


def written(answer: Any) -> bytes:
    """An answer as bytes on the line."""
    status, headers, content = answer
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1") + content
