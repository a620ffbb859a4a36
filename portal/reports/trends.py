"""Trends by week: volumes and attainment with their seasons, a forecast, marks of what is unusual, weak spots (RE3)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.clocks import book
from portal.clocks.calendar import Calendar
from portal.kernel.i18n import local
from portal.reports import forecast
from portal.reports.forecast import Forecast, Mark, Weak
from portal.reports.metrics.weeks import Weeks, weeks
from portal.reports.paper_rules import midnight

WEEKS_BACK, WEEKS_SHOWN, AHEAD = 156, 52, 13
WEEKS_WEAK = 13
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
    """The weeks that are over, up to three years, and a look ahead."""
    calendar = book.in_force(now).calendars["cn-business"]
    today = local(now).date()
    end = today - timedelta(days=today.weekday())  # the Monday of the running week
    known = weeks(now, midnight(end - timedelta(weeks=WEEKS_BACK), local(now).tzinfo))  # type: ignore[arg-type]
    mondays = _mondays(known, end)
    ahead = [end + timedelta(weeks=n) for n in range(AHEAD)]
    counts = [[known.days[monday + timedelta(days=n)] for n in range(7)] for monday in mondays]
    classes = [_classes(calendar, monday) for monday in mondays]
    by_day = forecast.weights(classes, counts)
    volume, weight, by_month = _volume(mondays, ahead, counts, classes, by_day, calendar)
    return Trends(
        volume, _attainment(known, mondays), Season(by_day, by_month), _marks(known, mondays, weight),
        _weak(known, end), ahead,
    )  # fmt: skip


def _mondays(known: Weeks, end: date) -> list[date]:
    """The weeks that are over, from the first with a request on."""
    first = end - timedelta(weeks=WEEKS_BACK)
    days = [day for day, count in known.days.items() if count and first <= day < end]
    begin = min(days, default=end)
    begin -= timedelta(days=begin.weekday())
    return [begin + timedelta(days=n) for n in range(0, (end - begin).days, 7)]


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


def _attainment(known: Weeks, mondays: list[date]) -> Trend:
    """Results told in time by week of their due instant; the forecast is of the share, held between 0 and 100."""
    found = [known.total("attainment", monday) for monday in mondays]
    values = [100 * hits / n if n else None for n, hits in found]
    told = [value for value in values if value is not None]
    made = forecast.forecast(told, [1.0] * len(told), [1.0] * AHEAD)
    if made:
        made.high[:] = [min(100.0, one) for one in made.high]
        made.values[:] = [min(100.0, one) for one in made.values]
    return Trend(mondays, values, [n for n, _ in found], made)


def _marks(known: Weeks, mondays: list[date], weight: list[float]) -> list[Mark]:
    """Leaves (type and category) of which unusually many came in one of the last weeks, the most unusual first."""
    leaves = {f"{kind}/{category}": [by[one] for one in mondays] for (kind, category), by in known.leaves.items()}
    largest = sorted(leaves.items(), key=lambda one: (-sum(one[1]), one[0]))[:LEAVES]
    found = [mark for name, counts in largest for mark in forecast.marks(name, counts, weight)]
    return sorted(found, key=lambda one: (-one.week, -one.times))


def _weak(known: Weeks, end: date) -> list[Weak]:
    """Category and department where attainment, reopening or rating is worst by enough cases to matter."""
    found: list[Weak] = []
    for measure, good in (("attainment", True), ("reopen", False), ("rating", True)):
        cells = known.places(measure, end - timedelta(weeks=WEEKS_WEAK), end)
        found += forecast.weak(cells, measure, good=good)
    return sorted(found, key=lambda one: -one.lost)
