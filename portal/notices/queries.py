"""Reading what leaves the portal: rows that wait or were given up, the robots."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select

from portal.kernel.db import db, read
from portal.kernel.errors import Missing
from portal.notices.models import Notice, Robot

SHOWN = 100
STANDING = (
    "SELECT channel, count(*), min(at), max(attempts) FROM outbox WHERE state = 'waiting'"
    " AND (kind <> 'daily' OR attempts > 0) GROUP BY channel"
)
GIVEN_UP = "SELECT channel, count(*) FROM outbox WHERE state = 'parked' GROUP BY channel"


class Standing(NamedTuple):
    """How one channel stands: rows that wait, since when the oldest (epoch seconds), most failures, rows given up."""

    channel: str
    waiting: int = 0
    oldest: int | None = None
    failures: int = 0
    parked: int = 0


def standing() -> list[Standing]:
    """Mail and robots as they stand now."""
    waits = {row[0]: Standing(*row) for row in read(STANDING, {})}
    parked: dict[str, int] = dict(read(GIVEN_UP, {}))  # type: ignore[arg-type]
    return [
        waits.get(name, Standing(name))._replace(parked=parked.get(name, 0)) for name in ("mail", "robot")
    ]  # fmt: skip


def parked() -> list[Notice]:
    """Rows that were given up, newest first."""
    return _rows(Notice.state == "parked", newest=True)


def waiting(now: datetime) -> list[Notice]:
    """Rows whose time has come, the oldest first; a digest of tomorrow does not wait yet."""
    return _rows((Notice.state == "waiting") & ((Notice.again_at <= now) | (Notice.attempts > 0)))


def _rows(which: ColumnElement[bool], *, newest: bool = False) -> list[Notice]:
    order = Notice.id.desc() if newest else Notice.id
    return list(db.session.scalars(select(Notice).where(which).order_by(order).limit(SHOWN)))


def robots() -> list[Robot]:
    """All robots, the common one first."""
    return list(db.session.scalars(select(Robot).order_by(func.coalesce(Robot.unit_id, 0))))


def robot(robot_id: int) -> Robot:
    """The robot with this id. Raises Missing."""
    found = db.session.get(Robot, robot_id)
    if found is None:
        raise Missing("no_such_robot")
    return found
