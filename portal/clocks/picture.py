"""Geometry of a case's clocks over time: bars, pauses, breaches, bands of departments, ticks and now. Pure.

Horizontal places are per cent of the width, vertical ones pixels: the drawing fits a phone and a wall alike, and its
letters keep their size.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from portal.clocks.holding import Span, Stretch, cut

LEFT, RIGHT = 0.4, 99.6
BAND, LANE, AXIS = 26, 36, 38
BAR_DOWN, BAR_HIGH = 18, 10
LEAST = 0.5  # per cent: what is shorter would not be seen
MOST_TICKS = 6
MOST_LANES_OF_A_KIND = 3
MINUTE, HOUR, DAY = 60, 3600, 86400
STEPS = (
    10, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR,
    12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 91 * DAY, 182 * DAY, 364 * DAY,
)  # fmt: skip


class Run(NamedTuple):
    """One clock as drawn: `end` is its stop or None; `pauses` stopped it (an open one ends after now),
    `idle` its calendar leaves out."""

    id: int
    kind: str
    start: int
    due: int
    end: int | None
    outcome: str
    pauses: tuple[Span, ...] = ()
    idle: tuple[Span, ...] = ()


class Piece(NamedTuple):
    """A part of a bar: look is run, rest, off, pause, bad or cut."""

    x: float
    width: float
    look: str
    since: int
    until: int
    id: int


class Lane(NamedTuple):
    """The clocks of one kind, one after the other, with the due instants that they have."""

    kind: str
    y: int
    runs: tuple[Run, ...]
    pieces: tuple[Piece, ...]
    dues: tuple[tuple[float, bool], ...]  # place, whether it was overstepped


class Band(NamedTuple):
    """A stretch behind the lanes; `shade` alternates so that neighbours differ."""

    x: float
    width: float
    shade: int
    stretch: Stretch


class Tick(NamedTuple):
    """A place on the axis; `minor` ones lose their label where it is narrow."""

    x: float
    at: int
    minor: bool


@dataclass(frozen=True)
class Picture:
    """Everything there is to draw, placed."""

    low: int
    high: int
    bands: tuple[Band, ...]
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    step: int
    now: float | None
    height: int

    @property
    def floor(self) -> int:
        """Where lanes end and the axis begins."""
        return self.height - AXIS


class Scale(NamedTuple):
    """From instants to per cent of the width."""

    low: int
    high: int

    def at(self, instant: int) -> float:
        """The place of an instant, kept inside the drawing."""
        inside = min(max(instant, self.low), self.high)
        return round(LEFT + (RIGHT - LEFT) * (inside - self.low) / (self.high - self.low), 2)

    def seen(self, since: int, until: int) -> bool:
        """Whether a stretch is wide enough to be seen and lies inside the drawing."""
        return until <= self.high and self.at(until) - self.at(since) >= LEAST

    def piece(self, since: int, until: int) -> tuple[float, float]:
        """Place and width of a stretch, never too thin to be seen nor beyond the right edge."""
        x, width = self.at(since), round(self.at(until) - self.at(since), 2)
        if width < LEAST:
            x, width = min(x, RIGHT - LEAST), LEAST
        return round(x, 2), width


def picture(runs: Iterable[Run], stretches: Sequence[Stretch], now: int, offset: int = 0) -> Picture:
    """Places clocks and stretches; `offset` is the zone's distance from UTC in seconds, for ticks at full hours."""
    shown = sorted(runs, key=lambda r: (r.start, r.due, r.id))
    scale = _scale(shown, stretches, now)
    grouped = _lanes(shown, now)
    lanes = tuple(_lane(kind, BAND + n * LANE, mine, scale, now) for n, (kind, mine) in enumerate(grouped))
    step = _step(scale.high - scale.low)
    alive = any(r.end is None for r in shown) or (bool(stretches) and stretches[-1].until >= now)
    return Picture(
        scale.low, scale.high, _bands(stretches, scale), lanes, _ticks(scale, step, offset), step,
        scale.at(now) if alive and scale.low <= now <= scale.high else None, BAND + len(lanes) * LANE + AXIS,
    )  # fmt: skip


def _still(run: Run, now: int) -> bool:
    """Whether the clock stands still now: where it will be due is not known before it runs again."""
    return run.end is None and any(a <= now < b for a, b in run.pauses)


def _reach(run: Run, now: int) -> int:
    """Up to when a clock is drawn: its stop; while it runs, its due instant or now, whatever is later."""
    if run.end is not None:
        return run.end
    return now if _still(run, now) else max(run.due, now)


def _scale(runs: Sequence[Run], stretches: Sequence[Stretch], now: int) -> Scale:
    starts = [r.start for r in runs] + [s.since for s in stretches]
    ends = [_reach(r, now) for r in runs] + [s.until for s in stretches]
    if len(runs) == 1 and runs[0].outcome != "cancelled":
        ends.append(runs[0].due if not _still(runs[0], now) else now)  # alone it shows what was left, too
    low = min(starts, default=now)
    return Scale(low, max(*ends, low + MINUTE) if ends else low + MINUTE)


def _lanes(runs: Sequence[Run], now: int) -> list[tuple[str, list[Run]]]:
    """Clocks of one kind share a lane until they overlap; a round counted anew from the same start gets its own."""
    lanes: list[tuple[str, list[Run]]] = []
    for run in runs:
        mine = [lane for kind, lane in lanes if kind == run.kind]
        free = next((lane for lane in mine if _reach(lane[-1], now) <= run.start), None)
        if free is None and len(mine) < MOST_LANES_OF_A_KIND:
            lanes.append((run.kind, [run]))
        else:
            (mine[-1] if free is None else free).append(run)
    return lanes


def _lane(kind: str, y: int, runs: list[Run], scale: Scale, now: int) -> Lane:
    pieces = tuple(piece for run in runs for piece in _pieces(run, scale, now))
    known = [r for r in runs if r.outcome != "cancelled" and r.due <= scale.high and not _still(r, now)]
    dues = tuple((scale.at(r.due), _over(r, now)) for r in known)
    return Lane(kind, y, tuple(runs), pieces, dues)


def _over(run: Run, now: int) -> bool:
    return (now if run.end is None else run.end) > run.due


def _pieces(run: Run, scale: Scale, now: int) -> list[Piece]:
    """What ran, what was late, what is left, then what did not count upon it: hours off (where seen) and pauses."""
    end = now if run.end is None else run.end
    if run.outcome == "cancelled":
        parts = [("cut", run.start, end)]
    elif _still(run, now):
        parts = [("run", run.start, end)]
    else:
        parts = [("run", run.start, min(end, run.due)), ("bad", run.due, end)]
        parts += [("rest", max(now, run.start), run.due)] if run.end is None else []
    parts = [(look, a, b) for look, a, b in parts if b > a] or [("run", run.start, run.start)]
    parts += [("off", a, b) for a, b in cut(run.idle, run.start, run.due) if scale.seen(a, b)]
    parts += [("pause", a, b) for a, b in cut(run.pauses, run.start, end)]
    return [Piece(*scale.piece(a, b), look, a, b, run.id) for look, a, b in parts]


def _bands(stretches: Sequence[Stretch], scale: Scale) -> tuple[Band, ...]:
    """Bands in order; a department that follows another one changes the shade, a pause of the same one keeps it."""
    found: list[Band] = []
    for part in stretches:
        shade = 0
        if found:
            same = found[-1].stretch.unit == part.unit
            shade = found[-1].shade if same else 1 - found[-1].shade
        x, width = scale.at(part.since), round(scale.at(part.until) - scale.at(part.since), 2)
        found.append(Band(x, width, shade, part))
    return tuple(found)


def _step(span: int) -> int:
    return next((step for step in STEPS if span / step <= MOST_TICKS), -(-span // (MOST_TICKS * STEPS[-1])) * STEPS[-1])


def _ticks(scale: Scale, step: int, offset: int) -> tuple[Tick, ...]:
    """Ticks at round local times; every second one is minor."""
    first = -(-(scale.low + offset) // step) * step - offset
    return tuple(Tick(scale.at(at), at, n % 2 == 1) for n, at in enumerate(range(first, scale.high + 1, step)))
