"""Reading calendars as they stand in the store: versions in turn, the draft, who made what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from portal.clocks import book
from portal.clocks import calendar_changes as changes_
from portal.clocks.calendar import Calendar
from portal.clocks.calendar_changes import Changes, Gap
from portal.clocks.models import CalendarDraft, CalendarVersion
from portal.clocks.timetable import instant_of
from portal.identity.models import Person
from portal.kernel.db import db
from portal.kernel.errors import Missing
from portal.kernel.i18n import term


@dataclass(frozen=True)
class Story:
    """A calendar's versions in order, seen from an instant."""

    code: str
    rows: tuple[CalendarVersion, ...]
    now: datetime

    def holding(self, instant: datetime) -> CalendarVersion:
        """The version in force at an instant: the newest that has begun; before the first one, that first one."""
        begun = [row for row in self.rows if row.effective_from <= instant]
        return max(begun, key=lambda row: row.version) if begun else self.rows[0]

    @property
    def current(self) -> CalendarVersion:
        """The version in force now."""
        return self.holding(self.now)

    @property
    def coming(self) -> list[CalendarVersion]:
        """The versions that will come into force, in that order; superseded ones never do."""
        later = sorted({row.effective_from for row in self.rows if row.effective_from > self.now})
        found: list[CalendarVersion] = []
        for since in later:
            row = self.holding(since)
            if row.version not in {self.current.version, *(r.version for r in found)}:
                found.append(row)
        return found

    def calendar(self, row: CalendarVersion) -> Calendar:
        """A version as a calendar."""
        return book.calendar(self.code, row.version)

    def on(self, day: date) -> Calendar:
        """The calendar in force at the end of a local day."""
        zone = self.calendar(self.current).tz
        end = datetime.fromtimestamp(instant_of(day, 86_400, zone) - 1, zone)
        return self.calendar(self.holding(end))

    @property
    def name(self) -> str:
        """How people call it: the word for its code, the name typed when it was added, else the code."""
        word = term(f"calendar.{self.code}")
        return word if word != self.code else str(self.current.data.get("name") or self.code)

    def before(self, row: CalendarVersion) -> CalendarVersion | None:
        """The version that this one was made from."""
        number = row.data.get("from", row.version - 1)
        return next((r for r in self.rows if r.version == number), None)


def stories(now: datetime) -> list[Story]:
    """All calendars."""
    found: dict[str, list[CalendarVersion]] = {}
    for row in db.session.scalars(select(CalendarVersion).order_by(CalendarVersion.code, CalendarVersion.version)):
        found.setdefault(row.code, []).append(row)
    return [Story(code, tuple(rows), now) for code, rows in found.items()]


def story(code: str, now: datetime) -> Story:
    """One calendar. Raises Missing."""
    mine = select(CalendarVersion).where(CalendarVersion.code == code).order_by(CalendarVersion.version)
    rows = tuple(db.session.scalars(mine))
    if not rows:
        raise Missing("no_such_calendar", calendar=code)
    return Story(code, rows, now)


def draft(code: str) -> CalendarDraft | None:
    """What waits to be put in force."""
    return db.session.get(CalendarDraft, code)


def drafted(code: str) -> Changes:
    """The changes that wait to be put in force; none when there is no draft."""
    row = draft(code)
    return changes_.from_data(row.data) if row else Changes()


def names(ids: Iterable[int | None]) -> dict[int, str]:
    """Names of people by id."""
    wanted = {i for i in ids if i}
    rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted))) if wanted else ()
    return {row[0]: row[1] for row in rows}


def open_gaps(now: datetime) -> list[Gap]:
    """Years whose holidays the calendars in force do not know."""
    return changes_.gaps(book.in_force(now).calendars.values(), now)


def local_today(now: datetime, calendar: Calendar) -> date:
    """Today in the calendar's zone."""
    return now.astimezone(calendar.tz).date()


def years_offered(today: date, held: Sequence[int]) -> list[int]:
    """Years that may be marked as loaded: this one, the next two, and those that are."""
    return sorted({today.year, today.year + 1, today.year + 2, *held})


def month_before(first: date) -> date:
    """The first of the month before."""
    return (first - timedelta(days=1)).replace(day=1)


def month_after(first: date) -> date:
    """The first of the month after."""
    return (first + timedelta(days=31)).replace(day=1)
