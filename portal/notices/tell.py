"""Telling people: rows in the outbox, in the same transaction as what they are told of."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text, update

from portal.identity import absences
from portal.identity.absences import Deputy
from portal.kernel import feed
from portal.kernel.db import db
from portal.notices import many
from portal.notices.models import Notice
from portal.notices.outside import News, send_out

ADDED = text(
    "INSERT INTO outbox(key, person_id, channel, kind, subject, facts, at, late_seconds, sent_at, attempts)"
    " VALUES(:key, :person_id, 'app', :kind, :subject, :facts, :at, :late_seconds, :at, 0) ON CONFLICT(key) DO NOTHING"
)

NOTED = text(
    "INSERT INTO told(clock_id, step, person_id, case_id, kind, role, at, late_seconds, notice)"
    " VALUES(:clock_id, :step, :person_id, :case_id, :kind, :role, :at, :late_seconds, :notice) ON CONFLICT DO NOTHING"
)


def tell_all(news: Iterable[News], now: datetime) -> None:
    """Tells many at once, each key once for ever; the caller moves the topics of the people (`touch_people`)."""
    at, told = int(now.timestamp()), list(news)
    rows = [one._asdict() | {"facts": json.dumps(one.facts), "at": at} for one in told]
    if rows:
        db.session.connection().execute(ADDED, rows)
        send_out(told, now)


def note_told(rows: Iterable[dict[str, Any]]) -> None:
    """Notes who was told of which step of a clock, each person once for ever; rows as `Told`, epoch seconds."""
    found = list(rows)
    if found:
        db.session.connection().execute(NOTED, found)


def touch_people(people: Iterable[int]) -> None:
    """Lets the screens of these people look again; in order, so that two workers never wait for each other."""
    feed.touch_topics(f"person:{person}" for person in people)


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
    people themselves. Inside an act on many
    cases one notice a person counts them (`many`).
    """
    told: list[News] = []
    wanted = sorted({person for person in people if person})
    if not wanted:
        return 0
    act = many.act_of(kind, facts)
    key, facts_told = act or key, many.counting(facts, now) if act else facts
    heard = instead(wanted, {} if in_person else absences.deputies(now))
    known = set(db.session.scalars(select(Notice.key).where(Notice.key.in_(f"{key}:{person}" for person in heard))))
    for person, absent in heard.items():
        unique, said = f"{key}:{person}", facts_told | ({"instead_of": list(absent)} if absent else {})
        if act and unique in known:
            many.count(act, person, kind, facts, now)
        elif unique not in known:
            told.append(News(unique, person, kind, subject, said, late_seconds))
    tell_all(told, now)
    touch_people(one.person_id for one in told)
    for one in told if act else ():
        many.hold(act, one.person_id, now)
    return len(told)


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
