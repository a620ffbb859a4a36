"""When things happen in the demonstration: arrivals over the months, and how long each step takes."""

from datetime import UTC, datetime, timedelta
from random import Random

from portal.kernel.i18n import local

HOURS = (1, 1, 1, 1, 1, 1, 2, 4, 8, 10, 11, 9, 5, 6, 9, 10, 9, 7, 5, 5, 5, 4, 2, 1)
WEEKEND = 0.45
GROWTH = 0.8  # the last day brings this much more than the first
# minutes (least, most) from step to step; P3 and P4 count working time from `work` to `result`
PACE = {
    "P1": {"judge": (1, 4), "claim": (1, 4), "contact": (2, 8), "work": (2, 6), "result": (25, 80), "tell": (2, 9),
           "confirm": (20, 90)},
    "P2": {"judge": (2, 9), "claim": (2, 8), "contact": (2, 7), "work": (5, 40), "result": (90, 900), "tell": (4, 40),
           "confirm": (40, 1300)},
    "P3": {"judge": (4, 70), "claim": (5, 60), "contact": (4, 50), "work": (5, 40), "result": (25, 300), "tell": (4,
    60),
           "confirm": (30, 800)},
    "P4": {"judge": (8, 90), "claim": (20, 240), "contact": (10, 200), "work": (10, 200), "result": (300, 2400),
           "tell": (10, 200), "confirm": (200, 1500)},
}  # fmt: skip


def first_day(as_of: datetime) -> datetime:
    """The beginning of the quarter before the last one: two whole quarters and the running one are shown."""
    here = local(as_of)
    months = here.year * 12 + (here.month - 1) // 3 * 3 - 6
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=here.tzinfo).astimezone(UTC)


def arrivals(rng: Random, first: datetime, last: datetime, count: int) -> list[datetime]:
    """So many instants between first and last, in order: more by day, fewer at weekends, growing."""
    days = [first + timedelta(days=n) for n in range(max(1, (last - first).days))]
    weights = [
        (1 + GROWTH * n / len(days)) * (WEEKEND if local(day).weekday() >= 5 else 1) for n, day in enumerate(days)
    ]
    found = []
    for day in rng.choices(days, weights, k=count):
        midnight = local(day).replace(hour=0, minute=0, second=0)
        hour = rng.choices(range(24), HOURS)[0]
        at = midnight + timedelta(hours=hour, minutes=rng.randrange(60), seconds=rng.randrange(60))
        found.append(min(max(at.astimezone(UTC), first), last))
    return sorted(found)
