"""The load now: what is open, what runs out soon, who holds how much and who is free. Read anew each time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, select

from portal.cases.models import Case
from portal.identity import absences
from portal.identity.models import Person
from portal.intake.models import Voicemail
from portal.kernel.db import db
from portal.reports.relations import level_of, seconds
from portal.reports.rules import percentile
from portal.roster import queries as roster

AHEAD = 2 * 3600  # how far the supervisor looks
STEP = 15 * 60
MOST = 50
SHARES = (25, 50, 75, 100)  # per cent of the pressing limit that are used
AGES = (1, 3, 7, 14, 30)  # days


class Held(NamedTuple):
    """What one department or person holds: open, urgent (P1, P2), late, running out within two hours, unclaimed."""

    key: int
    open: int
    urgent: int
    late: int
    soon: int
    unclaimed: int


class Ahead(NamedTuple):
    """A case whose pressing limit runs out soon."""

    no: str
    level: str
    clock: str
    due: int
    unit: int
    owner: str


class Staff(NamedTuple):
    """One person on duty and what they hold; free: nothing of theirs runs out within two hours or is late."""

    name: str
    unit: int
    kind: str
    until: datetime
    held: Held
    away: bool

    @property
    def free(self) -> bool:
        """Whether this person can take something now."""
        return not self.away and not self.held.late and not self.held.soon


def _counted(now: int) -> tuple[Any, ...]:
    level, due = level_of(), Case.press  # a paused limit presses nobody

    def many(condition: Any) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    return (
        func.count(), many(level.in_(("P1", "P2"))), many(due < now), many(and_(due >= now, due < now + AHEAD)),
        many(Case.owner_id.is_(None)),
    )  # fmt: skip


def _open(units: Iterable[int] | None) -> Any:
    mine = and_(Case.open, Case.exercise.is_(False))
    return mine if units is None else and_(mine, Case.unit_id.in_(list(units)))


def by_unit(now: int, units: Iterable[int] | None = None) -> list[Held]:
    """What each department holds, the most first."""
    rows = db.session.execute(select(Case.unit_id, *_counted(now)).where(_open(units)).group_by(Case.unit_id))
    return sorted((Held(*row) for row in rows), key=lambda one: (-one.open, one.key))


def whole(parts: list[Held]) -> Held:
    """All of them together."""
    return Held(0, *(sum(one[n] for one in parts) for n in range(1, 6)))


def ahead(now: int, units: Iterable[int] | None = None) -> list[Ahead]:
    """Cases whose pressing limit runs out within two hours, the next first."""
    soon = and_(Case.press >= now, Case.press < now + AHEAD)
    rows = db.session.execute(
        select(Case.no, level_of(), Case.clock_kind, Case.press, Case.unit_id, Case.owner_name)
        .where(_open(units), soon)
        .order_by(Case.press, Case.id)
        .limit(MOST)
    )
    return [Ahead(*row) for row in rows]


def steps(now: int, units: Iterable[int] | None = None) -> list[tuple[int, int]]:
    """How many limits run out in each quarter of an hour of the next two: (its beginning, how many)."""
    soon = and_(Case.press >= now, Case.press < now + AHEAD)
    found = dict.fromkeys(range(AHEAD // STEP), 0)
    for due in db.session.scalars(select(Case.press).where(_open(units), soon)):
        found[(due - now) // STEP] += 1
    return [(now + n * STEP, count) for n, count in found.items()]


def staff(now: datetime) -> list[Staff]:
    """Everybody on duty, who is free first, then by what they hold."""
    here = int(now.timestamp())
    shifts = {shift.person_id: shift for shift in roster.on_duty(now)}
    if not shifts:
        return []
    rows = db.session.execute(
        select(Case.owner_id, *_counted(here)).where(_open(None), Case.owner_id.in_(shifts)).group_by(Case.owner_id)
    )
    held = {row[0]: Held(*row) for row in rows}
    people = {one.id: one for one in db.session.scalars(select(Person).where(Person.id.in_(shifts)))}
    gone = {one.person_id for one in absences.touching(now, now + timedelta(seconds=1))}
    found = [
        Staff(
            people[key].name, shift.unit_id, shift.kind, shift.to_at, held.get(key, Held(key, 0, 0, 0, 0, 0)),
            key in gone,
        )
        for key, shift in shifts.items() if key in people
    ]  # fmt: skip
    return sorted(found, key=lambda one: (not one.free, one.away, one.held.open, one.name))


def voicemails() -> int:
    """Recordings nobody has taken down yet."""
    return db.session.scalar(select(func.count()).select_from(Voicemail).where(Voicemail.state != "logged")) or 0


def used(now: int, units: Iterable[int] | None) -> list[int]:
    """Open cases by the share of their pressing limit that is used: up to each of SHARES, and beyond the last."""
    since, due = Case.clock_start, Case.clock_due
    rows = db.session.execute(select(since, due).where(_open(units), due.is_not(None), since.is_not(None)))
    found = [0] * (len(SHARES) + 1)
    for begun, end in ((int(row[0] or 0), int(row[1] or 0)) for row in rows):
        part = 100 * (now - begun) / max(1, end - begun)
        found[sum(part > bound for bound in SHARES)] += 1
    return found


class Ages(NamedTuple):
    """How long open cases have been there: up to each of AGES days and longer; median, P90 and oldest in seconds."""

    buckets: list[int]
    median: int | None
    p90: int | None
    oldest: int | None


def ages(now: int, units: Iterable[int] | None) -> Ages:
    """The backlog's age, by the wall clock."""
    rows = sorted(now - at for at in db.session.scalars(select(seconds(Case.received_at)).where(_open(units))))
    buckets = [0] * (len(AGES) + 1)
    for age in rows:
        buckets[sum(age > days * 86_400 for days in AGES)] += 1
    return Ages(buckets, percentile(rows, 0.5), percentile(rows, 0.9), rows[-1] if rows else None)


def by_state(units: Iterable[int] | None) -> dict[str, int]:
    """Open cases by state."""
    rows = db.session.execute(select(Case.state, func.count()).where(_open(units)).group_by(Case.state))
    return {row[0]: row[1] for row in rows}
