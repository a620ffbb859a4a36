"""Where a clock ends under pauses, when it warns, and how it stands now. Pure; integer epoch seconds."""

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Literal, NamedTuple

from portal.clocks.calendar import Calendar, verdict
from portal.clocks.policy import TIMELESS

State = Literal["ok", "warn", "late", "paused", "met", "missed"]
LIMIT = re.compile(r"([1-9]\d*)(s|m|h|wd|w)")
NO_TIME = re.compile(r"([-−－]\s*\d+|0+)\s*(s|m|h|wd|w|%)?")
SECONDS = {"s": 1, "m": 60, "h": 3600}


class Segment(NamedTuple):
    """A stretch of a clock's life; only kind "paused" moves the due instant. `until` None = not over."""

    since: int
    until: int | None
    kind: str
    reason: str = ""


def warning_point(calendar: Calendar, start: int, due: int, share: float, least: int = 600) -> int | None:
    """add(start, share x between(start, due)), rounded down; None for budgets under `least` seconds (SL3)."""
    budget = calendar.between(start, due)
    if budget < least:
        return None
    return calendar.add(start, int(budget * _part(share)))


@lru_cache(maxsize=100)
def _part(share: float) -> Fraction:
    return Fraction(str(share))


def deadline(amount: int, unit: str, calendar: Calendar, started: int, segments: Iterable[Sequence] = ()) -> int:
    """The due instant after pauses: each moves it by its working time, by its wall clock for weeks (SL3).

    Segments are (since, until, kind[, reason]). A pause still open moves nothing yet; one that begins
    after the due instant of that moment cures nothing. Overlapping pauses count once.
    """
    due = started if unit in TIMELESS else calendar.due(started, amount, unit)
    for since, until in pauses_of(segments, started):
        if since > due:
            break
        due = due + until - since if unit == "w" else calendar.add(due, calendar.between(since, until))
    return due


def pauses_of(segments: Iterable[Sequence], started: int) -> list[tuple[int, int]]:
    """The closed pauses after the start, merged and in order."""
    paused = sorted((max(s[0], started), s[1]) for s in segments if s[2] == "paused" and s[1] is not None)
    merged: list[tuple[int, int]] = []
    for since, until in paused:
        if until <= since:
            continue
        if merged and since <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(until, merged[-1][1]))
        else:
            merged.append((since, until))
    return merged


def state_of(
    now: int, due: int, warn: int | None = None, stopped: int | None = None, paused: int | bool | None = None
) -> State:
    """How a clock stands: a verdict once stopped, else by the instant asked for.

    `paused` is the instant the running pause began (or True); one begun after the due instant stays late.
    """
    if stopped is not None:
        return verdict(due, stopped)
    if paused and paused <= due:
        return "paused"
    if now > due:
        return "late"
    return "warn" if warn is not None and now >= warn else "ok"


def parse_limit(text: str) -> tuple[int, str]:
    """ "15m", "2h", "90s", "1wd", "2w" as (amount, unit) with hours and minutes in seconds."""
    match = LIMIT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not a limit: {text!r}")
    amount, unit = int(match[1]), match[2]
    return (amount * SECONDS[unit], "s") if unit in SECONDS else (amount, unit)


def is_no_time(text: str) -> bool:
    """Whether what stands there is a length of nothing or less, such as 0m or -2h: no limit can be that."""
    return NO_TIME.fullmatch(text.strip()) is not None


def limit_text(amount: int, unit: str) -> str:
    """The limit as parse_limit reads it, in the largest unit that fits; timeless units by name, shares in percent."""
    if unit in (*TIMELESS, "instant"):
        return unit
    if unit == "left":
        return f"{amount}%"
    if unit != "s":
        return f"{amount}{unit}"
    size = next(name for name in ("h", "m", "s") if amount % SECONDS[name] == 0)
    return f"{amount // SECONDS[size]}{size}"
