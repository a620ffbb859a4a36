"""Trends by week: volumes and attainment with their seasons, a forecast, marks of what is unusual, weak spots (RE3)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from portal.cases.models import Case
from portal.clocks import book
from portal.clocks.calendar import Calendar
from portal.clocks.kept import epoch
from portal.kernel.db import db
from portal.kernel.i18n import local
from portal.reports import forecast, relations
from portal.reports.forecast import Forecast, Mark, Weak
from portal.reports.paper_rules import midnight
from portal.reports.rules import Span

DAY, WEEK = 86_400, 7 * 86_400
WEEKS_BACK, WEEKS_SHOWN, AHEAD = 156, 52, 13
WEAK_DAYS = 91
LEAVES = 40  # of categories by type that are watched for what is unusual


@dataclass(frozen=True)
class Trend:
    """One measure by week: the Mondays, its values, what they are of, and what is expected next."""

    mondays: list[date]
    values: list[float | None]
    of: list[int]
    forecast: Forecast | None


@dataclass(frozen=True)
class Season:
    """What a day of each class, and a month, brings: 1 is the mean."""

    days: dict[str, float]
    months: dict[int, float]


@dataclass(frozen=True)
class Trends:
    """Everything the page shows."""

    volume: Trend
    attainment: Trend
    season: Season
    marks: list[Mark]
    weak: list[Weak]
    ahead: list[date]


def class_of(calendar: Calendar, day: date) -> str:
    """How a day counts: holiday, make-up working day, or its weekday."""
    special = calendar.exceptions.get(day)
    if special is not None:
        return "holiday" if not special.intervals else "makeup" if day.weekday() > 4 else f"d{day.weekday()}"
    return f"d{day.weekday()}"


def trends(now: datetime) -> Trends:
    """Counts the weeks that are over, up to three years, and looks ahead."""
    calendar = book.in_force(now).calendars["cn-business"]
    today = local(now).date()
    end = today - timedelta(days=today.weekday())  # the Monday of the running week
    start = end - timedelta(weeks=WEEKS_BACK)
    span = _span(start, end, now)
    daily = _daily(span, start, end)
    first = next((n for n, count in enumerate(daily) if count), len(daily)) // 7 * 7
    start, daily = start + timedelta(days=first), daily[first:]
    span = _span(start, end, now)
    mondays = [start + timedelta(days=n) for n in range(0, len(daily), 7)]
    ahead = [end + timedelta(weeks=n) for n in range(AHEAD)]
    counts = [daily[n : n + 7] for n in range(0, len(daily), 7)]
    classes = [_classes(calendar, monday) for monday in mondays]
    known = forecast.weights(classes, counts)
    volume, weight, by_month = _volume(mondays, ahead, counts, classes, known, calendar)
    return Trends(
        volume, _attainment(span, mondays), Season(known, by_month), _marks(span, mondays, weight),
        _weak(_span(end - timedelta(days=WEAK_DAYS), end, now)), ahead,
    )  # fmt: skip


def _span(start: date, end: date, now: datetime) -> Span:
    zone = local(now).tzinfo
    first, last = midnight(start, zone), midnight(end, zone)  # type: ignore[arg-type]
    return Span("", first, first, last, epoch(now), ((("", first)),) * 6, (("", first),))


def _classes(calendar: Calendar, monday: date) -> list[str]:
    return [class_of(calendar, monday + timedelta(days=n)) for n in range(7)]


def _volume(
    mondays: list[date], ahead: list[date], counts: list[list[int]], classes: list[list[str]],
    known: dict[str, float], calendar: Calendar,
) -> tuple[Trend, list[float], dict[int, float]]:  # fmt: skip
    """Requests by week with their forecast; the weights of the weeks; what months bring."""
    values = [float(sum(week)) for week in counts]
    weight = forecast.exposure(classes, known)
    by_month = forecast.months(values, weight, [_month(one) for one in mondays])
    weight = [part * by_month.get(_month(one), 1.0) for part, one in zip(weight, mondays, strict=True)]
    coming = forecast.exposure([_classes(calendar, one) for one in ahead], known)
    coming = [part * by_month.get(_month(one), 1.0) for part, one in zip(coming, ahead, strict=True)]
    made = forecast.forecast(values, weight, coming)
    return Trend(mondays, list(values), [sum(week) for week in counts], made), weight, by_month


def _month(monday: date) -> int:
    """The month of a week: that of its Thursday."""
    return (monday + timedelta(days=3)).month


def _daily(span: Span, start: date, end: date) -> list[int]:
    """Requests received on each day."""
    c = relations.received(span).subquery().c
    step = _step(c.at, span.start, DAY)
    found = {int(row[0]): row[1] for row in db.session.execute(select(step, func.count()).group_by(step))}
    return [found.get(n, 0) for n in range((end - start).days)]


def _step(at: Any, since: int, length: int) -> Any:
    """How many whole lengths after `since` an instant lies."""
    return (at - since) // length


def _attainment(span: Span, mondays: list[date]) -> Trend:
    """Results told in time by week of their due instant; the forecast is of the share, held between 0 and 100."""
    c = relations.clocks(span, agreed=True).subquery().c
    step = _step(c.at, span.start, WEEK)
    rows = db.session.execute(
        select(step, func.count(), func.sum(c.hit)).where(c.code == "result").group_by(step)
    )  # fmt: skip
    found = {int(row[0]): (row[1], int(row[2] or 0)) for row in rows}
    of = [found.get(n, (0, 0))[0] for n in range(len(mondays))]
    values = [100 * found[n][1] / of[n] if of[n] else None for n in range(len(mondays))]
    told = [value for value in values if value is not None]
    made = forecast.forecast(told, [1.0] * len(told), [1.0] * AHEAD)
    if made:
        made.high[:] = [min(100.0, one) for one in made.high]
        made.values[:] = [min(100.0, one) for one in made.values]
    return Trend(mondays, values, of, made)


def _marks(span: Span, mondays: list[date], weight: list[float]) -> list[Mark]:
    """Leaves (type and category) of which unusually many came in one of the last weeks, the most unusual first."""
    at = relations.seconds(Case.received_at)
    counted = relations.received(span).subquery()
    step = _step(at, span.start, WEEK)
    rows = db.session.execute(
        select(Case.request_type, Case.category, step, func.count())
        .join(counted, counted.c.case_id == Case.id)
        .group_by(Case.request_type, Case.category, step)
    )
    leaves: dict[str, list[int]] = {}
    for kind, category, week, n in rows:
        leaves.setdefault(f"{kind}/{category}", [0] * len(mondays))[int(week)] = n
    largest = sorted(leaves.items(), key=lambda one: -sum(one[1]))[:LEAVES]
    found = [mark for name, counts in largest for mark in forecast.marks(name, counts, weight)]
    return sorted(found, key=lambda one: (-one.week, -one.times))


def _weak(span: Span) -> list[Weak]:
    """Category and department where attainment, reopening or rating is worst by enough cases to matter."""
    found: list[Weak] = []
    for measure, name, good in (("attainment", "agreed", True), ("reopen", "solved", False), ("rating", "rated", True)):
        c = relations.RELATIONS[name](span).subquery().c
        query = (
            select(Case.category, c.unit, func.count(), func.sum(c.hit))
            .join(Case, Case.id == c.case_id)
            .where(c.at >= span.start)
            .group_by(Case.category, c.unit)
        )
        if measure == "attainment":
            query = query.where(c.code == "result")
        cells = {(row[0], row[1]): (row[2], int(row[3] or 0)) for row in db.session.execute(query)}
        found += forecast.weak(cells, measure, good=good)
    return sorted(found, key=lambda one: -one.lost)
