"""How late is too late for single notices, and how often a row that fails is tried. Pure; epoch seconds."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

LATE = 600  # SL8 [H]: what is told later than this goes into one digest
GAP = 600  # a watch silent for longer than this was stopped
NIGHT = 2  # [H] the hour of the wall clock from which a day's self-check may begin
FIRST_LEVEL = "P1"
LEAP = 60  # F-20: a wall clock that leaves true time by more, in seconds, has jumped
SAME = 5  # seconds by which two workers may differ about one jump
BATCH = 200  # cases of one transaction of the watch
PART = 25  # cases that SQLite's watch takes at a time: between two such parts it looks whether somebody waits
SPAN = 0.06  # seconds for which somebody may wait before the watch ends its transaction with the part at hand
TRIES = 5  # F-33: then the row is parked


class Gap(NamedTuple):
    """A time in which no worker looked at the clocks."""

    since: int
    until: int

    def holds(self, at: int, now: int) -> bool:
        """Whether an instant fell into it; one that ends after now comes from a clock that was wrong."""
        return self.since <= at <= self.until <= now


class Leap(NamedTuple):
    """How far off the wall clock was seen to go in all, by its last jump, and when that was (its own seconds)."""

    off: int
    by: int
    at: int

    def same(self, by: int, at: int) -> bool:
        """Whether a jump is this one, seen by another worker."""
        return abs(self.by - by) <= SAME and abs(self.at - at) <= 2 * LEAP

    def then(self, by: int, at: int) -> "Leap":
        """After a further jump; a clock that is back where it was is off no more."""
        off = self.off + by
        return Leap(off if abs(off) > LEAP else 0, by, at)


def leap_of(text: str) -> Leap:
    """What the installation keeps of the jumps of its clock ("off by at")."""
    return Leap(*map(int, text.split()))


def crowded(levels: Sequence[str], told: int, alone: int, most: int) -> list[bool]:
    """Which of a person's notices, by level, go into the digest of this minute; P1 stays alone while there is room.

    `most` notices a minute are single ones (the policy in force says how many);
    `told` were told this minute already, `alone` of them by a notice of their own.
    """
    if told + len(levels) <= most:
        return [False] * len(levels)
    room, found = most - alone, []
    for level in levels:
        fits = level == FIRST_LEVEL and room > 0
        room -= fits
        found.append(not fits)
    return found


def pause_before_next_try(tries: int) -> int | None:
    """Seconds until a row that failed is tried again: 30 s, doubling; None once it is parked."""
    return None if tries >= TRIES else 30 * 2 ** (tries - 1)


def gap_of(text: str | None) -> Gap | None:
    """The last gap as the installation keeps it ("since until"), if there was one."""
    return Gap(*map(int, text.split())) if text else None


def night_of(wall: datetime) -> str:
    """The day whose self-check is due at this time of the wall clock; before two it is still the day before's."""
    return (wall - timedelta(hours=NIGHT)).date().isoformat()
