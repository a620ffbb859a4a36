"""What the supervisor says of a hotline (IN7): periods in which its line was busy, and calls typed by hand."""

from datetime import datetime, timedelta

from sqlalchemy import select

from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.intake import call_actions, call_rules
from portal.intake.models import BusyPeriod, Hotline
from portal.journal import stream
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Missing

STREAM = "hotlines"
LONGEST = timedelta(hours=12)
TYPED = "CallTyped"
BY_HAND = 0  # the token of a call that no machine handed in


def declare_busy(
    actor: Actor, now: datetime, *, hotline: str, begin: datetime, end: datetime, words: str
) -> BusyPeriod:
    """The line of a hotline was or is busy in [begin, end). Said twice it is one; overlapping ones are refused."""
    allow(actor, "hotline.declare")
    line = _line(hotline, locked=True)
    if not begin < end <= begin + LONGEST:
        raise Invalid("busy_span", field="end")
    if len(words.strip()) < 2:
        raise Invalid("text_missing", field="words")
    crossing = select(BusyPeriod).where(
        BusyPeriod.hotline_id == line.id, BusyPeriod.from_at < end, BusyPeriod.until_at > begin
    )
    for known in db.session.scalars(crossing):
        if (known.from_at, known.until_at, known.by_id) == (begin, end, actor.id):
            return known
        raise Invalid("busy_overlaps", field="begin")
    row = BusyPeriod(hotline_id=line.id, from_at=begin, until_at=end, words=words.strip()[:200], by_id=actor.id, at=now)
    db.session.add(row)
    db.session.flush()
    _note(actor, now, "BusyDeclared", line, row)
    return row


def take_back(actor: Actor, now: datetime, period_id: int) -> None:
    """A period that was declared by mistake counts no longer; the journal keeps it. Raises Missing."""
    allow(actor, "hotline.declare")
    row = db.session.get(BusyPeriod, period_id)
    if row is None:
        raise Missing("not_found")
    _note(actor, now, "BusyTakenBack", db.session.get_one(Hotline, row.hotline_id), row)
    db.session.delete(row)
    db.session.flush()


def type_call(
    actor: Actor, now: datetime, *, key: str, hotline: str, offered: datetime, wait: int, talk: int | None, busy: bool
) -> bool:
    """A call that the telephone system did not hand in; `talk` seconds, None: nobody answered. False: typed before."""
    allow(actor, "hotline.declare")
    answered = offered + timedelta(seconds=wait)
    said = {
        "key": key or "-", "hotline": hotline, "offered": offered.isoformat(), "busy": busy,
        "answered": answered.isoformat() if talk is not None else None,
        "ended": (answered + timedelta(seconds=talk or 0)).isoformat(),
    }  # fmt: skip
    new, _known = call_actions.take_calls(actor, now, BY_HAND, [call_rules.call_of(said, now)])
    if new:
        facts = {"hotline": hotline, "offered": int(offered.timestamp()), "wait": wait, "talk": talk, "busy": busy}
        stream.append(STREAM, TYPED, facts, by_id=actor.id, at=now)
    return bool(new)


def _line(code: str, *, locked: bool = False) -> Hotline:
    """The hotline; locked, so that two periods declared at once see each other."""
    wanted = select(Hotline).where(Hotline.code == code)
    found = db.session.scalar(wanted.with_for_update(key_share=True) if locked else wanted)
    if found is None:
        raise Invalid("hotline_unknown", field="hotline")
    return found


def _note(actor: Actor, now: datetime, kind: str, line: Hotline, row: BusyPeriod) -> None:
    facts = {
        "hotline": line.code, "from": int(row.from_at.timestamp()), "until": int(row.until_at.timestamp()),
        "words": row.words,
    }  # fmt: skip
    stream.append(STREAM, kind, facts, by_id=actor.id, at=now)
