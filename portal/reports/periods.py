"""Periods by their codes: a day, a week, a month, a quarter, a year. Pure.

`2026-11-24`, `2026W48` (Monday to Sunday), `2026-11`, `2026Q4`, `2026`. Each is compared with the one before it.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.kernel.errors import Invalid
from portal.kernel.instants import epoch
from portal.reports.rules import QUARTER, Span, quarter_code, span_of

DAY = re.compile(r"(20\d\d)-(\d\d)-(\d\d)")
WEEK = re.compile(r"(20\d\d)W(\d\d)")
MONTH = re.compile(r"(20\d\d)-(\d\d)")
YEAR = re.compile(r"(20\d\d)")
KINDS = ("day", "week", "month", "quarter", "year")
LONGEST_STRETCH = 366 * 86_400  # seconds


def kind_of(code: str) -> str:
    """Which kind of period a code names; Raises Invalid for none."""
    for kind, pattern in (("day", DAY), ("week", WEEK), ("month", MONTH), ("quarter", QUARTER), ("year", YEAR)):
        if pattern.fullmatch(code):
            return kind
    raise Invalid("no_such_period", field="period", period=code[:20])


def period(code: str, now: datetime, zone: ZoneInfo) -> Span:
    """The period named. Raises Invalid for what is none, and for one that has not begun."""
    code = code.strip().upper()
    kind = kind_of(code)
    if kind == "quarter":
        return span_of(code, now, zone)
    try:
        first = _FIRSTS[kind](code, zone)
    except ValueError as error:
        raise Invalid("no_such_period", field="period", period=code[:20]) from error
    if first > now:
        raise Invalid("period_ahead", field="period", period=code)
    before, end = _before(kind, first), _after(kind, first)
    return Span(code, epoch(before), epoch(first), epoch(end), epoch(now), steps=_steps(kind, first, end))


def stretch(first: str, last: str, now: datetime, zone: ZoneInfo) -> Span:
    """From the beginning of one period to the end of another of its kind, up to a year later; nothing to compare with.

    Raises Invalid for periods that do not follow each other so.
    """
    begin, end = period(first, now, zone), period(last, now, zone)
    if kind_of(begin.code) != kind_of(end.code) or not 0 <= end.start - begin.start <= LONGEST_STRETCH:
        raise Invalid("no_such_period", field="until", period=last[:20])
    return replace(begin, before=begin.start, end=end.end, steps=())


def code_of(kind: str, day: date) -> str:
    """The period of a kind in which a local day lies."""
    if kind == "quarter":
        return quarter_code(day)
    if kind == "week":
        year, week, _ = day.isocalendar()
        return f"{year}W{week:02}"
    return {"day": f"{day:%Y-%m-%d}", "month": f"{day:%Y-%m}", "year": f"{day:%Y}"}[kind]


def earlier(kind: str, day: datetime, steps: int) -> list[str]:
    """So many periods of a kind up to the one in which a local day lies, the latest last."""
    found = [code_of(kind, day)]
    first = _FIRSTS[kind](found[0], day.tzinfo) if kind != "quarter" else _quarter(found[0], day.tzinfo)  # type: ignore[arg-type]
    for _ in range(steps - 1):
        first = _before(kind, first)
        found.append(code_of(kind, first))
    return found[::-1]


def _day(code: str, zone: ZoneInfo) -> datetime:
    return datetime(*map(int, code.split("-")), tzinfo=zone)  # type: ignore[arg-type, misc]


def _week(code: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisocalendar(int(code[:4]), int(code[5:]), 1).replace(tzinfo=zone)


def _month(code: str, zone: ZoneInfo) -> datetime:
    return datetime(int(code[:4]), int(code[5:]), 1, tzinfo=zone)


def _quarter(code: str, zone: ZoneInfo) -> datetime:
    return datetime(int(code[:4]), int(code[5]) * 3 - 2, 1, tzinfo=zone)


def _year(code: str, zone: ZoneInfo) -> datetime:
    return datetime(int(code), 1, 1, tzinfo=zone)


_FIRSTS: dict[str, Callable[[str, ZoneInfo], datetime]] = {"day": _day, "week": _week, "month": _month, "year": _year}


def _moved(first: datetime, months: int) -> datetime:
    n = first.year * 12 + first.month - 1 + months
    return first.replace(year=n // 12, month=n % 12 + 1)


def _after(kind: str, first: datetime) -> datetime:
    days = {"day": 1, "week": 7}.get(kind)
    return first + timedelta(days=days) if days else _moved(first, {"month": 1, "quarter": 3, "year": 12}[kind])


def _before(kind: str, first: datetime) -> datetime:
    days = {"day": 1, "week": 7}.get(kind)
    return first - timedelta(days=days) if days else _moved(first, -{"month": 1, "quarter": 3, "year": 12}[kind])


def _steps(kind: str, first: datetime, end: datetime) -> tuple[tuple[str, int], ...]:
    """What its charts are drawn by: hours of a day, days of a week or month, months of a year."""
    if kind == "day":
        return tuple((f"{n:02}", epoch(first) + n * 3600) for n in range((epoch(end) - epoch(first)) // 3600))
    if kind == "year":
        return tuple((f"{m:%m}", epoch(m)) for m in (_moved(first, n) for n in range(12)))
    days = (first + timedelta(days=n) for n in range((end - first).days))
    return tuple((f"{d:%d}" if kind == "month" else f"{d:%m-%d}", epoch(d)) for d in days)
