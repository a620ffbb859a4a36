"""The daily emergency kit, written by the worker beside everything else: it blocks nothing, and a failure is shown."""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, current_app
from sqlalchemy import text

from portal.backup import kit
from portal.identity import queries as people
from portal.kernel import clock
from portal.kernel.db import db, transaction, write
from portal.kernel.errors import Refused
from portal.kernel.i18n import local
from portal.kernel.instants import epoch
from portal.notices.tell import tell

FROM_HOUR = 5  # written from this hour of the day on
AGAIN = 3600  # seconds after which a day's kit that failed, or whose worker died, is tried again
CLAIM = (
    "INSERT INTO kit_run(day, tried_at, size, fault) VALUES(:day, :now, 0, '') ON CONFLICT(day) DO UPDATE"
    " SET tried_at = :now WHERE kit_run.done_at IS NULL AND kit_run.tried_at <= :old RETURNING id"
)
DONE = text("UPDATE kit_run SET done_at = :done, size = :size, fault = :fault WHERE day = :day")
log = logging.getLogger("portal.worker")


@dataclass
class Kit:
    """One worker's part: the thread that writes, and until when nobody needs to ask again (epoch seconds)."""

    writing: threading.Thread | None = None
    ask_again: int = 0
    done: str = ""

    def step(self, now: datetime) -> bool:
        """Begins to write today's kit where none is written yet; returns whether it did."""
        settings, here = current_app.config["PORTAL"], local(now)
        day = f"{here:%Y-%m-%d}"
        if settings.kit is None or here.hour < FROM_HOUR or day == self.done or epoch(now) < self.ask_again:
            return False
        if self.writing is not None and self.writing.is_alive():
            return False
        self.ask_again = epoch(now) + 60
        with transaction():
            mine = write(CLAIM, {"day": day, "now": epoch(now), "old": epoch(now) - AGAIN})
        if not mine:
            return False
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        self.writing = threading.Thread(target=self._write, args=(app, day), name="kit", daemon=True)
        self.writing.start()
        return True

    def _write(self, app: Flask, day: str) -> None:
        with app.app_context():
            try:
                if run(day, clock.now()):
                    self.done = day
            finally:
                db.session.remove()


def run(day: str, now: datetime) -> bool:
    """Writes a day's kit and notes how it went; whoever keeps the portal hears of a failure once a day."""
    settings = current_app.config["PORTAL"]
    fault, size = "", 0
    try:
        size = kit.write(settings.kit, day, now, settings.kit_days)
    except (OSError, Refused) as error:
        fault = f"{type(error).__name__}: {getattr(error, 'strerror', None) or getattr(error, 'code', error)}"[:200]
        log.warning("the emergency kit was not written (%s)", fault)
    _note(day, now, size, fault)
    return not fault


def _note(day: str, now: datetime, size: int, fault: str) -> None:
    values: dict[str, Any] = {"done": None if fault else epoch(now), "size": size, "fault": fault, "day": day}
    with transaction():
        db.session.connection().execute(DONE, values)
        if fault:
            tell(
                people.holders("admin"), "kit_failed", subject="backup", key=f"kit_failed:{day}",
                facts={"title": fault}, now=now,
            )  # fmt: skip
