"""A year's holidays from a file: CSV (date, kind, hours, name) or iCalendar (all-day events). Pure."""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from portal.clocks.calendar import Calendar, CalendarRefused, Special
from portal.clocks.calendar_changes import Changes, hours_of, usual_hours

MOST_BYTES = 200_000
MOST_DAYS = 60  # an all-day event longer than this is no holiday
MOST_NAME = 60
KIND_WORDS = {
    "holiday": "holiday", "休": "holiday", "假": "holiday", "假日": "holiday", "节假日": "holiday", "放假": "holiday",
    "half": "half", "half day": "half", "半天": "half",
    "working": "working", "班": "working", "补班": "working", "调休": "working", "工作日": "working", "上班": "working",
}  # fmt: skip
HEADS = ("date", "日期")
WORKING = re.compile(r"班|work|make-?up", re.IGNORECASE)
STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)")


class Fault(NamedTuple):
    """A line that cannot be read: its number, the code of the reason and its facts."""

    line: int
    code: str
    facts: dict[str, Any]


@dataclass
class Read:
    """What a file says about a year: days, lines that cannot be read, days of other years passed over."""

    year: int
    days: dict[date, Special] = field(default_factory=dict)
    lines: dict[date, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    elsewhere: int = 0

    def take(self, line: int, day: date, special: Special) -> None:
        """Adds a day; a second time is a fault that names the first line."""
        if day in self.days:
            self.refuse(line, "import_day_twice", day=day.isoformat(), first=self.lines[day])
            return
        self.days[day], self.lines[day] = special, line

    def refuse(self, line: int, code: str, **facts: Any) -> None:
        """Notes a line that cannot be read."""
        self.faults.append(Fault(line, code, facts))


def decoded(body: bytes) -> str:
    """A file's text: UTF-8 with or without mark, else GB 18030 as Chinese spreadsheets write it. Raises ValueError."""
    if len(body) > MOST_BYTES:
        raise ValueError("too large")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("gb18030")


def read(text: str, year: int, calendar: Calendar) -> Read:
    """The year's days of a file's text; working days without hours get the calendar's usual ones."""
    found = Read(year)
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    reader = _events if "BEGIN:VCALENDAR" in lines.upper()[:2000] else _rows
    reader(lines, found, calendar)
    if not found.days and not found.faults:
        found.refuse(1, "import_empty", year=year)
    return found


def changes_of(found: Read, calendar: Calendar, *, replace: bool, loaded: bool) -> Changes:
    """What taking the days changes; `replace` takes away the year's exception days that the file does not name."""
    days: dict[date, Special | None] = {d: s for d, s in found.days.items() if calendar.exceptions.get(d) != s}
    if replace:
        days |= {d: None for d in calendar.exceptions if d.year == found.year and d not in found.days}
    years = {found.year: True} if loaded and found.year not in (calendar.loaded_years or ()) else {}
    return Changes(days, {}, years)


def as_csv(days: dict[date, Special]) -> str:
    """Days as the CSV that `read` reads, make-up working days without hours: they get the calendar's own."""
    return "".join(f"{day.isoformat()},{special.kind},,{special.name}\n" for day, special in sorted(days.items()))


def _rows(text: str, found: Read, calendar: Calendar) -> None:
    reader = csv.reader(text.split("\n"))
    try:
        for cells in reader:
            row = [cell.strip() for cell in cells]
            if any(row) and not (reader.line_num == 1 and row[0].lower() in HEADS):
                _guarded(found, reader.line_num, lambda row=row: _row(row, found, calendar, reader.line_num))  # type: ignore[misc]
    except csv.Error:
        found.refuse(reader.line_num, "import_line_unreadable")


def _guarded(found: Read, line: int, call: Callable[[], None]) -> None:
    """Turns a refusal inside a line into a fault of that line."""
    try:
        call()
    except CalendarRefused as refused:
        found.refuse(line, refused.code, **refused.facts)


def _row(row: list[str], found: Read, calendar: Calendar, line: int) -> None:
    day_text, kind_text, hours, name = [*row, "", "", "", ""][:4]
    day = _day(day_text)
    if len(row) > 4 and any(row[4:]):
        raise CalendarRefused("import_too_many_columns", columns=len(row))
    if day.year != found.year:
        raise CalendarRefused("import_other_year", day=day.isoformat(), year=found.year)
    kind = KIND_WORDS.get(kind_text.lower())
    if kind is None:
        raise CalendarRefused("import_kind_unknown", kind=kind_text[:20])
    found.take(line, day, special_of(kind, hours, name, day, calendar))


def special_of(kind: str, hours: str, name: str, day: date, calendar: Calendar) -> Special:
    """An exception day of what was typed. Raises CalendarRefused."""
    try:
        intervals = hours_of(hours)
    except CalendarRefused as refused:
        raise CalendarRefused(refused.code, **(refused.facts | {"day": day.isoformat()})) from refused
    if kind == "working" and not intervals:
        intervals = usual_hours(calendar)
    if (kind == "holiday") == bool(intervals):
        raise CalendarRefused("calendar_exception_bad", day=day.isoformat(), kind=kind)
    if len(name) > MOST_NAME:
        raise CalendarRefused("import_name_long", most=MOST_NAME)
    return Special(kind, intervals, name)


def _day(text: str) -> date:
    for sign in "/.":
        text = text.replace(sign, "-")
    try:
        year, month, day = (int(part) for part in text.split("-"))
        return date(year, month, day)
    except ValueError as error:
        raise CalendarRefused("import_day_bad", day=text[:20]) from error


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Content lines with the number of their first line; a line that begins with a blank continues the one before."""
    held, number = "", 0
    for n, line in enumerate(text.split("\n"), 1):
        if line[:1] in (" ", "\t"):
            held += line[1:]
            continue
        if held:
            yield number, held
        held, number = line, n
    if held:
        yield number, held


def _events(text: str, found: Read, calendar: Calendar) -> None:
    event: dict[str, str] | None = None
    begun = inner = 0
    for line, content in _unfolded(text):
        name, _, value = content.partition(":")
        word = name.split(";")[0].strip().upper()
        mark = (word, value.strip().upper())
        if mark == ("BEGIN", "VEVENT"):
            event, begun, inner = {}, line, 0
        elif event is None:
            continue
        elif mark == ("END", "VEVENT"):
            held, event = event, None
            _guarded(found, begun, lambda held=held, begun=begun: _event(held, found, calendar, begun))  # type: ignore[misc]
        elif word in ("BEGIN", "END"):
            inner += 1 if word == "BEGIN" else -1
        elif not inner:
            event.setdefault(word, value.strip())
    if event is not None:
        found.refuse(begun, "import_event_open")


def _event(event: dict[str, str], found: Read, calendar: Calendar, line: int) -> None:
    if "RRULE" in event or "RDATE" in event:
        raise CalendarRefused("import_event_repeats")
    first = _stamp(event.get("DTSTART", ""))
    after = _stamp(event["DTEND"]) if "DTEND" in event else first + timedelta(days=1)
    if not 0 < (after - first).days <= MOST_DAYS:
        raise CalendarRefused("import_event_length", most=MOST_DAYS)
    name = re.sub(r"\\([,;\\])", r"\1", event.get("SUMMARY", ""))[:MOST_NAME]
    kind = "working" if WORKING.search(name) else "holiday"
    for n in range((after - first).days):
        day = first + timedelta(days=n)
        if day.year == found.year:
            found.take(line, day, special_of(kind, "", name, day, calendar))
        else:
            found.elsewhere += 1


def _stamp(text: str) -> date:
    match = STAMP.fullmatch(text)
    if match is None:
        raise CalendarRefused("import_event_not_all_day", day=text[:20])
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise CalendarRefused("import_day_bad", day=text[:20]) from error
