"""Notices on their way out in the demonstration, so that the page of sending shows what it is for; nothing leaves."""

from datetime import datetime, timedelta

from sqlalchemy import select

from portal.demo.play import Stage
from portal.kernel.db import db
from portal.notices.models import Choice, Notice, Robot
from portal.notices.rules import SHIPPED, without_customer_data

ADDRESS = "https://robot.example.com/demo"  # a host that is nobody's; the test says that it is not allowed
SAID = ("TimeoutError timed out", "451 4.7.1 try again later")


def set_up(stage: Stage) -> None:
    """A robot for everybody, an address for each of staff, one notice given up and one that waits for its next try."""
    robot = Robot(unit_id=None, kind="wecom", address=ADDRESS)
    db.session.add(robot)
    for person in stage.people.values():
        mine = {"mail": f"{person.login}@example.com", "ways": dict(SHIPPED["groups"])}
        db.session.add(Choice(person_id=person.id, quiet=SHIPPED["quiet"], daily_at=SHIPPED["daily_at"], **mine))
    db.session.flush()
    told = select(Notice).where(Notice.channel == "app", Notice.subject.like("case:%"))
    for n, notice in enumerate(db.session.scalars(told.order_by(Notice.id.desc()).limit(2)).all()):
        db.session.add(_leaving(notice, stage.as_of, robot.id if n == 0 else None))


def _leaving(notice: Notice, now: datetime, robot_id: int | None) -> Notice:
    """The copy of a notice that leaves: by the robot given up, by mail waiting."""
    return Notice(
        key=f"{notice.key}:{'robot' if robot_id else 'mail'}", person_id=notice.person_id, kind=notice.kind,
        channel="robot" if robot_id else "mail", subject=notice.subject, facts=without_customer_data(notice.facts),
        at=notice.at, late_seconds=0, robot_id=robot_id, state="parked" if robot_id else "waiting",
        attempts=5 if robot_id else 2, again_at=now + timedelta(minutes=15), said=SAID[0 if robot_id else 1],
    )  # fmt: skip
