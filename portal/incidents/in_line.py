"""Who is called for a role of the plan, on duty first and away last, and when the roster has nobody for it (EM2)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from portal.identity import absences
from portal.identity import queries as people
from portal.identity.models import Person
from portal.incidents.plan_data import Plan
from portal.kernel.db import db
from portal.kernel.i18n import gettext as _
from portal.roster import queries as roster

ORDER = ("duty", "free", "away")
DAYS_AHEAD = 7


class Next(NamedTuple):
    """One person in the line of a role; `standing` is one of ORDER."""

    person_id: int
    name: str
    standing: str

    @property
    def word(self) -> str:
        """The name, with what the roster and absences say of the person now."""
        if self.standing == "duty":
            return _("%(name)s (on duty)", name=self.name)
        return _("%(name)s (away)", name=self.name) if self.standing == "away" else self.name


class Cover(NamedTuple):
    """A role with who is on duty for it now, and the stretches of the days ahead in which nobody is, in order."""

    role: str
    now: list[str]
    gaps: list[tuple[datetime, datetime]]


def lines(plan: Plan, now: datetime) -> dict[str, list[Next]]:
    """For each role everybody in its line: those on duty before the others, those who are away last; all are active."""
    duty, gone = {shift.person_id for shift in roster.on_duty(now)}, absences.deputies(now)
    names = {row[0]: row[1] for row in db.session.execute(select(Person.id, Person.name).where(Person.active))}
    found = {}
    for code, row in plan.roles.items():
        ids = dict.fromkeys(i for holder in row.facts["line"] for i in people.holders(holder) if i in names)
        line = [Next(i, names[i], "away" if i in gone else "duty" if i in duty else "free") for i in ids]
        found[code] = sorted(line, key=lambda one: ORDER.index(one.standing))
    return found


def cover(plan: Plan, now: datetime) -> list[Cover]:
    """Which roles nobody is on duty for, now and in the days ahead: gaps are seen before they are needed."""
    end = now + timedelta(days=DAYS_AHEAD)
    shifts = roster.touching(now, end)
    return [
        Cover(
            code, [one.name for one in line if one.standing == "duty"],
            holes(((s.from_at, s.to_at) for s in shifts if s.person_id in {one.person_id for one in line}), now, end),
        )
        for code, line in lines(plan, now).items()
    ]  # fmt: skip


def holes(
    taken: Iterable[tuple[datetime, datetime]], begin: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """What of a stretch of time none of these stretches covers, in order."""
    found, until = [], begin
    for since, to in sorted(taken):
        if since > until:
            found.append((until, min(since, end)))
        until = max(until, to)
    return [*found, (until, end)] if until < end else found
