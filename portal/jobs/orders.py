"""The watch of orders: one indexed question a round, and what is due is done in batches (WF2, WF3)."""

from datetime import datetime

from portal.identity.actor import SYSTEM
from portal.kernel.db import read, transaction
from portal.kernel.instants import epoch
from portal.workflows import queries
from portal.workflows.time_actions import follow_time

BATCH, MOST_BATCHES = 100, 100
DUE = (
    "SELECT id FROM (SELECT order_id AS id, next_at AS at FROM order_step WHERE next_at IS NOT NULL AND next_at <= :now"
    " UNION SELECT id, next_at FROM work_order WHERE next_at IS NOT NULL AND next_at <= :now"
    " UNION SELECT id, pause_until FROM work_order WHERE pause_until IS NOT NULL AND pause_until <= :now"
    " UNION SELECT order_id, next_at FROM reservation WHERE next_at IS NOT NULL AND next_at <= :now"
    " UNION SELECT order_id, until_at FROM reservation WHERE state = 'held' AND until_at <= :now"
    ") found ORDER BY at, id LIMIT :most"
)


def look_at_orders(now: datetime) -> int:
    """Does what is due in every order by `now`; returns how many orders there were."""
    done = 0
    for _ in range(MOST_BATCHES):
        found = list(dict.fromkeys(row[0] for row in read(DUE, {"now": epoch(now), "most": BATCH})))
        if not found:
            break
        with transaction():
            for order_id in sorted(found):
                follow_time(SYSTEM, now, queries.locked(order_id))
        done += len(found)
    return done
