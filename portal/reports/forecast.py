"""A forecast by weeks that can be checked by hand: level, working days, month, and how wrong it was. Pure.

A week's value is level x weight: the weight is how much of the usual the days of that week bring (weekday, holiday,
make-up day) and, after two years, its month. The level follows the weeks by exponential smoothing. The interval and
the error printed beside it come from forecasting the past from what was known then, never from the fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median
from typing import NamedTuple

ALPHAS = (0.1, 0.2, 0.3, 0.5, 0.7)
LEAST = 12  # weeks that a forecast needs
TRIED = 26  # origins in the past from which it is tried
HORIZONS = (4, 13)
INSIDE = 0.8  # share of outcomes that the interval is to hold
MONTHS_FROM = 104  # weeks of history from which months are told apart
FIRST = 4  # weeks whose mean the level begins with
SHRINK = 4  # weeks of a month that weigh as much as the assumption that it is like the others


class Past(NamedTuple):
    """One forecast of the past: what was expected, what came, what the naive one said."""

    own: list[float]
    came: list[float]
    naive: list[float]


class Error(NamedTuple):
    """How far forecasts of the past were off over a horizon, as a share of what came; the naive one beside it."""

    weeks: int
    origins: int
    own: float | None
    naive: float | None


@dataclass(frozen=True)
class Forecast:
    """The next weeks: what is expected, between what and what, and the errors of the past."""

    values: list[float]
    low: list[float]
    high: list[float]
    errors: list[Error]
    alpha: float


def weights(days: Sequence[Sequence[str]], counts: Sequence[Sequence[int]]) -> dict[str, float]:
    """What a day of each class (weekday, holiday, make-up) brings, as a share of the mean day.

    `days` holds the classes of each week's days, `counts` what they brought. A class that is rare is held near the
    mean of all.
    """
    total, n = sum(map(sum, counts)), sum(map(len, days))
    if not total:
        return {}
    mean = total / n
    sums: dict[str, list[int]] = {}
    for week, brought in zip(days, counts, strict=True):
        for name, count in zip(week, brought, strict=True):
            have = sums.setdefault(name, [0, 0])
            have[0] += count
            have[1] += 1
    return {name: (have[0] + mean) / (have[1] + 1) / mean for name, have in sums.items()}


def exposure(days: Sequence[Sequence[str]], known: dict[str, float]) -> list[float]:
    """How much of a usual week each week brings; days of a class never seen count as a mean day."""
    return [max(0.05, sum(known.get(name, 1.0) for name in week) / 7) for week in days]


def months(values: Sequence[float], weight: Sequence[float], month: Sequence[int]) -> dict[int, float]:
    """What a month brings beside the year around it, held near 1 while it was seen seldom; nothing before two years."""
    n = len(values)
    if n < MONTHS_FROM:
        return {}
    plain = [value / part for value, part in zip(values, weight, strict=True)]
    ratios: dict[int, list[float]] = {}
    for at in range(n):
        around = plain[max(0, at - 26) : at + 27]
        centre = sum(around) / len(around)
        if centre:
            ratios.setdefault(month[at], []).append(plain[at] / centre)
    return {m: (sum(found) + SHRINK) / (len(found) + SHRINK) for m, found in ratios.items()}


def levels(values: Sequence[float], weight: Sequence[float], alpha: float) -> list[float]:
    """The level after each week from the fourth on, by exponential smoothing from the mean of the first month."""
    plain = [value / part for value, part in zip(values, weight, strict=True)]
    found = [sum(plain[:FIRST]) / len(plain[:FIRST])]
    for one in plain[FIRST:]:
        found.append(found[-1] + alpha * (one - found[-1]))
    return found


def _tried(values: Sequence[float], weight: Sequence[float], alpha: float, ahead: int) -> list[Past]:
    """Forecasts of the past: for each origin what was expected, what came, and what the naive one said."""
    found, n, after = [], len(values), levels(values, weight, alpha)
    for origin in range(max(LEAST, n - TRIED - ahead), n - ahead + 1):
        at = after[origin - FIRST]
        expected = [at * part for part in weight[origin : origin + ahead]]
        naive = [float(values[origin - 1])] * ahead
        found.append(Past(expected, list(values[origin : origin + ahead]), naive))
    return found


def _off(tried: Sequence[Past], which: str) -> float | None:
    """The sum of what was off over what came."""
    came = sum(sum(one.came) for one in tried)
    off = sum(abs(a - b) for one in tried for a, b in zip(getattr(one, which), one.came, strict=True))
    return off / came if came else None


def _alpha(values: Sequence[float], weight: Sequence[float]) -> float:
    """The smoothing that was least off four weeks ahead, in the weeks before those by which it is judged."""
    past = len(values) - HORIZONS[0]
    short = list(values[:past]) if past >= LEAST + 2 * HORIZONS[0] else list(values)
    scores = [(_off(_tried(short, weight[: len(short)], one, HORIZONS[0]), "own"), one) for one in ALPHAS]
    known = [(score, one) for score, one in scores if score is not None]
    return min(known)[1] if known else 0.3


def forecast(values: Sequence[float], weight: Sequence[float], following: Sequence[float]) -> Forecast | None:
    """The weeks after `values`; `weight` of the weeks known and `following` of those to come. None of too few weeks."""
    if len(values) < LEAST or not any(values):
        return None
    alpha = _alpha(values, weight)
    at = levels(values, weight, alpha)[-1]
    expected = [at * part for part in following]
    spread = _spread(_tried(values, weight, alpha, 1), at)
    wide = [spread * sqrt(1 + n * alpha * alpha) * max(one, 1.0) ** 0.5 for n, one in enumerate(expected)]
    low = [max(0.0, one - half) for one, half in zip(expected, wide, strict=True)]
    high = [one + half for one, half in zip(expected, wide, strict=True)]
    errors = []
    for ahead in HORIZONS:
        tried = _tried(values, weight, alpha, ahead)
        errors.append(Error(ahead, len(tried), _off(tried, "own"), _off(tried, "naive")))
    return Forecast(expected, low, high, errors, alpha)


def _spread(tried: Sequence[Past], at: float) -> float:
    """How far four fifths of the past's next weeks lay off, in units of the root of what was expected."""
    off = sorted(abs(one.came[0] - one.own[0]) / max(one.own[0], 1.0) ** 0.5 for one in tried)
    return off[min(len(off) - 1, int(INSIDE * len(off)))] if off else max(at, 1.0) ** 0.5


class Mark(NamedTuple):
    """A week that is unlike those before it: how many came, what was usual, how many times that."""

    name: str
    week: int
    came: int
    usual: float
    times: float


def marks(name: str, counts: Sequence[int], weight: Sequence[float], *, back: int = 13, last: int = 4) -> list[Mark]:
    """Weeks among the last few in which at least twice the usual came, beyond what chance makes of such numbers.

    Usual is the median of the thirteen weeks before, each by its weight.
    """
    found = []
    for at in range(max(back, len(counts) - last), len(counts)):
        before = [counts[n] / weight[n] for n in range(at - back, at)]
        usual = median(before) * weight[at]
        if counts[at] >= 5 and counts[at] >= 2 * usual and counts[at] - usual > 3 * sqrt(usual + 1):
            found.append(Mark(name, at, counts[at], usual, counts[at] / usual if usual else float(counts[at])))
    return found


class Weak(NamedTuple):
    """A place where a rate is worse than the house's by enough cases to matter."""

    category: str
    unit: int
    measure: str
    n: int
    hits: int
    house: float
    lost: float


def wilson(hits: int, n: int, z: float = 1.645) -> tuple[float, float]:
    """The interval of a share (90 %), which holds for small numbers too."""
    if not n:
        return 0.0, 1.0
    share, square = hits / n, z * z / n
    middle, wide = share + square / 2, z * sqrt(share * (1 - share) / n + square / (4 * n))
    return (middle - wide) / (1 + square), (middle + wide) / (1 + square)


def weak(
    cells: dict[tuple[str, int], tuple[int, int]], measure: str, *, good: bool = True, least: int = 20
) -> list[Weak]:  # fmt: skip
    """Cells whose share of hits is worse than that of all, even at the kind end of its interval; the worst first.

    `good`: hits are what is wanted. `lost`: how many cases the house's rate would have saved there.
    """
    n, hits = (sum(pair[k] for pair in cells.values()) for k in (0, 1))
    if not n:
        return []
    house, found = hits / n, []
    for (category, unit), (count, hit) in cells.items():
        low, high = wilson(hit, count)
        lost = (house * count - hit) if good else (hit - house * count)
        if count >= least and (high < house if good else low > house) and lost >= 3:
            found.append(Weak(category, unit, measure, count, hit, house, lost))
    return sorted(found, key=lambda one: -one.lost)
