"""Who hears of a clock, and when (SL8): the steps of the escalation ladder as policy data. Pure; epoch seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from portal.clocks.calendar import Calendar, CalendarRefused, interval_of
from portal.clocks.seed import seeded_policy
from portal.clocks.timetable import instant_of

LEVELS = ("P1", "P2", "P3", "P4")
CHAIN = ("owner", "supervisor", "head", "quality", "management", "admin")  # a hole in it: the next one is told
FIRST = ("warn", "due")
WARN, DUE = 1, 2
DAY = 86_400


class PolicyRefused(ValueError):
    """A policy that cannot be used; `code` says why, `facts` where."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts


class Step(NamedTuple):
    """When somebody is told and who: at the warning, at the due instant, or so much of the limit after it.

    `minutes` replaces the share for a level. `waits` = not told in quiet hours, but at the next opening.
    """

    at: str
    to: tuple[str, ...]
    share: float
    minutes: Mapping[str, int]
    waits: bool


class Answer(NamedTuple):
    """How long a step may stay unacknowledged: seconds of wall clock, or of working time."""

    seconds: int
    working: bool


@dataclass(frozen=True)
class Ladder:
    """All steps in order, their acknowledgement times by level, and the quiet hours of the levels that have them."""

    steps: tuple[Step, ...]
    answers: Mapping[str, Answer]
    quiet_levels: frozenset[str]
    quiet: tuple[int, int]
    gap: int

    def opening(self, at: int, office: Calendar) -> int:
        """The first instant from `at` on that lies in working time and outside the quiet hours."""
        for _ in range(4):
            awake = self._awake(office.next_opening(at), office)
            if awake == at:
                break
            at = awake
        return at

    def _awake(self, at: int, office: Calendar) -> int:
        """The instant itself, or the end of the quiet hours it lies in."""
        begin, end = self.quiet
        local = datetime.fromtimestamp(at, office.tz)
        second = local.hour * 3600 + local.minute * 60 + local.second
        night = begin > end and second >= begin
        if not (night or (second < end if begin > end else begin <= second < end)):
            return at
        return instant_of(local.date(), end + (DAY if night else 0), office.tz)

    def answer_by(self, level: str, step: int, now: int, office: Calendar) -> int | None:
        """Until when a step told now is to be acknowledged; the last step has nobody to pass on to."""
        answer = self.answers.get(level)
        if answer is None or step >= len(self.steps):
            return None
        return office.add(now, answer.seconds) if answer.working else now + answer.seconds


class Standing(NamedTuple):
    """What the ladder asks of a running clock; `limit` is its budget in seconds of its own calendar."""

    level: str
    told_step: int
    warn: int | None
    due: int
    limit: int
    answer_by: int | None


def limit_of(amount: int, unit: str, started: int, calendar: Calendar) -> int:
    """The budget of a limit in seconds of its calendar, without the pauses."""
    if unit == "s":
        return amount
    return calendar.between(started, calendar.due(started, amount, unit)) if unit in ("wd", "w") else 0


class Reached(NamedTuple):
    """The step to be told now, the instant it fell on, and whether it comes early because nobody acknowledged."""

    step: int
    at: int
    early: bool


def instant(ladder: Ladder, standing: Standing, number: int, calendar: Calendar, office: Calendar) -> int | None:
    """When the step with this number (from 1) falls due; None for a warning that the clock does not have."""
    step, found = ladder.steps[number - 1], standing.due
    if step.at == "warn":
        if standing.warn is None:
            return None
        found = standing.warn
    elif step.at == "after":
        found = _after(step, standing, calendar)
        found = max(found, standing.due + (number - DUE) * ladder.gap)
    if step.waits and standing.level in ladder.quiet_levels:
        return ladder.opening(found, office)
    return found


def _after(step: Step, standing: Standing, calendar: Calendar) -> int:
    if standing.level in step.minutes:
        return standing.due + step.minutes[standing.level] * 60
    return calendar.add(standing.due, int(standing.limit * Fraction(str(step.share))))


def next_instant(ladder: Ladder, standing: Standing, calendar: Calendar, office: Calendar) -> int | None:
    """When somebody is to be told next: a step not told yet, or nobody acknowledged the last one in time."""
    number, found = standing.told_step + 1, []
    if number <= len(ladder.steps):
        found = [instant(ladder, standing, number, calendar, office), standing.answer_by]
        if number == WARN:
            found.append(instant(ladder, standing, DUE, calendar, office))
    return min((at for at in found if at is not None), default=None)


def reached(ladder: Ladder, standing: Standing, now: int, calendar: Calendar, office: Calendar) -> Reached | None:
    """The highest step whose instant has passed; else the next one when the last was not acknowledged in time."""
    for number in range(len(ladder.steps), standing.told_step, -1):
        at = instant(ladder, standing, number, calendar, office)
        if at is not None and at <= now:
            return Reached(number, at, False)
    following = standing.told_step + 1
    if standing.answer_by is not None and standing.answer_by <= now and following <= len(ladder.steps):
        return Reached(following, standing.answer_by, True)
    return None


@lru_cache(maxsize=1)
def shipped() -> dict[str, Any]:
    """The ladder of the first policy, for a policy that says nothing about it."""
    found: dict[str, Any] = seeded_policy()["ladder"]
    return found


def load_ladder(data: Mapping[str, Any] | None) -> Ladder:
    """A ladder from policy data; refuses what nobody could be told by."""
    raw = shipped() if data is None else data
    steps = tuple(_step(number, one) for number, one in enumerate(raw.get("steps", ()), 1))
    _check_order(steps)
    quiet = raw.get("quiet", {})
    return Ladder(
        steps=steps,
        answers={level: _answer(level, one) for level, one in raw.get("acknowledge", {}).items()},
        quiet_levels=frozenset(quiet.get("levels", ())),
        quiet=_hours(quiet),
        gap=int(raw.get("least_gap", 60)),
    )


def _step(number: int, raw: Mapping[str, Any]) -> Step:
    step = Step(
        at=str(raw.get("at", "")),
        to=tuple(raw.get("to", ())),
        share=raw.get("share", 0),
        minutes=dict(raw.get("minutes", {})),
        waits=bool(raw.get("waits", False)),
    )
    if not step.to:
        raise PolicyRefused("ladder_nobody", step=number)
    if not set(step.to) <= set(CHAIN):
        raise PolicyRefused("ladder_role_unknown", step=number)
    if not set(step.minutes) <= set(LEVELS):
        raise PolicyRefused("ladder_level_unknown", step=number)
    if step.at == "after":
        for level, amount in (("", step.share), *step.minutes.items()):
            if amount <= 0:
                raise PolicyRefused("ladder_step_not_positive", step=number, level=level)
    return step


def _check_order(steps: tuple[Step, ...]) -> None:
    """A warning, the due instant, and then only later ones, at every level."""
    if tuple(step.at for step in steps[:DUE]) != FIRST or any(step.at != "after" for step in steps[DUE:]):
        raise PolicyRefused("ladder_begins_otherwise")
    for number, (before, after) in enumerate(zip(steps[DUE:], steps[DUE + 1 :], strict=False), DUE + 2):
        if before.share >= after.share:
            raise PolicyRefused("ladder_not_in_order", step=number, level="")
        for level in sorted({*before.minutes, *after.minutes}):
            if not 0 < before.minutes.get(level, 0) < after.minutes.get(level, 0):
                raise PolicyRefused("ladder_not_in_order", step=number, level=level)


def _answer(level: str, raw: Mapping[str, Any]) -> Answer:
    working = "working_minutes" in raw
    minutes = raw["working_minutes"] if working else raw.get("minutes", 0)
    if level not in LEVELS or minutes <= 0:
        raise PolicyRefused("ladder_answer_bad", level=level)
    return Answer(int(minutes * 60), working)


def _hours(quiet: Mapping[str, Any]) -> tuple[int, int]:
    """ "20:00" and "08:00" as seconds after 00:00; the same twice means no quiet hours."""
    if not set(quiet.get("levels", ())) <= set(LEVELS):
        raise PolicyRefused("ladder_quiet_bad")
    try:
        return interval_of(f"{quiet.get('from', '00:00')}-{quiet.get('until', '00:00')}")
    except CalendarRefused as error:
        raise PolicyRefused("ladder_quiet_bad") from error
