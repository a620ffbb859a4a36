"""The nightly training of the score that proposes: a slice a tick beside the deadline watch, by one worker."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.identity import actions
from portal.identity import queries as people
from portal.identity.actor import SYSTEM
from portal.jobs.rules import night_of
from portal.kernel.db import transaction
from portal.kernel.i18n import local
from portal.proposals import actions as proposals
from portal.proposals import training

FACT = "proposals_night"


@dataclass
class Learning:
    """One worker's training of tonight; a worker that dies leaves it to the next night."""

    done: str = ""
    steps: Iterator[Any] | None = None

    def step(self, now: datetime) -> bool:
        """Does the next slice; True while there is more to do tonight."""
        night = night_of(local(now))
        if self.steps is None:
            if night == self.done:
                return False
            self.done = night
            self.steps = self._begin(night)
            return self.steps is not None
        made = next(self.steps, None)
        if made is None:
            return True
        self.steps = None
        with transaction():
            proposals.keep(SYSTEM, now, *made)
        return False

    def _begin(self, night: str) -> Iterator[Any] | None:
        """Tonight's training, if it is worth it and no other worker does it."""
        if people.fact(FACT) == night or not training.due():
            return None
        parts = training.prepared()
        if parts is None:
            return None
        with transaction():
            if people.fact(FACT) == night:
                return None
            actions.set_fact(FACT, night)
        return training.trained(*parts)
