"""The worker's part in sealing: once in every five minutes, when there is something new and its numbers are settled."""

import logging
from dataclasses import dataclass
from datetime import datetime

from portal.archive import access_seals
from portal.identity import queries as people
from portal.journal import anchors, seals
from portal.journal.seals import EVERY, MOST, Sealed, Settling
from portal.kernel.db import transaction
from portal.kernel.i18n import local
from portal.kernel.instants import epoch
from portal.notices.outside import mail_once

log = logging.getLogger("portal.worker")


@dataclass
class Sealing:
    """When this worker last looked, and what it waits for."""

    slot: int = -1
    waiting: Settling | None = None
    looks: int = 0  # up to which row of the access log
    anchored: bool = False  # whether the file has what the store has, as far as this worker knows
    said: str = ""
    mailed: str = ""

    def step(self, now: datetime) -> bool:
        """Seals what there is at the first tick of each five minutes; True when a seal was made.

        A tick within them asks the store nothing; the first one looks at one index and the newest seal.
        """
        slot = epoch(now) // EVERY
        if slot != self.slot:
            self.slot, self.looks = slot, access_seals.latest()
            self.waiting = seals.look()
            if self.waiting.until <= seals.newest().last_id and self.looks <= access_seals.sealed():
                self.waiting = None
        if self.waiting is None or not seals.settled(self.waiting):
            self._anchor()
            return False
        if self.looks:
            access_seals.seal(self.looks, now)  # its entry is not settled yet: it comes under the next seal
            self.looks = 0
        made = seals.seal_next(self.waiting, epoch(now))
        if made is None or made.count < MOST:
            self.waiting = None
        self.anchored = self.anchored and made is None
        self._anchor()
        if made:
            self._mail(made, now)
        return made is not None

    def _anchor(self) -> None:
        """Writes the lines that the file lacks; while it cannot be reached, each tick tries again; said once."""
        if self.anchored:
            return
        try:
            anchors.catch_up(anchors.place())
        except OSError as error:
            if self.said != str(error):
                log.warning("seals cannot be anchored: %s", error)
                self.said = str(error)
            return
        self.anchored, self.said = True, ""

    def _mail(self, made: Sealed, now: datetime) -> None:
        """Sends the day's first seal to the auditors: a mailbox is a second place outside the store."""
        day = local(now).date().isoformat()
        if day != self.mailed:
            with transaction():
                facts = {"no": anchors.short(made), "count": made.count}
                mail_once(people.holders("auditor"), "sealed", f"sealed:{day}", facts, now)
            self.mailed = day
