"""One act on many cases tells a person once (DK6): one notice that counts, in place of a notice for each case."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.kernel import feed
from portal.kernel.db import db
from portal.notices.models import Notice, Robot
from portal.notices.rules import FIRST_LEVEL

HELD = timedelta(seconds=60)  # mail and robots wait so long after the last case, so that they say how many there were
SETTLES = 4  # seconds without a further case after which an act is taken to be over, for the desktop
AT_MOST = 20  # seconds after which the desktop says what there is, over or not
SHOWN = 20  # numbers of cases kept in a notice
LISTS = {"assigned": "mine", "chased": "mine", "undone": "mine"}  # queue with the cases, by kind; else the departments
_act: ContextVar[str] = ContextVar("act", default="")


@contextmanager
def one_act(key: str) -> Iterator[None]:
    """Everything told inside belongs to the act with this key; the key has to name the person who does it."""
    token = _act.set(key)
    try:
        yield
    finally:
        _act.reset(token)


def act_of(kind: str, facts: Mapping[str, Any]) -> str:
    """The key under which news of this kind counts; empty outside an act, and for P1, which is told case by case."""
    act = _act.get()
    return f"act:{act}:{kind}" if act and facts.get("level") != FIRST_LEVEL else ""


def counting(facts: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The facts of an act's first notice; `last` is when its newest case was counted, in epoch seconds."""
    return {**facts, "many": 1, "nos": [facts.get("no", "")], "last": int(now.timestamp())}


def goes_on(row: Notice, now: datetime) -> bool:
    """Whether the act of a notice may still be counting cases, so that it is too soon to say how many."""
    if "last" not in row.facts:
        return False
    since = now.timestamp() - row.facts["last"]
    return 0 <= since < SETTLES and (now - row.at).total_seconds() < AT_MOST


def hold(act: str, person: int, now: datetime) -> None:
    """Lets what leaves the portal wait for the rest of the act."""
    for row in _outside(act, person):
        row.again_at = now + HELD


def count(act: str, person: int, kind: str, facts: Mapping[str, Any], now: datetime) -> None:
    """One case more in a person's notice of the act, which is new again."""
    mine = select(Notice).where(Notice.key == f"{act}:{person}").with_for_update()
    row = db.session.scalars(mine.execution_options(populate_existing=True)).one()
    many, nos = row.facts["many"] + 1, row.facts["nos"]
    kept = {name: row.facts[name] for name in ("instead_of",) if name in row.facts}
    row.subject = f"list:{LISTS.get(kind, '')}"
    row.facts = kept | {"many": many, "nos": [*nos, facts.get("no", "")][:SHOWN], "last": int(now.timestamp())}
    row.read_at = None
    for sent in _outside(act, person):
        sent.subject, sent.facts, sent.again_at = row.subject, {"many": many}, now + HELD
    feed.touch(f"person:{person}", 0)


def _outside(act: str, person: int) -> list[Notice]:
    """What waits to leave the portal for this person and act: mail, and the robot that speaks for the person first."""
    robots = [f"{act}:robot:{number}" for number in db.session.scalars(select(Robot.id))]
    keys = Notice.key.in_([f"{act}:{person}:mail", *robots])
    waiting = (Notice.person_id == person) & (Notice.state == "waiting")
    return list(db.session.scalars(select(Notice).where(keys, waiting)))
