"""Changes of a calendar: kept apart from it, laid upon a version, told between two versions. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from portal.clocks.calendar import WEEKDAYS, Calendar, CalendarRefused, Special, interval_of, text_of
from portal.clocks.timetable import Intervals

LOUD_MONTH = 10  # from 1 October on the missing holidays of the next year are said loudly (SL3)
PLAIN = str.maketrans({"：": ":", "－": "-", "—": "-", "–": "-", "~": "-", "～": "-", "至": "-", "−": "-"})
BETWEEN = re.compile(r"\s*[,;，；、/]\s*|\s+")
LONGEST = 40  # characters of a stretch of time that a refusal repeats


@dataclass(frozen=True)
class Changes:
    """Days given another kind (None: as the week says), weekdays other hours, years marked as loaded or not."""

    days: Mapping[date, Special | None] = field(default_factory=dict)
    week: Mapping[int, Intervals] = field(default_factory=dict)
    years: Mapping[int, bool] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything is changed."""
        return bool(self.days or self.week or self.years)

    def then(self, later: "Changes") -> "Changes":
        """Both, the later ones winning."""
        return Changes({**self.days, **later.days}, {**self.week, **later.week}, {**self.years, **later.years})


class Gap(NamedTuple):
    """A year whose holidays a calendar does not know; loud = it matters now."""

    code: str
    year: int
    loud: bool


def laid_upon(calendar: Calendar, changes: Changes, version: int | None = None) -> Calendar:
    """The calendar with the changes. Raises CalendarRefused for what cannot be kept."""
    if changes.years and calendar.loaded_years is None:
        raise CalendarRefused("calendar_observes_none", calendar=calendar.code)
    days = {**calendar.exceptions, **changes.days}
    years = calendar.loaded_years
    if years is not None:
        years = frozenset(
            {y for y in years if changes.years.get(y, True)} | {y for y, on in changes.years.items() if on}
        )
    week = tuple(changes.week.get(n, hours) for n, hours in enumerate(calendar.week))
    kept = {day: special for day, special in days.items() if special is not None}
    number = calendar.version if version is None else version
    return Calendar(calendar.code, number, calendar.zone, week, kept, years)


def difference(old: Calendar, new: Calendar) -> Changes:
    """What leads from one version to another."""
    days = sorted(old.exceptions.keys() | new.exceptions.keys())
    years = sorted((old.loaded_years or frozenset()) ^ (new.loaded_years or frozenset()))
    return Changes(
        {day: new.exceptions.get(day) for day in days if old.exceptions.get(day) != new.exceptions.get(day)},
        {n: hours for n, hours in enumerate(new.week) if hours != old.week[n]},
        {year: year in (new.loaded_years or ()) for year in years},
    )


def without_needless(changes: Changes, versions: Iterable[Calendar]) -> Changes:
    """The changes but for those that every one of the versions holds already."""
    held = list(versions)
    return Changes(
        {d: s for d, s in changes.days.items() if any(c.exceptions.get(d) != s for c in held)},
        {n: hours for n, hours in changes.week.items() if any(c.week[n] != hours for c in held)},
        {y: on for y, on in changes.years.items() if any((y in (c.loaded_years or ())) != on for c in held)},
    )


def to_data(changes: Changes) -> dict[str, Any]:
    """Changes as plain JSON data; from_data gives equal ones back."""
    return {
        "days": {day.isoformat(): _special_data(special) for day, special in sorted(changes.days.items())},
        "week": {WEEKDAYS[n]: [text_of(i) for i in hours] for n, hours in sorted(changes.week.items())},
        "years": {str(year): on for year, on in sorted(changes.years.items())},
    }


def from_data(data: Mapping[str, Any]) -> Changes:
    """Changes from JSON data."""
    return Changes(
        {date.fromisoformat(day): _special(row) for day, row in data.get("days", {}).items()},
        {WEEKDAYS.index(name): tuple(map(interval_of, hours)) for name, hours in data.get("week", {}).items()},
        {int(year): bool(on) for year, on in data.get("years", {}).items()},
    )


def _special_data(special: Special | None) -> dict[str, Any] | None:
    if special is None:
        return None
    return {"kind": special.kind, "hours": [text_of(i) for i in special.intervals], "name": special.name}


def _special(row: Mapping[str, Any] | None) -> Special | None:
    return None if row is None else Special(row["kind"], tuple(map(interval_of, row["hours"])), row["name"])


def hours_of(text: str) -> Intervals:
    """ "09:00-12:00, 13:00-18:00" in order, Chinese signs too; nothing typed = no hours. Raises CalendarRefused."""
    parts = [part for part in BETWEEN.split(re.sub(r"\s*-\s*", "-", text.translate(PLAIN)).strip()) if part]
    for part in parts:
        if len(part) > LONGEST:
            raise CalendarRefused("calendar_interval_bad", day="", interval=part[:LONGEST] + "…")
    found = sorted(map(interval_of, parts))
    reached = 0
    for start, end in found:
        if not start < end <= 86_400:
            raise CalendarRefused("calendar_interval_bad", day="", interval=text_of((start, end)))
        if start < reached:
            raise CalendarRefused("calendar_interval_overlap", day="", interval=text_of((start, end)))
        reached = end
    return tuple(found)


def hours_text(intervals: Intervals) -> str:
    """Hours as hours_of reads them."""
    return ", ".join(text_of(i) for i in intervals)


def usual_hours(calendar: Calendar) -> Intervals:
    """The hours of the first weekday that has any: what a make-up working day gets when nothing is said."""
    return next(hours for hours in calendar.week if hours)


def look_of(calendar: Calendar, day: date) -> str:
    """What a day is: working, off, holiday, half, makeup (a day off otherwise) or own (hours unlike its weekday's)."""
    special = calendar.exceptions.get(day)
    usual = calendar.week[day.weekday()]
    if special is None:
        return "working" if usual else "off"
    if special.kind == "working":
        return "own" if usual else "makeup"
    return special.kind


def gaps(calendars: Iterable[Calendar], now: datetime) -> list[Gap]:
    """Years not loaded of the calendars that observe holidays: the present one loud, the next one from October on."""
    found = []
    for calendar in calendars:
        if calendar.loaded_years is None:
            continue
        today = now.astimezone(calendar.tz).date()
        if today.year not in calendar.loaded_years:
            found.append(Gap(calendar.code, today.year, True))
        if today.year + 1 not in calendar.loaded_years:
            found.append(Gap(calendar.code, today.year + 1, today.month >= LOUD_MONTH))
    return found
