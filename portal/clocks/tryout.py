"""What-if (SL10): a past clock's due instant and verdict under another policy or calendar. Pure; epoch seconds.

The policy's own instants are compared, new times agreed with customers left aside. Nothing is guessed: a clock whose
kept due instant does not follow from its start, limit and pauses alone (a changed situation moved it) stays as it was,
and a limit that the draft brings in anew had no clock then and is not counted.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from portal.clocks.calendar import Calendar, verdict
from portal.clocks.deadlines import deadline, state_of
from portal.clocks.policy import DERIVED, TIMELESS, Lost, Policy, Row
from portal.clocks.rules import Facts, binding, due_of, speaking, truths_of

Pause = tuple[int, int | None, str, str]
Calendars = Mapping[str, Calendar]
LISTED = 200  # cases whose verdict would change are named up to here, and counted beyond
SIDES = ("kind", "level", "channel", "unit")


class Past(NamedTuple):
    """One clock that ran, with the facts of its case; `ended`: it still ran when the case was closed."""

    no: str
    channel: str
    urgent: bool
    complexity: Any
    received: int
    customer_class: str
    request_type: str
    kind: str
    later: bool
    policy_version: int
    rule: str
    calendar: str
    calendar_version: int
    amount: int
    limit_unit: str
    pausable: bool
    level: str
    judged: bool
    unit: int
    started: int
    due: int
    paused: int | None
    stopped: int | None
    dropped: bool
    ended: bool
    pauses: tuple[Pause, ...] = ()


class Change(NamedTuple):
    """A case whose verdict would be another; None = in time when it ended, so not counted."""

    no: str
    kind: str
    level: str
    channel: str
    unit: int
    stopped: int | None
    old_due: int
    new_due: int
    before: str | None
    after: str | None


class Share(NamedTuple):
    """Attainment of a group before and after."""

    name: str
    n_before: int
    met_before: int
    n_after: int
    met_after: int

    @property
    def before(self) -> float | None:
        """Per cent met as it was."""
        return round(100 * self.met_before / self.n_before, 1) if self.n_before else None

    @property
    def after(self) -> float | None:
        """Per cent met as it would have been."""
        return round(100 * self.met_after / self.n_after, 1) if self.n_after else None


@dataclass
class Tally:
    """What was counted so far; tallies of parts add up to that of the whole.

    A limit that is taken away leaves the counts; it is no change of verdict.
    """

    cases: int = 0
    kept: int = 0
    counts: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    changes: list[Change] = field(default_factory=list)
    changed: int = 0

    def add(self, past: Past, new_due: int | None, before: str | None, after: str | None) -> None:
        """Counts one clock."""
        if before is not None or after is not None:
            self.counts[past.kind, past.level, past.channel, past.unit, before, after] += 1
        if before != after and new_due is not None:
            self.changed += 1
            if len(self.changes) < LISTED:
                self.changes.append(
                    Change(
                        past.no, past.kind, past.level, past.channel, past.unit, past.stopped, past.due, new_due,
                        before, after,
                    )
                )  # fmt: skip

    def shares(self, side: str = "") -> list[Share]:
        """Attainment of each kind, level, channel or unit; of everything together without a side."""
        groups: dict[Any, list[int]] = {}
        for key, n in self.counts.items():
            name = key[SIDES.index(side)] if side else ""
            group = groups.setdefault(name, [0, 0, 0, 0])
            for at, said in ((0, key[4]), (2, key[5])):
                group[at] += n if said is not None else 0
                group[at + 1] += n if said == "met" else 0
        return [Share(str(name), *group) for name, group in sorted(groups.items(), key=lambda g: str(g[0]))]

    def to_data(self) -> dict[str, Any]:
        """Plain JSON data; tally_from_data gives an equal tally back."""
        return {
            "cases": self.cases, "kept": self.kept, "changed": self.changed,
            "counts": [[*key, n] for key, n in self.counts.items()], "changes": [list(c) for c in self.changes],
        }  # fmt: skip


def tally_from_data(data: Mapping[str, Any]) -> Tally:
    """A tally as it was put away. Raises ValueError, TypeError or KeyError for anything else."""
    counts = Counter({(*map(_plain, row[:6]),): int(row[6]) for row in data["counts"]})
    changes = [Change(*map(_plain, row)) for row in data["changes"][:LISTED]]
    return Tally(int(data["cases"]), int(data["kept"]), counts, changes, int(data["changed"]))


def _plain(value: Any) -> Any:
    if value is not None and not isinstance(value, str | int):
        raise ValueError(value)
    return value


@dataclass
class Trial:
    """A policy tried on past clocks.

    `calendars(past)` gives the calendars by code under which the draft would have decided, `own(past)` the calendar
    the clock really ran on, `rules(version)` the rows of a policy version by their ids.
    """

    policy: Policy
    calendars: Callable[[Past], Calendars]
    own: Callable[[Past], Calendar]
    rules: Callable[[int], Mapping[str, Row]]
    now: int
    _known: dict[tuple[Any, ...], list[Row]] = field(default_factory=dict)

    def count(self, clocks: Iterable[Past], tally: Tally) -> None:
        """Judges clocks as they were and as they would have been, and counts both."""
        for past in clocks:
            before = said(past, past.due, self.now)
            due = self.due(past)
            if due == KEPT:
                tally.kept += 1
                tally.add(past, past.due, before, before)
            else:
                tally.add(past, due, before, None if due is None else said(past, due, self.now))

    def due(self, past: Past) -> int | None:
        """The due instant under the tried policy; None = it sets no such limit, KEPT = it cannot be told."""
        pauses = _pauses_that_count(past, self.own(past))
        row = self.rules(past.policy_version).get(past.rule)
        if pauses is None or row is None or row.unit in DERIVED or _by_hotline(row, self.own(past)):
            return KEPT
        if "later" in row.when and not past.later:
            past = past._replace(later=True)
        calendars = self.calendars(past)
        facts = facts_of(past)
        bids = [Lost(row, due_of(row, calendars, past.started)) for row in self._speaking(past, facts, calendars)]
        best = binding(self.policy, past.kind, facts, bids)
        if best is None or not pauses:
            return None if best is None else best.due
        row = best.row
        stops = row.pausable and past.level not in self.policy.never_pause
        pauses = [p for p in pauses if stops or not past.pausable or p[3] == "told"]
        return deadline(row.amount, row.unit, calendars[row.calendar], past.started, pauses)

    def _speaking(self, past: Past, facts: Facts, calendars: Calendars) -> list[Row]:
        """The rows that speak about such a case, looked for once for all cases that are alike."""
        days = calendars[self.policy.day_calendar]
        key = (
            past.kind, past.channel, past.level, past.judged, past.urgent, past.complexity, past.later,
            days.is_working_day(days.local_date(past.received)), past.customer_class, past.request_type,
        )  # fmt: skip
        rows = self._known.get(key)
        if rows is None:
            truths = truths_of(self.policy, calendars, facts)
            rows = self._known[key] = speaking(self.policy, past.kind, facts, truths)
        return rows


KEPT = -1


def _by_hotline(row: Row, own: Calendar) -> bool:
    """Whether a clock ran by its hotline's hours, which no policy sets (IN12)."""
    return row.kind == "entry" and row.calendar != own.code


def facts_of(past: Past) -> Facts:
    """What the limits depended on when the clock's limit was last decided."""
    return Facts(
        past.channel, past.level if past.judged else None, past.level or None, past.urgent, past.complexity,
        past.received, past.later, False, past.customer_class, past.request_type,
    )  # fmt: skip


def said(past: Past, due: int, now: int) -> str | None:
    """Met or missed with this due instant; None while it runs in time, or when it ended without being missed."""
    if past.dropped:
        return None
    if past.stopped is None:
        return "missed" if state_of(now, due, paused=past.paused) == "late" else None
    found = verdict(due, past.stopped)
    return None if past.ended and found == "met" else found


def _pauses_that_count(past: Past, calendar: Calendar) -> list[Pause] | None:
    """The pauses from which the kept due instant follows; None when it follows from none."""
    closed = list(past.pauses)
    still_open = [(a, None if b == past.stopped else b, kind, why) for a, b, kind, why in closed]
    plain = past.started if past.limit_unit in TIMELESS else calendar.due(past.started, past.amount, past.limit_unit)
    if not closed:
        return [] if plain == past.due else None
    for pauses in (closed, still_open):
        if deadline(past.amount, past.limit_unit, calendar, past.started, pauses) == past.due:
            return pauses
    return [] if plain == past.due else None
