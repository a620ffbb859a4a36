"""Delivery beside the deadline watch: a thread for each receiver with something due, so that none waits for another.

A receiver that hangs holds up only what is for itself; a mail server that is away delays no deadline and no heartbeat.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy.exc import DBAPIError

from portal.jobs.deliver import Receiver, receivers, serve
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.errors import Busy, Stale

MOST_AT_ONCE = 8  # receivers served at the same time
REST = 30.0  # seconds in which a receiver that serves nobody is left alone
AWAY = (DBAPIError, OSError, Busy, Stale)
log = logging.getLogger("portal.delivery")


@dataclass
class Deliverer:
    """Who is being served by this process, and who is left alone until when (monotonic seconds)."""

    app: Flask
    busy: dict[Receiver, threading.Thread] = field(default_factory=dict)
    resting: dict[Receiver, float] = field(default_factory=dict)

    def look(self) -> None:
        """Starts serving each receiver with something due that is neither being served nor resting."""
        self.busy = {who: thread for who, thread in self.busy.items() if thread.is_alive()}
        for receiver in receivers(clock.now()):
            rests = self.resting.get(receiver, 0.0) > clock.monotonic()
            if receiver in self.busy or rests or len(self.busy) >= MOST_AT_ONCE:
                continue
            thread = threading.Thread(target=self._serve, args=(receiver,), name="delivery", daemon=True)
            self.busy[receiver] = thread
            thread.start()

    def _serve(self, receiver: Receiver) -> None:
        with self.app.app_context():
            try:
                _, serves = serve(receiver)
                if not serves:
                    self.resting[receiver] = clock.monotonic() + REST
            except AWAY as error:
                log.warning("the store is away (%s); notices wait", type(error).__name__)
            except Exception:
                self.resting[receiver] = clock.monotonic() + REST
                log.exception("a receiver could not be served; trying again")
            finally:
                db.session.remove()

    def run(self, stop: threading.Event, every: float = 1.0) -> None:
        """Looks until told to stop."""
        with self.app.app_context():
            while not stop.is_set():
                try:
                    self.look()
                except AWAY:  # the deadline watch says so already
                    stop.wait(every * 10)
                except Exception:
                    log.exception("nothing could be sent; trying again")
                    stop.wait(every * 10)
                finally:
                    db.session.remove()
                stop.wait(every)


def start(app: Flask, stop: threading.Event) -> Callable[[], None]:
    """Starts delivery in a thread of its own; returns what waits for its end, at most a second."""
    thread = threading.Thread(target=Deliverer(app).run, args=(stop,), name="deliveries", daemon=True)
    thread.start()
    return lambda: thread.join(1)
