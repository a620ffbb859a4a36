"""Likely duplicates while one types: the customer's cases of 30 days, and requests alike of today from anyone (IN8).

Today's requests are kept as tokens in the memory of each process. Each question reads what came since the last one and
a few of the older ones, newest first, so that no question is slow, not even the first one after a start.
"""

import threading
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from portal.cases import queries
from portal.cases.models import Case
from portal.directory.models import Customer
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.intake.alike import INCIDENT_FROM, MOST, Index, alike, grams
from portal.kernel.db import db, read
from portal.kernel.i18n import local

WITHIN = timedelta(days=30)
MOST_OF_DAY = 4000  # newest requests of the day that are kept
A_TIME = 40  # requests read at one question, so that no question waits for a whole day
MOST_NEW = 100
OVERLAP = 50  # numbers may become visible out of order
LEAST_GRAMS = 4
ROWS = (
    "SELECT id, description, symptom FROM cases WHERE received_at >= :midnight AND {} AND exercise = :no"
    " ORDER BY id DESC LIMIT :most"
)
NEWER, OLDER = ROWS.format("id > :key"), ROWS.format("id < :key")


class Day(NamedTuple):
    """One store's requests of one local day."""

    date: date
    requests: Index


class Hit(NamedTuple):
    """A case of the customer: `similar` when its text is alike."""

    case: Case
    similar: bool


class Similar(NamedTuple):
    """What the screen shows: the customer's cases, those of others today, and whether it may be an incident."""

    own: list[Hit]
    others: list[Case]
    today: int
    incident: bool
    most: int = MOST
    numbers: tuple[str, ...] = ()  # of those like it today, when they may be an incident


_days: dict[str, Day] = {}
_lock = threading.Lock()


def today(now: datetime) -> Index:
    """The day's requests, those that came since the last question added."""
    here = local(now)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    with _lock:
        day = _days.get(str(db.engine.url))
        if day is None or day.date != here.date():
            day = _days[str(db.engine.url)] = Day(here.date(), Index())
        known, at = day.requests.known, int(midnight.timestamp())
        _read(day.requests, NEWER, at, max(known, default=0) - OVERLAP, MOST_NEW)
        if len(known) < MOST_OF_DAY:
            _read(day.requests, OLDER, at, min(known, default=0), A_TIME)
        return day.requests


def _read(requests: Index, statement: str, midnight: int, key: int, most: int) -> None:
    """Takes in what is not known yet of the newest or of the older requests of the day."""
    for found, description, symptom in read(statement, {"midnight": midnight, "key": key, "most": most, "no": False}):
        if found not in requests.known:
            requests.add(found, grams(f"{description} {symptom}"))


def similar(actor: Actor, now: datetime, customer: Customer | None, text: str) -> Similar:
    """Cases like this text, as far as this person may see them."""
    wanted = grams(text)
    own = _own(now, customer, wanted)
    if len(wanted) < LEAST_GRAMS:
        return Similar(own, [], 0, False)
    near = [key for _, key in today(now).nearest(wanted)]
    mine = {hit.case.id for hit in own}
    shown = [key for key in near if key not in mine][:3]
    rows = {case.id: case for case in db.session.scalars(select(Case).where(Case.id.in_(shown)))} if shown else {}
    others = [rows[key] for key in shown if key in rows and may(actor, "case.view", rows[key])]
    many = len(near) >= INCIDENT_FROM
    return Similar(own, others, len(near), many, numbers=_numbers(near) if many else ())


def _numbers(keys: list[int]) -> tuple[str, ...]:
    """The open ones by number: what a report of an incident is linked with."""
    query = select(Case.no).where(Case.id.in_(keys), Case.open, Case.incident_id.is_(None))
    return tuple(db.session.scalars(query.order_by(Case.id)))


def _own(now: datetime, customer: Customer | None, wanted: frozenset[str]) -> list[Hit]:
    """The customer's open cases and those alike of 30 days, alike ones first."""
    if customer is None:
        return []
    cases = [c for c in queries.cases_of(customer.id, size=30) if c.open or c.received_at >= now - WITHIN]
    texts = [f"{c.description} {c.symptom}" for c in cases]
    like = alike(wanted, texts) if len(wanted) >= LEAST_GRAMS else [False] * len(cases)
    found = [Hit(case, same) for case, same in zip(cases, like, strict=True) if same or case.open]
    return sorted(found, key=lambda hit: not hit.similar)[:6]


def forget() -> None:
    """Empties the memory (tests)."""
    _days.clear()
