"""A step of the ladder is acknowledged by somebody it was told to: with the button, or by doing something on the case.

Any entry that this person makes in the case's journal counts; opening the case counts as nothing. What nobody
acknowledges in time is passed on by the watch (SL8).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.cases.clockwork import refresh
from portal.cases.models import Case
from portal.clocks.keeper import Keeper
from portal.clocks.models import Clock
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel.db import db, read, write
from portal.kernel.errors import Missing
from portal.notices.models import Notice, Told
from portal.notices.tell import touch_people

WAITING = "SELECT id, told_step FROM clock WHERE case_id = :case AND answer_by IS NOT NULL"
ASKED = "SELECT id, told_step, answer_by FROM clock WHERE id IN ({}) AND answer_by IS NOT NULL AND outcome = 'running'"

CROWD = "storm:"
CROWD_ASKED = (
    "SELECT min(c.answer_by) FROM told t JOIN clock c ON c.id = t.clock_id AND c.told_step = t.step"
    " WHERE t.person_id = :who AND t.at >= :since AND t.at < :before AND t.notice = :key"
    " AND t.acknowledged_at IS NULL AND c.answer_by IS NOT NULL AND c.outcome = 'running'"
)
FRESH = {"populate_existing": True}


def acknowledge(actor: Actor, now: datetime, notice_id: int) -> None:
    """This person has seen what was told and deals with it; a second time, or too late, it changes nothing.

    The digest of a crowded minute is acknowledged as a whole.
    """
    allow(actor, "notice.read")
    notice = db.session.get(Notice, notice_id)
    if notice is None or notice.person_id != actor.id:
        raise Missing("no_such_notice")
    steps: dict[int, dict[int, int]] = {}  # by case: clock and step
    for row in _said_by(notice):
        steps.setdefault(row.case_id, {})[row.clock_id] = row.step
        row.acknowledged_at = row.acknowledged_at or now
    for case_id in sorted(steps):
        case = db.session.get_one(Case, case_id, with_for_update=True, populate_existing=True)
        clocks = db.session.scalars(select(Clock).where(Clock.id.in_(steps[case_id])).execution_options(**FRESH))
        waiting = [c for c in clocks if c.answer_by and c.told_step == steps[case_id][c.id]]
        if waiting:
            _answered(case, waiting, now)
    notice.acknowledged_at = notice.acknowledged_at or now
    notice.read_at = notice.read_at or now
    touch_people([actor.id])


def by_deed(case: Case, by: Actor, at: datetime) -> None:
    """Somebody did something on a case: what was told to this person about it and waits for an answer has one."""
    asked = dict(write(WAITING, {"case": case.id})) if by.id else {}
    if not asked:
        return
    rows = db.session.scalars(select(Told).where(Told.case_id == case.id, Told.person_id == by.id))
    mine = [row for row in rows if asked.get(row.clock_id) == row.step]
    if mine:
        _answered(case, [db.session.get_one(Clock, row.clock_id) for row in mine], at)
    for row in mine:  # not marked as read: no topic moves here, which would cross with what the deed tells others
        row.acknowledged_at = at
    keys = [row.notice for row in mine if row.notice.startswith("clock:")]
    for notice in db.session.scalars(select(Notice).where(Notice.key.in_(keys))) if keys else ():
        notice.acknowledged_at = at


def _answered(case: Case, clocks: Iterable[Clock], now: datetime) -> None:
    for clock in clocks:
        clock.answer_by = None
    db.session.flush()
    refresh(case, Keeper(case, now))


def _said_by(notice: Notice) -> list[Told]:
    """The steps of which a notice tells: one, or those of a crowded minute."""
    clock_id, step = step_of(notice.key)
    query = select(Told).where(Told.person_id == notice.person_id)
    if clock_id:
        return list(db.session.scalars(query.where(Told.clock_id == clock_id, Told.step == step)))
    if not notice.key.startswith(CROWD):
        return []
    since = notice.at.replace(second=0)
    minute = (Told.at >= since) & (Told.at < since + timedelta(minutes=1))
    return list(db.session.scalars(query.where(minute, Told.notice == notice.key)))


def asked(news: Iterable[Any]) -> dict[int, int]:
    """Which of these notices wait for an answer, and until when (epoch seconds), by the notice's id."""
    open_news = [n for n in news if not n.acknowledged_at]
    steps = {n.id: step_of(n.key) for n in open_news}
    ids = sorted({clock_id for clock_id, _ in steps.values() if clock_id})
    rows = read(ASKED.format(",".join(map(str, ids))), {}) if ids else []
    waiting = {(row[0], row[1]): row[2] for row in rows}
    found = {notice_id: waiting[step] for notice_id, step in steps.items() if step in waiting}
    for n in open_news:
        if n.key.startswith(CROWD):
            since = int(n.at.timestamp()) // 60 * 60
            until = read(CROWD_ASKED, {"who": n.person_id, "since": since, "before": since + 60, "key": n.key})[0][0]
            found |= {n.id: until} if until else {}
    return found


def step_of(key: str) -> tuple[int, int]:
    """The clock and the step that a notice's key names; (0, 0) for other notices."""
    parts = key.split(":")
    return (int(parts[1]), int(parts[2])) if parts[0] == "clock" and len(parts) == 4 else (0, 0)
