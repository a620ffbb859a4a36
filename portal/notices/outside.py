"""Notices on their way out of the portal: a row for mail and for robots, written with what they tell of."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import text

from portal.kernel.db import db, read
from portal.kernel.i18n import local
from portal.notices.rules import Wishes, next_daily, stays_inside, without_customer_data

QUEUED = text(
    "INSERT INTO outbox(key, person_id, channel, robot_id, kind, subject, facts, at, late_seconds, attempts, state,"
    " again_at, waits, said) VALUES(:key, :person_id, :channel, :robot_id, :kind, :subject, :facts, :at, :late_seconds,"
    " 0, 'waiting', :again_at, :waits, '') ON CONFLICT(key) DO NOTHING"
)
PEOPLE = (
    "SELECT p.id, p.unit_id, c.mail, c.ways, c.quiet, c.daily_at FROM person p"
    " LEFT JOIN notice_choice c ON c.person_id = p.id WHERE p.id IN ({})"
)
ROBOTS = "SELECT unit_id, id FROM robot"


class News(NamedTuple):
    """One person's notice, ready to be told; `key` is the person's own."""

    key: str
    person_id: int
    kind: str
    subject: str
    facts: dict[str, Any]
    late_seconds: int


class Someone(NamedTuple):
    """A person as far as sending asks."""

    unit_id: int | None
    wishes: Wishes


def wishes_of(people: Iterable[int]) -> dict[int, Someone]:
    """What these people want, by their id: their own choice, else what is shipped."""
    wanted = ",".join(str(int(person)) for person in sorted(set(people)))
    found = {}
    for who, unit, mail, ways, quiet, daily_at in read(PEOPLE.format(wanted), {}) if wanted else ():
        if ways is None:
            found[who] = Someone(unit, Wishes())
        else:
            chosen = json.loads(ways) if isinstance(ways, str) else ways
            found[who] = Someone(unit, Wishes(mail, chosen, bool(quiet), daily_at))
    return found


def send_out(news: Iterable[News], now: datetime) -> None:
    """Queues what is to be mailed or said by robots, each key once for ever. Inside the transaction of what it tells.

    A robot says a step once, however many of its people are told. Nothing is queued that could never leave: without a
    mail server, an address or a robot.
    """
    leaving = [one for one in news if not stays_inside(one.facts)]
    if not leaving:
        return
    mails = current_app.config["PORTAL"].smtp is not None
    robots: dict[int | None, int] = dict(read(ROBOTS, {}))  # type: ignore[arg-type]
    if not (mails or robots):
        return
    people = wishes_of(one.person_id for one in leaving)
    rows: dict[str, dict[str, Any]] = {}
    for one in leaving:
        who = people.get(one.person_id)
        for row in _rows(one, who, mails, robots, now) if who else ():
            rows.setdefault(row["key"], row)
    if rows:
        db.session.connection().execute(QUEUED, list(rows.values()))


def mail_once(people: Iterable[int], kind: str, key: str, facts: dict[str, Any], now: datetime) -> int:
    """A mail to each of these people who has an address, whatever they have chosen, once for this key; how many."""
    if current_app.config["PORTAL"].smtp is None:
        return 0
    at, said = int(now.timestamp()), json.dumps(without_customer_data(facts))
    rows = [
        {"key": f"{key}:{person}:mail", "person_id": person, "channel": "mail", "robot_id": None, "kind": kind,
         "subject": key, "facts": said, "at": at, "late_seconds": 0, "again_at": at, "waits": True}
        for person, who in wishes_of(people).items() if who.wishes.mail
    ]  # fmt: skip
    if rows:
        db.session.connection().execute(QUEUED, rows)
    return len(rows)


def _rows(one: News, who: Someone, mails: bool, robots: dict[int | None, int], now: datetime) -> Iterable[Any]:
    """The rows of one person's notice."""
    ways, at = who.wishes.ways(one.kind, one.facts), int(now.timestamp())
    row = one._asdict() | {
        "facts": json.dumps(without_customer_data(one.facts)), "at": at, "again_at": at, "robot_id": None,
        "channel": "mail", "waits": who.wishes.waits(one.kind, one.facts),
    }  # fmt: skip
    if mails and who.wishes.mail and "mail" in ways:
        yield row | {"key": f"{one.key}:mail"}
    elif mails and who.wishes.mail and "daily" in ways:
        yield row | _daily(one.person_id, who.wishes, now)
    robot = robots.get(who.unit_id) or robots.get(None)
    if robot and "robot" in ways:
        step = one.key.removesuffix(f":{one.person_id}")
        yield row | {"key": f"{step}:robot:{robot}", "channel": "robot", "robot_id": robot}


def _daily(person_id: int, wishes: Wishes, now: datetime) -> dict[str, Any]:
    """The row of a person's digest to which a notice of now belongs; the mail reads then what it has to say."""
    until = next_daily(local(now), wishes.daily_at)
    facts = {"since": int((until - timedelta(days=1)).timestamp()), "until": int(until.timestamp())}
    return {
        "key": f"daily:{person_id}:{facts['until']}", "kind": "daily", "subject": "daily", "facts": json.dumps(facts),
        "again_at": facts["until"], "waits": False, "late_seconds": 0,
    }  # fmt: skip
