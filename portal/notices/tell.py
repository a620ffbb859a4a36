"""Telling people: rows in the outbox, in the same transaction as what they are told of."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, update

from portal.identity import absences
from portal.identity.absences import Deputy
from portal.kernel import feed
from portal.kernel.db import db, read, write_many
from portal.kernel.lists import spread
from portal.notices import many
from portal.notices.models import Notice
from portal.notices.outside import News, send_out

ADDED = (
    "INSERT INTO outbox(key, person_id, channel, kind, subject, facts, at, late_seconds, sent_at, attempts)"
    " VALUES(:key, :person_id, 'app', :kind, :subject, :facts, :at, :late_seconds, :at, 0) ON CONFLICT(key) DO NOTHING"
)

NOTED = (
    "INSERT INTO told(clock_id, step, person_id, case_id, kind, role, at, late_seconds, notice)"
    " VALUES(:clock_id, :step, :person_id, :case_id, :kind, :role, :at, :late_seconds, :notice) ON CONFLICT DO NOTHING"
)


def tell_all(news: Iterable[News], now: datetime) -> None:
    """Tells many at once, each key once for ever; the caller moves the topics of the people (`touch_people`)."""
    at, told = int(now.timestamp()), list(news)
    said = _spelled([one.facts for one in told])
    rows = [one._asdict() | {"facts": said[id(one.facts)], "at": at} for one in told]
    if rows:
        db.session.flush()
        write_many(ADDED, rows)
        send_out(told, now)


def _spelled(facts: Sequence[dict[str, Any]]) -> dict[int, str]:
    """Facts as JSON by their identity: what many hear is spelled once."""
    return {id(one): json.dumps(one) for one in {id(each): each for each in facts}.values()}


def note_told(rows: Iterable[dict[str, Any]]) -> None:
    """Notes who was told of which step of a clock, each person once for ever; rows as `Told`, epoch seconds."""
    write_many(NOTED, list(rows))


def touch_people(people: Iterable[int]) -> None:
    """Lets the screens of these people look again; in order, so that two workers never wait for each other."""
    feed.touch_topics(f"person:{person}" for person in people)


class Telling(NamedTuple):
    """News of one step for these people; the key is the step's, without the person."""

    people: Iterable[int]
    kind: str
    subject: str
    key: str
    facts: dict[str, Any]
    late_seconds: int = 0


def tell(
    people: Iterable[int],
    kind: str,
    *,
    subject: str,
    key: str,
    facts: dict[str, Any],
    now: datetime,
    late_seconds: int = 0,
    in_person: bool = False,
) -> int:
    """Tells each person once for this key, in the portal and on the ways they want; returns how many were told anew.

    Who is away is not told: the deputy is, and the fact `instead_of` names those it is for (DK3); `in_person` tells the
    people themselves. Inside an act on many cases one notice a person counts them (`many`).
    """
    act = many.act_of(kind, facts)
    if act:
        facts = many.counting(facts, now)
    one = Telling(people, kind, subject, act or key, facts, late_seconds)
    told, known = _new([one], {} if in_person else None, now)
    for person in known if act else ():
        many.count(act, person, kind, facts, now)
    _write(told, now)
    for told_anew in told if act else ():
        many.hold(act, told_anew.person_id, now)
    return len(told)


def tell_together(tellings: Iterable[Telling], now: datetime) -> None:
    """The same as `tell` for each of these, in as many statements as one takes; not inside an act on many cases."""
    _write(_new(tellings, None, now)[0], now)


def _write(told: Sequence[News], now: datetime) -> None:
    tell_all(told, now)
    touch_people(one.person_id for one in told)


def _new(
    tellings: Iterable[Telling], deputies: Mapping[int, Deputy] | None, now: datetime
) -> tuple[list[News], list[int]]:
    """What is to be told, with deputies in place of the absent, and whom it was told before."""
    wanted = [(one, sorted({person for person in one.people if person})) for one in tellings]
    if not any(people for _one, people in wanted):
        return [], []
    away = absences.deputies(now) if deputies is None else deputies
    news = [
        News(f"{one.key}:{person}", person, one.kind, one.subject, _said(one.facts, absent), one.late_seconds)
        for one, people in wanted
        for person, absent in instead(people, away).items()
    ]
    known = _known([one.key for one in news])
    return [one for one in news if one.key not in known], [one.person_id for one in news if one.key in known]


def _said(facts: dict[str, Any], absent: tuple[str, ...]) -> dict[str, Any]:
    return facts | {"instead_of": list(absent)} if absent else facts


def _known(keys: Sequence[str]) -> set[str]:
    """Which of these keys stand in the outbox."""
    if not keys:
        return set()
    db.session.flush()
    marks, values = spread("k", keys)
    return {row[0] for row in read(f"SELECT key FROM outbox WHERE key IN ({marks})", values)}


def instead(people: Iterable[int], deputies: Mapping[int, Deputy]) -> dict[int, tuple[str, ...]]:
    """Who is told in the end, in order of id, with the names of the absent it is for; nobody's for one's own news."""
    found: dict[int, tuple[str, ...]] = {}
    own = [person for person in people if person not in deputies]
    for person in people:
        if person in deputies:
            deputy = deputies[person]
            found[deputy.person_id] = (*found.get(deputy.person_id, ()), deputy.instead_of)
    return dict(sorted((found | dict.fromkeys(own, ())).items()))


def unread_count(person_id: int) -> int:
    """How many notices this person has not read."""
    mine = (Notice.person_id == person_id) & Notice.read_at.is_(None) & (Notice.channel == "app")
    return db.session.scalar(select(func.count()).select_from(Notice).where(mine)) or 0


def unread(person_id: int) -> tuple[int, int]:
    """How many notices this person has not read, and the number of the newest of all."""
    mine = (Notice.person_id == person_id) & (Notice.channel == "app")
    last = db.session.scalar(select(func.max(Notice.id)).where(mine)) or 0
    return unread_count(person_id), last


def unread_after(person_id: int, after: int, most: int) -> list[Notice]:
    """The newest unread notices after a number, newest first."""
    mine = (Notice.person_id == person_id) & Notice.read_at.is_(None) & (Notice.channel == "app") & (Notice.id > after)
    return list(db.session.scalars(select(Notice).where(mine).order_by(Notice.id.desc()).limit(most)))


def newest(person_id: int, limit: int = 50) -> list[Notice]:
    """The newest notices of a person."""
    mine = (Notice.person_id == person_id) & (Notice.channel == "app")
    return list(db.session.scalars(select(Notice).where(mine).order_by(Notice.id.desc()).limit(limit)))


def mark_read(person_id: int, now: datetime) -> None:
    """Marks all notices of a person as read."""
    mine = (Notice.person_id == person_id) & Notice.read_at.is_(None) & (Notice.channel == "app")
    db.session.execute(update(Notice).where(mine).values(read_at=now))
    feed.touch(f"person:{person_id}", 0)


def settle(person_id: int, kind: str, subject: str, now: datetime) -> None:
    """Marks as read what a person was told of a subject and what has been done since: nobody is kept busy by it."""
    mine = (Notice.person_id == person_id) & Notice.read_at.is_(None) & (Notice.channel == "app")
    told = mine & (Notice.kind == kind) & (Notice.subject == subject)
    if db.session.execute(update(Notice).where(told).values(read_at=now).returning(Notice.id)).all():
        feed.touch(f"person:{person_id}", 0)
