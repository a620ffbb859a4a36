"""A step of the ladder is acknowledged by somebody it was told to: with the button, or by doing something on the case.

Any entry that this person makes in the case's journal counts; opening the case counts as nothing. What nobody
acknowledges in time is passed on by the watch (SL8).
"""

from collections.abc import Iterable
from datetime import datetime
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
from portal.notices.models import Notice
from portal.notices.tell import touch_people

WAITING = "SELECT id, told_step FROM clock WHERE case_id = :case AND answer_by IS NOT NULL"
ASKED = "SELECT id, told_step, answer_by FROM clock WHERE id IN ({}) AND answer_by IS NOT NULL AND outcome = 'running'"


def acknowledge(actor: Actor, now: datetime, notice_id: int) -> None:
    """This person has seen what was told and deals with it; a second time, or too late, it changes nothing."""
    allow(actor, "notice.read")
    notice = db.session.get(Notice, notice_id)
    if notice is None or notice.person_id != actor.id:
        raise Missing("no_such_notice")
    clock_id, step = step_of(notice.key)
    clock = db.session.get(Clock, clock_id) if clock_id else None
    if clock:
        case = db.session.get_one(Case, clock.case_id, with_for_update=True, populate_existing=True)
        db.session.refresh(clock)
        if clock.told_step == step and clock.answer_by:
            _answered(case, [clock], now)
    notice.acknowledged_at = notice.acknowledged_at or now
    notice.read_at = notice.read_at or now
    touch_people([actor.id])


def by_deed(case: Case, by: Actor, at: datetime) -> None:
    """Somebody did something on a case: what was told to this person about it and waits for an answer has one."""
    asked = dict(write(WAITING, {"case": case.id})) if by.id else {}
    if not asked:
        return
    keys = [f"clock:{clock_id}:{step}:{by.id}" for clock_id, step in asked.items()]
    notices = list(db.session.scalars(select(Notice).where(Notice.key.in_(keys))))
    if notices:
        _answered(case, [db.session.get_one(Clock, step_of(notice.key)[0]) for notice in notices], at)
    for notice in notices:  # not marked as read: no topic moves here, which would cross with what the deed tells others
        notice.acknowledged_at = at


def _answered(case: Case, clocks: Iterable[Clock], now: datetime) -> None:
    for clock in clocks:
        clock.answer_by = None
    db.session.flush()
    refresh(case, Keeper(case, now))


def asked(news: Iterable[Any]) -> dict[int, int]:
    """Which of these notices wait for an answer, and until when (epoch seconds), by the notice's id."""
    steps = {n.id: step_of(n.key) for n in news if not n.acknowledged_at}
    ids = sorted({clock_id for clock_id, _ in steps.values() if clock_id})
    rows = read(ASKED.format(",".join(map(str, ids))), {}) if ids else []
    waiting = {(row[0], row[1]): row[2] for row in rows}
    return {notice_id: waiting[step] for notice_id, step in steps.items() if step in waiting}


def step_of(key: str) -> tuple[int, int]:
    """The clock and the step that a notice's key names; (0, 0) for other notices."""
    parts = key.split(":")
    return (int(parts[1]), int(parts[2])) if parts[0] == "clock" and len(parts) == 4 else (0, 0)
