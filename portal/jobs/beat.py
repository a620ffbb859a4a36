"""The worker's sign of life, and the note of a time in which there was none."""

from datetime import datetime

from sqlalchemy import text

from portal.identity.actions import set_fact
from portal.jobs.rules import GAP
from portal.kernel.db import db, transaction
from portal.kernel.feed import Installation
from portal.kernel.instants import epoch

NAME, GAP_NAME = "heartbeat", "watch_gap"


def beat(now: datetime, *, leapt: bool = False) -> None:
    """Writes the heartbeat (epoch seconds); ten minutes of silence are noted as a gap. Moves no topic.

    `leapt`: the wall clock has jumped since the last one, so that its silence is none.
    """
    with transaction() as session:
        session.execute(
            text("INSERT INTO installation(name, value) VALUES(:n, :v) ON CONFLICT DO NOTHING"),
            {"n": NAME, "v": str(epoch(now))},
        )
        row = db.session.get_one(Installation, NAME, with_for_update=True, populate_existing=True)
        before = int(row.value)
        if epoch(now) - before > GAP and not leapt:
            set_fact(GAP_NAME, f"{before} {epoch(now)}")
        row.value = str(epoch(now))


def last() -> int | None:
    """When the watch last gave a sign of life, in epoch seconds."""
    row = db.session.get(Installation, NAME, populate_existing=True)
    return int(row.value) if row else None
