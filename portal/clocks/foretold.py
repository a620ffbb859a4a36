"""By when a customer hears from us: the times of a request that is being taken down, or of a case nobody has judged."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from portal.clocks import book as books
from portal.clocks.kept import class_of
from portal.clocks.models import Clock
from portal.clocks.policy import TIMELESS
from portal.clocks.policy_view import limit_words
from portal.clocks.rules import Facts, decide
from portal.kernel.instants import epoch

# the clocks that stop when the customer hears from a person of ours (the table of kinds, SL3)
HEARD = ("first_response", "lead_contact", "callback", "next_reply", "promise", "progress", "answer", "result")
SHOWN = ("acknowledgement", "first_response", "judgement", "progress", "answer", "result")


class Ahead(NamedTuple):
    """One limit: kind of clock, due (epoch seconds), its length (amount and unit), how it stands.

    `state`: runs, met (by taking the request) or now (owed in the contact itself).
    """

    kind: str
    due: int
    amount: int
    unit: str
    state: str = "runs"

    @property
    def limit(self) -> str:
        """Its length in words."""
        return limit_words(self.amount, self.unit)


class Foretold(NamedTuple):
    """The level that is counted with until somebody judges, and the limits."""

    level: str
    lines: list[Ahead]

    @property
    def contact(self) -> Ahead | None:
        """By when the customer hears from a person, by the nearest limit that still runs."""
        waiting = (one for one in self.lines if one.kind in HEARD and one.state == "runs")
        return min(waiting, key=lambda one: one.due, default=None)

    @property
    def judgement(self) -> Ahead | None:
        """By when somebody sets the level."""
        return next((one for one in self.lines if one.kind == "judgement" and one.state == "runs"), None)


def foretold(now: datetime, customer_id: int | None, facts: Facts) -> Foretold:
    """The limits a request would get if it were entered now; `facts` without a judged level."""
    book = books.in_force(now)
    if customer_id and book.policy.asks_class:
        facts = replace(facts, customer_class=class_of(customer_id, now))
    lines = []
    for kind in SHOWN:
        start = epoch(now) if kind == "judgement" else facts.received
        made = decide(book.policy, book.calendars, kind, facts, start)
        if made is None:
            continue
        taken = made.met_by_taking or (kind == "acknowledgement" and facts.channel in book.policy.live)
        state = "met" if taken else "now" if made.winner.unit in TIMELESS else "runs"
        lines.append(Ahead(kind, made.due, made.winner.amount, made.winner.unit, state))
    return Foretold(facts.governing_level, lines)


def running(level: str, clocks: Iterable[Clock]) -> Foretold:
    """The limits of a case that run now, the nearest first."""
    alive = (row for row in clocks if row.outcome == "running" and not row.paused_at)
    lines = [Ahead(row.kind, epoch(row.effective_due), row.amount, row.unit) for row in alive]
    return Foretold(level, sorted(lines, key=lambda one: one.due))
