"""The status page goes outside as files on every change; a folder that cannot be written is tried again and named."""

import errno
import logging
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import select

from portal.identity.actions import set_fact
from portal.incidents import status, status_files
from portal.incidents.models import Incident
from portal.kernel import feed
from portal.kernel.db import db, transaction
from portal.kernel.instants import epoch

LOOK_EVERY = 60  # seconds: what is over leaves the page by time, and a file that was taken away comes back
AGAIN_AFTER = 15
log = logging.getLogger("portal.worker")


@dataclass
class StatusExport:
    """What this worker last wrote: of which version of the incidents, when, and whether it succeeded."""

    seen: int = -1
    at: int = 0
    failed: bool = False

    def step(self, now: datetime) -> int:
        """Writes what differs, if anything may; returns how many files were written. Never raises for the folder."""
        folder = current_app.config["PORTAL"].status_dir
        here, at = feed.version("incidents"), epoch(now)
        waits = AGAIN_AFTER if self.failed else LOOK_EVERY
        if folder is None or (here == self.seen and abs(at - self.at) < waits):
            return 0
        self.seen, self.at = here, at
        wanted = status_files.files(now)
        try:
            written = status_files.write(folder, wanted)
        except OSError as error:
            self._noted("failed", at, errno.errorcode.get(error.errno or 0, "OSError"))
            return 0
        if written or self.failed or status.exported() is None:
            self._noted("written", at)
        return written

    def _noted(self, state: str, at: int, why: str = "") -> None:
        """Keeps how it ended, and lets the screens that show it look again; a failure that lasts is noted once."""
        before = status.exported()
        self.failed = state == "failed"
        if self.failed and before is not None and (before.state, before.why) == (state, why):
            return
        if self.failed:
            log.warning("the status page cannot be written (%s)", why)
        with transaction():
            set_fact(status.FACT, f"{state} {at} {why}".strip())
            feed.touch("status", 0)
            for incident_id in db.session.scalars(select(Incident.id).where(Incident.state == "active")):
                feed.touch(f"incident:{incident_id}", incident_id)
