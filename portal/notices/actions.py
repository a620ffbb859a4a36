"""Setting robots up and sending again what was given up. The journal keeps a robot's host, never its key."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import select, update

from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.errors import Invalid
from portal.notices import ways
from portal.notices.models import Choice, Notice, Robot

STREAM = "config:delivery"


def choose(actor: Actor, *, mail: str, ways_of: dict[str, list[str]], quiet: bool, daily_at: int) -> None:
    """Keeps what a person wants to be sent. `daily_at` in minutes after midnight."""
    allow(actor, "notice.read")
    mine = Choice(person_id=actor.id, mail=mail, ways=ways_of, quiet=quiet, daily_at=daily_at)
    db.session.merge(mine)
    feed.touch(f"person:{actor.id}", 0)


def set_robot(
    actor: Actor, now: datetime, robot: Robot, *, unit_id: int | None, kind: str, address: str, locale: str,
    secret: str = "", unsigned: bool = False,
) -> None:  # fmt: skip
    """Keeps a new or changed robot; an empty address or secret keeps the one it has. Raises Invalid with the field."""
    allow(actor, "delivery.manage")
    ways.check_address(kind, address or robot.address or "", current_app.config["PORTAL"].robot_hosts)
    with db.session.no_autoflush:
        taken = db.session.scalar(
            select(Robot.id).where(Robot.unit_id.is_(None) if unit_id is None else Robot.unit_id == unit_id)
        )
    if secret and kind not in ways.SIGNING:
        raise Invalid("robot_signs_nothing", field="secret")
    if taken is not None and taken != robot.id:
        raise Invalid("robot_taken", field="unit")
    robot.unit_id, robot.kind, robot.locale = unit_id, kind, locale
    robot.address = address or robot.address
    robot.secret = "" if unsigned or kind not in ways.SIGNING else secret or robot.secret or ""
    db.session.add(robot)
    db.session.flush()
    _write_down("RobotSet", robot, actor, now)


def remove_robot(actor: Actor, now: datetime, robot: Robot) -> None:
    """Takes a robot away; what waited for it is not sent."""
    allow(actor, "delivery.manage")
    _write_down("RobotRemoved", robot, actor, now)
    db.session.delete(robot)


def _write_down(kind: str, robot: Robot, actor: Actor, now: datetime) -> None:
    facts: dict[str, Any] = {"robot": robot.id, "unit": robot.unit_id, "kind": robot.kind}
    stream.append(STREAM, kind, facts | {"host": urlsplit(robot.address).hostname}, by_id=actor.id, at=now)


def send_again(actor: Actor, now: datetime, notice_id: int | None = None) -> int:
    """Lets a row that was given up, or all of them, wait anew; returns how many."""
    allow(actor, "delivery.manage")
    which = Notice.state == "parked"
    if notice_id is not None:
        which &= Notice.id == notice_id
    again = update(Notice).where(which).values(state="waiting", attempts=0, again_at=now, leased_until=None)
    moved = db.session.execute(again.returning(Notice.id)).all()
    if moved:
        stream.append(STREAM, "SentAgain", {"rows": len(moved)}, by_id=actor.id, at=now)
    return len(moved)
