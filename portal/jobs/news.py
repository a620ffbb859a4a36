"""Announcements of incidents on their way into the linked cases (EM4, EM6): in batches, each row once, until done."""

import logging
from datetime import datetime

from sqlalchemy.exc import OperationalError

from portal.identity.actor import SYSTEM
from portal.incidents import news_actions
from portal.kernel.db import db, read, transaction
from portal.kernel.errors import Busy

BATCH = 100
WAITING = "SELECT id FROM incident_reach WHERE state = 'waiting' AND id > :after ORDER BY id LIMIT :most"
log = logging.getLogger("portal.news")


def pass_on_news(now: datetime) -> int:
    """Settles every row that waits, late if the worker was away; returns how many. One indexed question where none."""
    settled, after = 0, 0
    while ids := [row[0] for row in read(WAITING, {"after": after, "most": BATCH})]:
        settled += _batch(now, ids)
        after = ids[-1]
    return settled


def _batch(now: datetime, ids: list[int]) -> int:
    """A whole batch in one transaction; where one row spoils it, each row in its own."""
    try:
        with transaction():
            return news_actions.pass_on(SYSTEM, now, ids)
    except (OperationalError, Busy):  # the store is away: all of it waits
        raise
    except Exception as error:
        db.session.rollback()
        if len(ids) > 1:
            return sum(_batch(now, [one]) for one in ids)
        log.error("announcement row %s could not be passed on", ids[0], exc_info=error)
        with transaction():
            news_actions.give_up(SYSTEM, now, ids[0], type(error).__name__)
        return 0
