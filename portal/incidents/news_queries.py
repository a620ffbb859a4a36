"""Whom an announcement reaches: before it is published, and what has happened of it since."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from portal.cases.models import Case
from portal.identity import queries as people
from portal.incidents import news_rules, plans
from portal.incidents.models import Incident
from portal.incidents.news_models import IncidentReach
from portal.kernel.db import db
from portal.kernel.i18n import instant
from portal.notices.models import Notice

KINDS = ("incident_news", "incident_news_withdrawn")


class Department(NamedTuple):
    """A department with linked cases: how many, and how many people of it hear (0: the supervisors do)."""

    unit_id: int
    cases: int
    people: int


class Reached(NamedTuple):
    """Whom it would reach now: open cases by department; linked cases that have ended."""

    departments: list[Department]
    ended: int

    @property
    def cases(self) -> int:
        """How many cases get the entry."""
        return sum(one.cases for one in self.departments)


class Told(NamedTuple):
    """One way on which departments are told: how many notices were written, have gone, were read, were given up."""

    channel: str
    all: int
    sent: int
    read: int
    given_up: int


class Tally(NamedTuple):
    """What has happened of an announcement: cases by state, why some were left, notices by way; `since`: the oldest
    case that still waits."""

    cases: Mapping[str, int]
    left: Mapping[str, int]
    since: datetime | None
    told: list[Told]


def values_of(incident: Incident, recovery: int | None, news: int | None) -> dict[str, dict[str, str]]:
    """What the places of a text are filled with, by language; empty for what is not known.

    What was typed in Chinese fills no place of the English text: whoever drafts it says it in English.
    """
    kind = plans.of(incident.plan_version).classes[incident.kind]
    facts = {"place": incident.place, "scope": incident.scope, "cause": incident.cause}
    facts |= {"recovery": instant(recovery), "news": instant(news)}
    english = {name: "" if news_rules.chinese(value) else value for name, value in facts.items()}
    return {"zh": facts | {"class": kind.zh}, "en": english | {"class": kind.en}}


def reached(incident: Incident) -> Reached:
    """Whom a text published now would reach."""
    query = select(Case.unit_id, Case.open, func.count()).where(Case.incident_id == incident.id)
    rows = list(db.session.execute(query.group_by(Case.unit_id, Case.open).order_by(Case.unit_id)))
    open_cases = {row[0]: row[2] for row in rows if row[1]}
    departments = [Department(unit, n, len(people.members(unit))) for unit, n in open_cases.items()]
    return Reached(departments, sum(row[2] for row in rows if not row[1]))


def tally(incident: Incident, n: int, what: str = "published") -> Tally:
    """What has happened of an announcement until now."""
    mine = (IncidentReach.incident_id == incident.id) & (IncidentReach.n == n) & (IncidentReach.what == what)
    query = select(
        IncidentReach.state, IncidentReach.why, IncidentReach.unit_id, func.count(), func.min(IncidentReach.asked_at)
    ).where(mine)
    cases: dict[str, int] = {}
    left: dict[str, int] = {}
    units: set[int] = set()
    since: datetime | None = None
    for state, why, unit, count, asked in db.session.execute(
        query.group_by(IncidentReach.state, IncidentReach.why, IncidentReach.unit_id)
    ):
        cases[state] = cases.get(state, 0) + count
        units.add(unit)
        if why:
            left[why] = left.get(why, 0) + count
        if state == "waiting":
            since = asked if since is None else min(since, asked)
    return Tally(cases, left, since, _told(incident, n, units))


def _told(incident: Incident, n: int, units: set[int]) -> list[Told]:
    """Notices of an announcement by way; asked by the people of its departments, which an index knows."""
    who = {person.id for unit in units for person in people.members(unit)} | set(people.holders("supervisor"))
    if not units or not who:
        return []
    query = select(
        Notice.channel, func.count(), func.count(Notice.sent_at), func.count(Notice.read_at), Notice.state
    ).where(
        Notice.person_id.in_(who), Notice.subject == incident.stream, Notice.kind.in_(KINDS),
        Notice.key.startswith(f"incident_news:{incident.id}:{n}:"),
    ).group_by(Notice.channel, Notice.state)  # fmt: skip
    found: dict[str, Told] = {}
    for channel, count, sent, seen, state in db.session.execute(query):
        one = found.get(channel, Told(channel, 0, 0, 0, 0))
        gone = count if state == "parked" else 0
        found[channel] = Told(channel, one.all + count, one.sent + sent, one.read + seen, one.given_up + gone)
    return [found[name] for name in ("app", "mail", "robot") if name in found]
