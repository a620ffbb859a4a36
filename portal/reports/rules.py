"""Periods, shares, percentiles and balances. Pure: numbers in, numbers out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.kernel.errors import Invalid
from portal.kernel.instants import epoch

QUARTER = re.compile(r"(20\d\d)Q([1-4])")
SECTIONS = range(1, 9)
SATISFACTION_TARGET = 90.0  # SA1
ATTAINMENT_TARGET = 95.0  # house rule
LONGEST_TEXT = 20_000
SMALL = 30  # [H] fewer cases than that behind a share or a length are marked


@dataclass(frozen=True)
class Span:
    """A period as it is counted: epoch seconds, the one before it for comparison, and how far time has come."""

    code: str
    before: int
    start: int
    end: int
    as_of: int
    months: tuple[tuple[str, int], ...] = ()  # six: those of the quarter before, then its own
    weeks: tuple[tuple[str, int], ...] = ()
    steps: tuple[tuple[str, int], ...] = ()  # what its charts are drawn by: days, weeks or months, none before its own

    @property
    def until(self) -> int:
        """Where counting stops: the quarter's end, or just after the present second."""
        return max(self.start, min(self.end, self.as_of + 1))

    @property
    def running(self) -> bool:
        """Whether the quarter has not ended yet."""
        return self.as_of < self.end

    @property
    def year(self) -> int:
        """The calendar year."""
        return int(self.code[:4])

    @property
    def number(self) -> int:
        """Which quarter of the year."""
        return int(self.code[5])


@dataclass(frozen=True)
class Figure:
    """A number with what it is made of, its formula's term, its target and the filter that leads to its cases."""

    code: str
    value: float | None
    unit: str
    numerator: int
    denominator: int
    before: float | None = None
    target: float | None = None
    more_is_better: bool = True
    filter: dict[str, str] = field(default_factory=dict)
    mean: float | None = None  # of lengths, whose value is the median where there is none beside it
    p90: float | None = None
    response: float | None = None  # per cent of those asked who answered, where a figure is of answers
    missing: str = ""  # why there can be no figure: the code of a reason
    median: float | None = None  # of lengths whose value is the mean, as their name says

    @property
    def small(self) -> bool:
        """Whether so few stand behind a share or a length that one more would move it much."""
        return self.unit not in ("cases", "points") and 0 < self.denominator < SMALL

    @property
    def change(self) -> float | None:
        """By how much it differs from the period before: points of per cent, seconds or cases."""
        return None if self.value is None or self.before is None else round(self.value - self.before, 1)

    @property
    def formula(self) -> str:
        """The term that says how it is counted."""
        return f"formula.{self.code.split(':')[0]}"

    @property
    def missed(self) -> bool:
        """Whether a target exists and is not reached."""
        if self.target is None or self.value is None:
            return False
        return self.value < self.target if self.more_is_better else self.value > self.target


@dataclass(frozen=True)
class Balance:
    """Opening stock to closing stock; the closing one is counted case by case, not from the other terms."""

    opening: int
    received: int
    reopened: int
    closed: int
    merged: int
    void: int
    closing: int
    waiting: int = 0  # of the closing stock: told, and waiting for the customer's confirmation
    outcomes: dict[str, int] = field(default_factory=dict)  # the closed ones by how they ended
    taken: int = 0  # of one department: taken over from others
    handed: int = 0  # and handed on to others

    @property
    def difference(self) -> int:
        """What does not add up; zero unless the store is damaged."""
        ends = self.closed + self.merged + self.void + self.handed
        return self.opening + self.received + self.taken + self.reopened - ends - self.closing


def span_of(code: str, now: datetime, zone: ZoneInfo) -> Span:
    """The quarter named `2026Q3`. Raises Invalid for anything else and for quarters that have not begun."""
    match = QUARTER.fullmatch(code.strip().upper())
    if match is None:
        raise Invalid("no_such_quarter", field="quarter", quarter=code[:20])
    first = _month(int(match[1]), int(match[2]) * 3 - 2, zone)
    starts = [_shifted(first, n) for n in range(-3, 4)]
    if first > now:
        raise Invalid("quarter_ahead", field="quarter", quarter=code)
    months = tuple((f"{m:%Y-%m}", epoch(m)) for m in starts[:6])
    weeks = _weeks(first, starts[6])
    return Span(match[0], epoch(starts[0]), epoch(first), epoch(starts[6]), epoch(now), months, weeks, weeks)


def _month(year: int, month: int, zone: ZoneInfo) -> datetime:
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=zone)


def _shifted(first: datetime, months: int) -> datetime:
    zone = first.tzinfo
    assert isinstance(zone, ZoneInfo)
    return _month(first.year, first.month + months, zone)


def _weeks(first: datetime, end: datetime) -> tuple[tuple[str, int], ...]:
    """The weeks of a quarter, Monday to Sunday; the first and the last may be cut short."""
    starts, day = [first], first + timedelta(days=7 - first.weekday())
    while day < end:
        starts.append(day)
        day += timedelta(days=7)
    return tuple((f"{d:%m-%d}", epoch(d)) for d in starts)


def quarter_code(day: date) -> str:
    """The quarter in which a local day lies."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def previous(code: str, steps: int = 1) -> str:
    """The quarter so many steps before this one."""
    n = int(code[:4]) * 4 + int(code[5]) - 1 - steps
    return f"{n // 4}Q{n % 4 + 1}"


def share(part: int, whole: int) -> float | None:
    """Per cent to one decimal; None where there is nothing to share."""
    return round(100 * part / whole, 1) if whole else None


def percentile(values: Sequence[int], p: float) -> int | None:
    """The nearest-rank percentile of sorted values; None of nothing."""
    if not values:
        return None
    return values[max(0, -(-int(p * 100) * len(values) // 100) - 1)]


def at_least(numbers: Iterable[float | None]) -> bool:
    """Whether there is any number at all."""
    return any(n is not None for n in numbers)


def section_number(text: str | int) -> int:
    """A section from 1 to 8. Raises Invalid."""
    if str(text) not in {str(n) for n in SECTIONS}:
        raise Invalid("no_such_section", field="section")
    return int(text)


def section_text(text: str) -> str:
    """What was typed, with even line ends. Raises Invalid when it is too long for a report."""
    found = text.replace("\r\n", "\n").strip()
    if len(found) > LONGEST_TEXT:
        raise Invalid("section_too_long", field="text", most=LONGEST_TEXT)
    return found
