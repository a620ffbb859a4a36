"""The web process's worker: gunicorn's threads without what an answer to a short question does not need.

Thousands of screens ask every few seconds whether anything changed; then the server around the answer costs more than
the answer. What is left out was measured with `make load`.
"""

from typing import Any

from gunicorn.http.body import LengthReader
from gunicorn.workers.gthread import ThreadWorker

from portal.kernel import clock

ALIVE_EVERY = 1.0  # seconds between two signs of life; the arbiter waits for settings["timeout"], a minute


class Worker(ThreadWorker):  # type: ignore[misc]
    """Tells the arbiter once a second, not once a request, that it lives; looks for no rest of a body that is read."""

    told_at = 0.0

    def notify(self) -> None:
        """Sign of life, at most one in ALIVE_EVERY seconds; the loop comes by at least that often."""
        now = clock.monotonic()
        if now - self.told_at >= ALIVE_EVERY:
            self.told_at = now
            super().notify()

    def _keepalive_after(self, conn: Any, keepalive: Any) -> bool:
        """Whether the connection serves a next request; without bytes of a body left nothing has to be drained."""
        reader = getattr(getattr(conn.parser.mesg, "body", None), "reader", None)
        if keepalive and isinstance(reader, LengthReader) and reader.length == 0:
            return True
        return bool(super()._keepalive_after(conn, keepalive))
