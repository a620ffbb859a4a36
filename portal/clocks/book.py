"""The policy and calendar versions of the store, kept in memory: a version never changes, so it is read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import URL, func, select

from portal.clocks import calendar as calendars_
from portal.clocks.calendar import Calendar
from portal.clocks.models import CalendarVersion, PolicyVersion
from portal.clocks.rules import Policy, load_policy
from portal.clocks.seed import seeded_calendars, seeded_policy
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.errors import Missing
from portal.kernel.i18n import term


@dataclass(frozen=True)
class Book:
    """What decides a case's limits: one policy version and the calendars by code."""

    policy: Policy
    calendars: dict[str, Calendar]


_policies: dict[tuple[str, int], Policy] = {}
_calendars: dict[tuple[str, str, int], Calendar] = {}
_versions: dict[str, Any] = {}
TOPIC = "clocks"
FOR_EVER = 9_900_000_000


def _store() -> str:
    return _address(db.engine.url)


@lru_cache(maxsize=8)
def _address(url: URL) -> str:
    return str(url)


def policy(version: int) -> Policy:
    """One policy version; kept in memory once approved, for a draft still changes. Raises Missing."""
    key = (_store(), version)
    if key not in _policies:
        row = db.session.scalar(select(PolicyVersion).where(PolicyVersion.version == version))
        if row is None:
            raise Missing("no_such_policy", version=version)
        found = load_policy(row.data | {"version": row.version})
        if row.state != "effective":
            return found
        _policies[key] = found
    return _policies[key]


def calendar(code: str, version: int) -> Calendar:
    """One calendar version. Raises Missing."""
    key = (_store(), code, version)
    if key not in _calendars:
        row = db.session.scalar(
            select(CalendarVersion).where(CalendarVersion.code == code, CalendarVersion.version == version)
        )
        if row is None:
            raise Missing("no_such_calendar", calendar=code)
        _calendars[key] = calendars_.from_data(row.data)
    return _calendars[key]


def in_force(now: datetime, version: int | None = None) -> Book:
    """The book that holds at `now`; `version` keeps a running case with the policy it was born with."""
    policies, calendars = _known()
    if version is None:
        version = max(((since, number) for number, since in policies if since <= now), default=(now, 1))[1]
    newest: dict[str, int] = {}
    for code, number, since in calendars:
        if since <= now:
            newest[code] = max(number, newest.get(code, 0))
    return Book(policy(version), {code: calendar(code, number) for code, number in newest.items()})


def _known() -> tuple[list[tuple[int, datetime]], list[tuple[str, int, datetime]]]:
    """Every version and since when it holds, read again when versions were added."""
    key = (_store(), feed.version(TOPIC))
    if _versions.get("key") != key:
        effective = PolicyVersion.state == "effective"
        policies = db.session.execute(select(PolicyVersion.version, PolicyVersion.effective_from).where(effective))
        calendars = db.session.execute(
            select(CalendarVersion.code, CalendarVersion.version, CalendarVersion.effective_from)
        )
        _versions["rows"] = ([(r[0], r[1]) for r in policies], [(r[0], r[1], r[2]) for r in calendars])
        _versions["key"] = key
    found: tuple[list[tuple[int, datetime]], list[tuple[str, int, datetime]]] = _versions["rows"]
    return found


def sure() -> tuple[int, int]:
    """The span of epoch seconds in which no deadline is provisional: years that every calendar version knows.

    A day narrower at both ends, for calendars' zones differ; an empty span (1, 0) where they share no year.
    """
    calendars = _known()[1]
    if _versions.get("sure_of") != _versions["key"]:
        known = [calendar(code, number).loaded_years for code, number, _since in calendars]
        observing = [years for years in known if years is not None]
        _versions["sure"] = _span(frozenset.intersection(*observing)) if observing else (0, FOR_EVER)
        _versions["sure_of"] = _versions["key"]
    found: tuple[int, int] = _versions["sure"]
    return found


def _span(years: frozenset[int]) -> tuple[int, int]:
    """From the first to the last of the newest years that follow on each other."""
    if not years:
        return 1, 0
    first = last = max(years)
    while first - 1 in years:
        first -= 1
    return (
        int(datetime(first, 1, 2, tzinfo=UTC).timestamp()),
        int(datetime(last, 12, 31, tzinfo=UTC).timestamp()),
    )


def calendar_name(code: str) -> str:
    """How people call a calendar: the word for its code, else the name typed when it was added, else the code."""
    word = term(f"calendar.{code}")
    return word if word != code else _names().get(code) or code


def _names() -> dict[str, str]:
    """The names typed for calendars by code, read again when versions were added."""
    key = (_store(), feed.version(TOPIC))
    if _versions.get("named") != key:
        name = CalendarVersion.data["name"].as_string()
        rows = db.session.execute(select(CalendarVersion.code, name).order_by(CalendarVersion.version))
        _versions["names"], _versions["named"] = {row[0]: row[1] for row in rows if row[1]}, key
    found: dict[str, str] = _versions["names"]
    return found


def seed(since: datetime) -> None:
    """Puts the shipped calendars and policy into an empty store, in force from `since`. Call inside transaction()."""
    if db.session.scalar(select(func.count()).select_from(PolicyVersion)):
        return
    data = seeded_policy()
    db.session.add(PolicyVersion(version=data["version"], effective_from=since, data=data))
    for code, one in seeded_calendars().items():
        db.session.add(
            CalendarVersion(code=code, version=one.version, effective_from=since, data=calendars_.to_data(one))
        )
    db.session.flush()
    feed.touch(TOPIC, 0)


def lacking(data: Mapping[str, Any]) -> set[str]:
    """The kinds of clocks that the shipped policy knows and this document does not."""
    return {row["kind"] for row in seeded_policy()["rows"]} - {row["kind"] for row in data["rows"]}


def newest() -> PolicyVersion | None:
    """The newest approved version; None in an empty store."""
    approved = select(PolicyVersion).where(PolicyVersion.state == "effective")
    return db.session.scalar(approved.order_by(PolicyVersion.effective_from.desc(), PolicyVersion.version.desc()))


def complete(now: datetime) -> int | None:
    """After an upgrade: a version with the limits in force and the shipped rows of kinds that were unknown before.

    Nothing else changes, running cases keep their version. Returns its number; None when nothing lacks. Call inside
    transaction().
    """
    old = newest()
    missing = lacking(old.data) if old else set()
    if old is None or not missing:
        return None
    shipped = seeded_policy()
    number = (db.session.scalar(select(func.max(PolicyVersion.version))) or 0) + 1
    data = old.data | {
        "version": number, "rows": [*old.data["rows"], *(r for r in shipped["rows"] if r["kind"] in missing)],
        "combine": {kind: shipped["combine"][kind] for kind in missing} | old.data["combine"],
    }  # fmt: skip
    db.session.add(PolicyVersion(version=number, state="effective", effective_from=now, at=now, data=data))
    db.session.flush()
    feed.touch(TOPIC, 0)
    return number


def forget() -> None:
    """Empties the memory (tests that change stores under one address)."""
    _policies.clear()
    _calendars.clear()
    _versions.clear()
