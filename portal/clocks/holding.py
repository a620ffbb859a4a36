"""Who used the time: the stretches of a case by the department that held it, measured against one limit. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from portal.clocks.calendar import Calendar

Span = tuple[int, int]


class Stretch(NamedTuple):
    """Time of one kind (running, paused, told, closed) under one department; epoch seconds, `until` not included."""

    since: int
    until: int
    kind: str
    reason: str
    unit: int


class Limit(NamedTuple):
    """One clock's limit: from `start` to `end` (its stop, or now), what it left out, and how much it allows.

    `wall`: counted by the wall clock (weeks), else by the calendar. `budget`: seconds allowed, pauses taken out.
    """

    start: int
    end: int
    pauses: tuple[Span, ...]
    wall: bool
    budget: int


@dataclass(frozen=True)
class Holding:
    """What one department used: seconds of the wall clock, of working time, and of the limit."""

    unit: int
    held: int = 0
    working: int = 0
    counted: int = 0
    customer: int = 0
    paused: int = 0
    share: float | None = None

    def plus(self, held: int, working: int, counted: int, customer: int, paused: int) -> "Holding":
        """The same with a stretch more."""
        return Holding(
            self.unit, self.held + held, self.working + working, self.counted + counted,
            self.customer + customer, self.paused + paused,
        )  # fmt: skip


def stretches_of(rows: Sequence[tuple[int, str, str, int]], start: int, now: int) -> list[Stretch]:
    """Rows (from, kind, reason, department) in order as stretches up to `now`.

    The first one reaches back to `start`: who took the request down had it since it was received. What follows the
    last closing is nobody's; equal neighbours are one stretch.
    """
    found: list[Stretch] = []
    for at, (since, kind, reason, unit) in enumerate(rows):
        begin = min(start, since) if at == 0 else since
        until = rows[at + 1][0] if at + 1 < len(rows) else max(now, begin)
        if kind == "closed" and at + 1 == len(rows):
            break
        if found and (found[-1].kind, found[-1].reason, found[-1].unit) == (kind, reason, unit):
            found[-1] = found[-1]._replace(until=until)
        elif until > begin:
            found.append(Stretch(begin, until, kind, reason, unit))
    return found


def limit_of(
    calendar: Calendar, start: int, due: int, end: int, unit: str, segments: Iterable[Sequence], *, stopped: bool
) -> Limit:
    """A clock's limit from its segments (since, until or None, kind, ...): a pause begun after the due instant cures
    nothing and counts; one that the clock's own stop cut short never moved the due instant."""
    wall = unit == "w"
    pauses = [(s[0], s[1]) for s in segments if s[2] == "paused" and s[0] <= due]
    over = [(a, b) for a, b in pauses if b is not None and (b < end or not stopped)]
    shown = cut(((a, end if b is None else b) for a, b in pauses), start, end)
    return Limit(start, end, tuple(shown), wall, allowed(calendar, start, due, over, wall))


def used(calendar: Calendar, limit: Limit) -> int:
    """Seconds of the limit used up until its end."""
    whole = measured(calendar, [(limit.start, limit.end)], limit.wall) if limit.end > limit.start else 0
    return whole - measured(calendar, limit.pauses, limit.wall)


def allowed(calendar: Calendar, start: int, due: int, closed_pauses: Iterable[Span], wall: bool) -> int:
    """Seconds a limit allows: from start to due without the pauses that moved the due instant."""
    return measured(calendar, [(start, due)], wall) - measured(calendar, cut(closed_pauses, start, due), wall)


def measured(calendar: Calendar, spans: Iterable[Span], wall: bool) -> int:
    """Seconds of the spans, by the wall clock or as working time."""
    return sum(b - a if wall else calendar.between(a, b) for a, b in spans)


def cut(spans: Iterable[Span], since: int, until: int) -> list[Span]:
    """The parts of the spans inside [since, until)."""
    return [(max(a, since), min(b, until)) for a, b in spans if max(a, since) < min(b, until)]


def holdings(stretches: Iterable[Stretch], calendar: Calendar, limit: Limit | None) -> list[Holding]:
    """What each department used, in the order in which they first held the case."""
    found: dict[int, Holding] = {}
    for part in stretches:
        length = part.until - part.since
        runs, told, paused = (part.kind == kind for kind in ("running", "told", "paused"))
        found[part.unit] = found.get(part.unit, Holding(part.unit)).plus(
            length if runs else 0,
            calendar.between(part.since, part.until) if runs else 0,
            _counted(part, calendar, limit),
            length if told else 0,
            length if paused else 0,
        )
    return [shared(one, limit) for one in found.values()]


def _counted(part: Stretch, calendar: Calendar, limit: Limit | None) -> int:
    """Seconds of the stretch that used up the limit; closed time uses nothing."""
    if limit is None or part.kind == "closed":
        return 0
    inside = cut([(part.since, part.until)], limit.start, limit.end)
    whole = measured(calendar, inside, limit.wall)
    return whole - sum(measured(calendar, cut(limit.pauses, a, b), limit.wall) for a, b in inside)


def shared(one: Holding, limit: Limit | None) -> Holding:
    """The same with its share of the limit in per cent, where there is one."""
    if limit is None or limit.budget <= 0:
        return one
    return Holding(
        one.unit, one.held, one.working, one.counted, one.customer, one.paused,
        round(100 * one.counted / limit.budget, 1),
    )  # fmt: skip
