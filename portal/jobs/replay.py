"""A case lived through again from its journal, in memory, by the rules that wrote it; nothing is ever stored (SL9)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from portal.cases import events as e
from portal.cases.apply import apply
from portal.cases.clockwork import STEPS
from portal.cases.events import from_facts
from portal.cases.models import Case
from portal.clocks import book as books
from portal.clocks.book import Book
from portal.clocks.calendar import Calendar
from portal.clocks.keeper import Keeper
from portal.clocks.models import Clock
from portal.journal.stream import Line

DELIVERED = ("told_step", "answer_by")  # what the watch writes beside the journal


class Speaker(NamedTuple):
    """Who acted, as far as the clocks ask."""

    id: int
    unit_ids: frozenset[int]


class Cited:
    """The versions of policy and calendars that a case's kept clocks name.

    A version put in force from an earlier day does not judge what was judged before it was there; so of the versions
    in force at an instant the newest that the case names is taken, and the newest of all only where it names none.
    """

    def __init__(self, clocks: Iterable[Any]) -> None:
        self.policies: set[int] = set()
        self.calendars: dict[str, set[int]] = {}
        self.lead_stops: set[datetime] = set()
        for clock in clocks:
            self.policies.add(clock.policy_version)
            self.calendars.setdefault(clock.calendar, set()).add(clock.calendar_version)
            if clock.kind == "lead_contact" and clock.outcome in ("met", "missed") and clock.stopped_at:
                self.lead_stops.add(clock.stopped_at)

    def book(self, at: datetime, policy: int | None) -> Book:
        """What decided at this instant; `policy` is the version the case was born with."""
        found = books.in_force(at, policy)
        version = _newest(self.policies, found.policy.version) if policy is None else policy
        calendars = {
            code: books.calendar(code, _newest(self.calendars.get(code, ()), one.version))
            for code, one in found.calendars.items()
        }
        return Book(books.policy(version), calendars)


def _newest(named: Iterable[int], most: int) -> int:
    return max((version for version in named if version <= most), default=most)


class Scratch(Keeper):
    """A keeper without a store, for one whole journal."""

    def __init__(self, case: Case, at: datetime, cited: Cited) -> None:
        super().__init__(case, at, fresh=True)
        self.cited = cited

    def turn(self, at: datetime) -> None:
        """The next entry was written at `at`."""
        self.now = at
        self.book = self.cited.book(at, self.clocks[0].policy_version if self.clocks else None)

    def _calendars(self, clock: Clock | None) -> dict[str, Calendar]:
        """As the keeper, of the versions that the case names."""
        if clock is None:
            return self.book.calendars
        own = books.calendar(clock.calendar, clock.calendar_version)
        then = self.cited.book(clock.started_at, self.book.policy.version).calendars
        return self.book.calendars | then | {clock.calendar: own}


def replay(case_id: int, lines: Sequence[Line], kept: Sequence[Any]) -> Scratch:
    """The case and its clocks as the journal gives them; `kept` are its stored clocks.

    A contact says whether it was the lead department's. Journals of before do not: there it counts as such where the
    kept clock stopped at that very entry.
    """
    case, cited = Case(id=case_id), Cited(kept)
    keeper = Scratch(case, lines[0].at, cited)
    for line in lines:
        event = from_facts(line.kind, line.facts)
        apply(case, event, line.at, line.by_id)
        step = STEPS.get(type(event))
        if step:
            keeper.turn(line.at)
            led = isinstance(event, e.Contacted) and line.at in cited.lead_stops
            step(keeper, event, Speaker(line.by_id, frozenset({case.unit_id} if led else ())))  # type: ignore[arg-type]
    return keeper


def summary(keeper: Scratch, kept: Sequence[Any]) -> dict[str, Any]:
    """What the case row keeps of its clocks; how far people were told stands in no journal and is taken over."""
    told = {(c.kind, c.cycle, c.round): c for c in kept}
    for clock in keeper.clocks:
        mine = told.get((clock.kind, clock.cycle, clock.round))
        for name in DELIVERED:
            if mine is not None and hasattr(mine, name):
                setattr(clock, name, getattr(mine, name))
    return keeper.summary()
