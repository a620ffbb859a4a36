"""Drafts reports in a thread of their own beside the deadline watch, which never waits for one."""

import logging
import os
import threading
from contextlib import suppress

from flask import Flask
from sqlalchemy.exc import DBAPIError

from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.errors import Busy, Stale
from portal.reports.drafting import Drafting

LOOK_EVERY = 1.0  # seconds
NICE = 5  # others have three times its share of a processor that is short
BREATH = 0.05  # seconds between two slices of a draft
AFTER_FAILURE = 60.0  # seconds of rest after what nobody foresaw
AWAY = (DBAPIError, OSError, Busy, Stale)
log = logging.getLogger("portal.worker")


def give_way() -> None:
    """This thread works on while nobody else wants the processor, and steps back where somebody does (Linux)."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


def start(app: Flask, stop: threading.Event) -> None:
    """Drafts until told to stop; while the store is away it tries again, beginning that draft anew.

    What nobody foresaw is logged with its place and tried again after a rest: the thread ends with its process only.
    """

    def run() -> None:
        drafting = Drafting()
        give_way()
        with app.app_context():
            while not stop.wait(BREATH if drafting.paper_id else LOOK_EVERY):
                try:
                    drafting.step(clock.now())
                except AWAY as error:
                    drafting = Drafting()
                    log.warning("drafting waits for the store (%s)", type(error).__name__)
                except Exception:
                    drafting = Drafting()
                    log.exception("a report could not be drafted; trying again")
                    stop.wait(AFTER_FAILURE)
                finally:
                    db.session.remove()

    threading.Thread(target=run, name="drafting", daemon=True).start()
