"""Why a deadline is what it is (SL9): facts row by row, in codes, for screens and the command line."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

from portal.clocks.calendar import Calendar
from portal.clocks.deadlines import deadline, pauses_of, state_of
from portal.clocks.holding import limit_of, used
from portal.clocks.policy import TIMELESS, Decision, Row

Line = dict[str, Any]


def explain(
    decision: Decision,
    calendar: Calendar,
    *,
    now: int,
    stopped: int | None = None,
    paused: int | bool | None = None,
    segments: Sequence[Sequence] = (),
    most_days: int = 10,
) -> list[Line]:
    """Every fact behind a due instant, in reading order; each line has "row" saying what it is.

    Rows: start, rule, limit, calendar, counted | working_day | more, holidays, pause, total, due, lost, verdict.
    `calendar` is the version the decision was made with. Long stretches keep their first and last days.
    """
    row, start, segments = decision.winner, decision.start, until_stopped(segments, stopped, paused)
    due = deadline(row.amount, row.unit, calendar, start, segments)
    state = state_of(now, due, decision.warn, stopped, paused)
    end = now if stopped is None else stopped
    return [
        *_basis(decision, calendar),
        *_shortened(_days(row, calendar, start, due, segments), most_days),
        *_holidays(row, calendar, start, due),
        *_pauses(row, calendar, start, due, segments),
        *_total(row, calendar, start, due, end, segments, stopped is not None),
        {"row": "due", "at": due, "warn": decision.warn},
        *({"row": "lost", **_named(lost.row), "due": lost.due} for lost in decision.losers),
        {"row": "verdict", "state": state, "at": end, "late_seconds": max(0, end - due)},
    ]


def until_stopped(segments: Sequence[Sequence], stopped: int | None, paused: int | bool | None) -> Sequence[Sequence]:
    """The stretches that moved the due instant: none begun after the clock stopped, and the one it stopped in is open.

    A clock that stopped paused (its case ended) never had that pause counted, though the pause ends with it.
    """
    if stopped is None:
        return segments
    known = [segment for segment in segments if segment[0] < stopped]
    if known and (known[-1][1] is None or known[-1][1] > stopped or (known[-1][1] == stopped and paused)):
        since, _until, kind, *rest = known[-1]
        known[-1] = (since, None, kind, *rest)
    return known


def _basis(decision: Decision, calendar: Calendar) -> list[Line]:
    """From when, by which rule and limit, on which calendar."""
    row = decision.winner
    return [
        {"row": "start", "at": decision.start},
        {"row": "rule", **_named(row), "policy": decision.policy_version, "combine": decision.combine},
        {"row": "limit", "amount": row.amount, "unit": row.unit},
        {
            "row": "calendar",
            "code": calendar.code,
            "version": calendar.version,
            "zone": calendar.zone,
            "provisional": decision.provisional,
        },
    ]


def _named(row: Row) -> Line:
    """What identifies a policy row to a reader."""
    return {
        "id": row.id,
        "clause": row.clause,
        "house": row.house,
        "amount": row.amount,
        "unit": row.unit,
        "calendar": row.calendar,
    }


def _days(row: Row, calendar: Calendar, start: int, due: int, segments: Sequence[Sequence]) -> list[Line]:
    """What was counted, a line a local day: spans of working time or numbered working days."""
    if row.unit in (*TIMELESS, "w"):
        return []
    spans = _without(calendar.intervals(start, due), pauses_of(segments, start))
    grouped = [(day, list(of_day)) for day, of_day in groupby(spans, key=lambda s: calendar.local_date(s[0]))]
    if row.unit == "wd":
        later = [(day, of_day) for day, of_day in grouped if day > calendar.local_date(start)]
        return [
            {"row": "working_day", "n": n, "date": day.isoformat(), "to": of_day[-1][1]}
            for n, (day, of_day) in enumerate(later, start=1)
        ]
    return [
        {
            "row": "counted",
            "date": day.isoformat(),
            "from": of_day[0][0],
            "to": of_day[-1][1],
            "spans": of_day,
            "seconds": sum(b - a for a, b in of_day),
        }
        for day, of_day in grouped
    ]


def _without(spans: Iterable[tuple[int, int]], pauses: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of the spans that lie in no pause."""
    kept = []
    for a, b in spans:
        for since, until in pauses:
            if since < b and a < until:
                if a < since:
                    kept.append((a, since))
                a = until
        if a < b:
            kept.append((a, b))
    return kept


def _shortened(days: list[Line], most: int) -> list[Line]:
    """The first and last days with one line for those between."""
    if len(days) <= most:
        return days
    head, tail = most // 2, most - most // 2
    hidden = days[head:-tail]
    seconds = sum(line.get("seconds", 0) for line in hidden)
    return [*days[:head], {"row": "more", "days": len(hidden), "seconds": seconds}, *days[-tail:]]


def _holidays(row: Row, calendar: Calendar, start: int, due: int) -> list[Line]:
    """Holidays passed over on the way, by name."""
    if row.unit in (*TIMELESS, "w"):
        return []
    day, last, found = calendar.local_date(start), calendar.local_date(due), []
    while day <= last:
        special = calendar.exceptions.get(day)
        if special is not None and special.kind == "holiday":
            found.append({"date": day.isoformat(), "name": special.name})
        day += timedelta(days=1)
    return [{"row": "holidays", "days": found}] if found else []


def _total(
    row: Row, calendar: Calendar, start: int, due: int, end: int, segments: Sequence[Sequence], stopped: bool
) -> list[Line]:
    """What was used of what is allowed until the stop or now, and what passed without counting."""
    if row.unit in TIMELESS or end <= start:
        return []
    limit = limit_of(calendar, start, due, end, row.unit, segments, stopped=stopped)
    counted = used(calendar, limit)
    return [{"row": "total", "counted": counted, "of": limit.budget, "not_counted": end - start - counted}]


def _pauses(row: Row, calendar: Calendar, start: int, due: int, segments: Sequence[Sequence]) -> list[Line]:
    """Each pause with the seconds it does not count: none while open, 0 when it began too late."""
    lines = []
    for since, until, kind, *reason in segments:
        if kind != "paused" or (until is not None and until <= start):
            continue
        since = max(since, start)
        seconds = None
        if until is not None:
            seconds = until - since if row.unit == "w" else calendar.between(since, until)
            seconds = 0 if since > due else seconds
        lines.append({"row": "pause", "from": since, "to": until, "seconds": seconds, "reason": "".join(reason[:1])})
    return lines


def shares(
    row: Row, calendar: Calendar, start: int, end: int, due: int, stretches: Sequence[Sequence]
) -> list[tuple[int, int, int]]:
    """(place of the stretch, seconds counted, seconds not counted) of each stretch of a clock's life [start, end).

    Stretches are (since, until, kind); time before the first belongs to it. Weeks count on the wall. A pause begun
    after the due instant cures nothing, so its working time counts.
    """
    found = []
    for place, (since, until, kind, *_) in enumerate(stretches):
        begin, stop = start if place == 0 else max(since, start), end if until is None else min(until, end)
        if stop <= begin:
            continue
        working = stop - begin if row.unit in ("w", *TIMELESS) else calendar.between(begin, stop)
        counted = 0 if kind == "paused" and begin <= due else working
        found.append((place, counted, stop - begin - counted))
    return found
