"""A quarter as its report needs it, by months and weeks: every figure is the metrics room's."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import func, select

from portal.cases.back_entry import PREFIX
from portal.cases.models import Case
from portal.kernel.db import db
from portal.reports import relations
from portal.reports.metrics import room, source
from portal.reports.metrics.counting import Counts
from portal.reports.metrics.definitions import KPIS
from portal.reports.rules import Balance, Figure, Span, share

TIMED = ("first_response", "staff_solved", "final_solved")
KINDS = (
    "entry", "acknowledgement", "judgement", "first_response", "lead_contact", "start_of_work", "progress", "answer",
    "result", "callback", "confirmation",
)  # fmt: skip


@dataclass(frozen=True)
class Quarter:
    """A quarter's counted rows; figures are read off it."""

    counts: Counts

    @property
    def span(self) -> Span:
        """The quarter's instants."""
        return self.counts.span

    @property
    def opening(self) -> int:
        """Cases open when it began."""
        return self.total("opening")[0]

    @property
    def closing(self) -> int:
        """Cases open when it ended, or now."""
        return self.total("closing")[0]

    @property
    def exercises(self) -> int:
        """Exercises received in it; they are in no figure."""
        return self.counts.exercises

    def total(self, relation: str, **want: Any) -> tuple[int, int]:
        """Rows and hits of a relation in the quarter, where the cells fit what is wanted."""
        return self.counts.pair(relation, **want)

    def values(self, relation: str, name: str) -> list[Any]:
        """What occurs in this quarter under a name (level, channel, unit, code), most frequent first."""
        return self.counts.values(relation, name)

    def figure(self, name: str, /, **want: Any) -> Figure:
        """One figure, the same figure of the quarter before, and the way to its cases."""
        found = room.figure(self.counts, name, **want)
        link = {"quarter" if key == "period" else key: value for key, value in found.filter.items()}
        return replace(found, filter=link)

    def monthly(self, name: str, month: int) -> float | None:
        """The share of one month in per cent."""
        n, hits = self.counts.months[KPIS[name].relation][month]
        return share(hits, n)

    def duration(self, relation: str, p: float, **want: Any) -> Figure:
        """The median (0.5) or the 90th percentile (0.9) of a time, in seconds, with its mean."""
        now, old = (self.counts.lengths(relation, before=before, **want) for before in (False, True))
        link = {"figure": relation, "quarter": self.span.code} | {k: str(v) for k, v in want.items()}
        value, before = (one.median if p == 0.5 else one.p90 for one in (now, old))
        code = f"{relation}:{'median' if p == 0.5 else 'p90'}"
        return Figure(code, value, "s", now.n, now.n, before, filter=link, mean=now.mean, p90=now.p90)

    @property
    def balance(self) -> Balance:
        """Opening stock, what came and went, closing stock."""
        return room.balance(self.counts)

    @property
    def weeks(self) -> tuple[tuple[str, int, int], ...]:
        """The weeks that have begun: their first day, received, closed."""
        first, steps = self.counts.first, self.span.steps
        begun = [(range(n, n + 1), label) for n, (label, at) in enumerate(steps, first) if at < self.span.until]
        return tuple(
            (label, self.counts.pair("received", buckets=week)[0], self.counts.pair("closings", buckets=week)[0])
            for week, label in begun
        )

    @cached_property
    def back_entries(self) -> int:
        """Requests taken down outside the portal (EM5): counted with all others, but their entry is never late."""
        at, mine = relations.seconds(Case.received_at), Case.source.like(f"{PREFIX}%")
        query = select(func.count()).select_from(Case).where(mine, at >= self.span.start, at < self.span.until)
        return db.session.scalar(query.where(Case.exercise.is_(False))) or 0

    @property
    def empty(self) -> bool:
        """Whether nothing at all was received or closed."""
        return not (self.total("received")[0] or self.total("moves")[0])


def quarter(span: Span, *, exact: bool = False) -> Quarter:
    """A quarter and the one before it: as pages show it, or `exact`, for what is frozen."""
    return Quarter(source.exact(span) if exact else source.counts(span))
