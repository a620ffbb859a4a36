"""Counts a limit minute by minute (or second by second) on a calendar's plain data; shares no code with the portal."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SIZES = {"s": 1, "m": 60, "h": 3600}
Pauses = Iterable[tuple[datetime, datetime]]


class Walker:
    """A calendar as its TOML data says it; instants are aware datetimes in UTC."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.zone = ZoneInfo(data["zone"])
        self.week = [self.marks(data["week"].get(name, [])) for name in NAMES]
        self.special = {
            date.fromisoformat(row["date"]): self.marks(row.get("hours", [])) for row in data.get("exceptions", [])
        }

    @staticmethod
    def marks(hours: list[str]) -> list[tuple[int, int]]:
        """ "09:00-12:00" as seconds of the day."""
        found = []
        for text in hours:
            a, b, c, d = map(int, re.split("[:-]", text))
            found.append((a * 3600 + b * 60, c * 3600 + d * 60))
        return found

    def hours(self, day: date) -> list[tuple[int, int]]:
        """The working stretches of a day."""
        return self.special[day] if day in self.special else self.week[day.weekday()]

    def works(self, moment: datetime) -> bool:
        """Is the office open at this moment?"""
        here = moment.astimezone(self.zone)
        second = here.hour * 3600 + here.minute * 60 + here.second
        return any(a <= second < b for a, b in self.hours(here.date()))

    def instant(self, text: str) -> datetime:
        """A wall-clock time of the zone."""
        return datetime.fromisoformat(text).replace(tzinfo=self.zone).astimezone(UTC)

    def due(self, start: datetime, limit: str, pauses: Pauses = ()) -> datetime:
        """Where the limit ends."""
        match = re.fullmatch(r"(\d+)(s|m|h|wd|w)", limit)
        assert match
        amount, unit, stopped = int(match[1]), match[2], list(pauses)
        if unit in SIZES:
            return self.walk(start, amount * SIZES[unit], stopped)
        if unit == "wd":
            due = self.days(start, amount)
            for since, until in stopped:
                due = self.walk(due, self.open_seconds(since, until), [])
            return due
        here = start.astimezone(self.zone).replace(tzinfo=None) + timedelta(weeks=amount)
        return here.replace(tzinfo=self.zone).astimezone(UTC) + sum((b - a for a, b in stopped), timedelta())

    def walk(self, start: datetime, seconds: int, pauses: list[tuple[datetime, datetime]]) -> datetime:
        """Goes on until so many open seconds outside the pauses have passed."""
        step = 60 if start.second == 0 and seconds % 60 == 0 and all(t.second == 0 for p in pauses for t in p) else 1
        now, left, hop = start, seconds, timedelta(seconds=step)
        while left > 0:
            if self.works(now) and not any(a <= now < b for a, b in pauses):
                left -= step
            elif step == 1 and now.second == 0 and not self.works(now):
                now = self.skip(now)
                continue
            now += hop
        return now

    def skip(self, now: datetime) -> datetime:
        """The next whole minute in which the office is open, minute by minute."""
        while not self.works(now):
            now += timedelta(minutes=1)
        return now

    def open_seconds(self, since: datetime, until: datetime) -> int:
        """Open seconds between two whole minutes."""
        minutes = int((until - since).total_seconds()) // 60
        return sum(60 for n in range(minutes) if self.works(since + timedelta(minutes=n)))

    def days(self, start: datetime, n: int) -> datetime:
        """The last closing of the nth open day after the day of the start."""
        day = start.astimezone(self.zone).date()
        while n:
            day += timedelta(days=1)
            n -= bool(self.hours(day))
        closing = self.hours(day)[-1][1]
        end = datetime.combine(day, time.min) + timedelta(seconds=closing)
        return end.replace(tzinfo=self.zone).astimezone(UTC)
