"""Every figure of a quarter: computed here once, shown on screen, in the PDF and behind each link alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, literal, select

from portal.cases.models import Case
from portal.kernel.db import db
from portal.reports import relations
from portal.reports.rules import (
    ATTAINMENT_TARGET,
    SATISFACTION_TARGET,
    Balance,
    Figure,
    Span,
    percentile,
    share,
)

TIMED = ("first_response", "staff_solved", "final_solved")
KINDS = (
    "entry", "acknowledgement", "judgement", "first_response", "lead_contact", "start_of_work", "progress", "answer",
    "result", "callback", "confirmation",
)  # fmt: skip


class Spec(NamedTuple):
    """How a figure reads its relation: `count` rows, the share of `hit`, or the share of `miss`."""

    relation: str
    mode: str = "count"
    code: str = ""
    target: float | None = None


SPECS: dict[str, Spec] = {
    "received": Spec("received"),
    "closed": Spec("closings"),
    "reopened": Spec("moves", code="reopened"),
    "void": Spec("moves", code="void"),
    "merged": Spec("moves", code="merged"),
    "opening": Spec("opening"),
    "closing": Spec("closing"),
    "attainment": Spec("agreed", "hit", target=ATTAINMENT_TARGET),
    "attainment_original": Spec("original", "hit", target=ATTAINMENT_TARGET),
    "late_entry": Spec("original", "miss", "entry"),
    "reopen": Spec("solved", "hit"),
    "chase": Spec("chased", "hit"),
    "extension": Spec("extended", "hit"),
    "satisfaction": Spec("rated", "hit", target=SATISFACTION_TARGET),
    "rating_response": Spec("asked", "hit"),
    "first_response": Spec("first_response"),
    "staff_solved": Spec("staff_solved"),
    "final_solved": Spec("final_solved"),
}
CUBES = ("received", "chased", "moves", "closings", "solved", "original", "agreed", "extended", "asked", "rated")


class Cell(NamedTuple):
    """Rows that agree in everything asked for."""

    code: str
    level: str
    channel: str
    type: str
    unit: int
    month: int
    n: int
    hits: int


class Timed(NamedTuple):
    """One length of time and whose it is."""

    seconds: int
    level: str
    channel: str
    type: str
    unit: int
    current: bool


@dataclass(frozen=True)
class Quarter:
    """A quarter's counted rows; figures are read off it."""

    span: Span
    cubes: dict[str, list[Cell]]
    times: dict[str, list[Timed]]  # seconds ascending
    opening: int
    closing: int
    exercises: int
    weeks: tuple[tuple[str, int, int], ...]  # from, received, closed

    def total(self, relation: str, months: range = range(3, 6), **want: Any) -> tuple[int, int]:
        """Rows and hits of a relation in these months, where the cells fit what is wanted."""
        n = hits = 0
        for cell in self.cubes[relation]:
            if cell.month in months and all(getattr(cell, k) == v for k, v in want.items()):
                n, hits = n + cell.n, hits + cell.hits
        return n, hits

    def values(self, relation: str, name: str) -> list[Any]:
        """What occurs in this quarter under a name (level, channel, unit, code), most frequent first."""
        counts: dict[Any, int] = {}
        for cell in self.cubes[relation]:
            if cell.month >= 3:
                key = getattr(cell, name)
                counts[key] = counts.get(key, 0) + cell.n
        return sorted(counts, key=lambda key: (-counts[key], str(key)))

    def figure(self, name: str, /, months: range = range(3, 6), **want: Any) -> Figure:
        """One figure, the same figure of the quarter before, and the way to its cases."""
        spec = SPECS[name]
        want = want | ({"code": spec.code} if spec.code else {})
        now, before = self.total(spec.relation, months, **want), self.total(spec.relation, range(3), **want)
        link = {"figure": name, "quarter": self.span.code} | {k: str(v) for k, v in want.items()}
        if spec.mode == "count":
            return Figure(name, now[0], "cases", now[0], now[0], float(before[0]), filter=link)
        part, old = (pair[1] if spec.mode == "hit" else pair[0] - pair[1] for pair in (now, before))
        value, old_value = share(part, now[0]), share(old, before[0])
        return Figure(name, value, "%", part, now[0], old_value, spec.target, filter=link)

    def duration(self, relation: str, p: float, **want: Any) -> Figure:
        """The median (0.5) or the 90th percentile (0.9) of a time, in seconds."""
        mine, old = (self._seconds(relation, current, **want) for current in (True, False))
        link = {"figure": relation, "quarter": self.span.code} | {k: str(v) for k, v in want.items()}
        code = f"{relation}:{'median' if p == 0.5 else 'p90'}"
        value, before = percentile(mine, p), percentile(old, p)
        return Figure(code, value, "s", len(mine), len(mine), before, filter=link)

    def _seconds(self, relation: str, current: bool, **want: Any) -> list[int]:
        rows = (row for row in self.times[relation] if row.current is current)
        return [row.seconds for row in rows if all(getattr(row, k) == v for k, v in want.items())]

    @property
    def balance(self) -> Balance:
        """Opening stock, what came and went, closing stock."""
        count = {
            code: int(self.figure(code).value or 0) for code in ("received", "reopened", "closed", "merged", "void")
        }
        return Balance(opening=self.opening, closing=self.closing, **count)

    @property
    def empty(self) -> bool:
        """Whether nothing at all was received or closed."""
        return not (self.total("received")[0] or self.total("moves")[0])


def quarter(span: Span) -> Quarter:
    """Counts a quarter and the one before it."""
    cubes = {name: list(_cells(name, span)) for name in CUBES}
    return Quarter(
        span=span,
        cubes=cubes,
        times={name: _times(name, span) for name in TIMED},
        opening=_count(relations.open_at(span.start)),
        closing=_count(relations.open_at(span.until)),
        exercises=_exercises(span),
        weeks=_weeks(span),
    )


def _cells(name: str, span: Span) -> Iterator[Cell]:
    found = relations.RELATIONS[name](span).subquery()
    c, month = found.c, _bucket(found.c.at, [start for _, start in span.months])
    keys = [c.code, c.level, c.channel, c.type, c.unit, month]
    query = select(*keys, func.count(), func.sum(c.hit)).group_by(*keys)
    for row in db.session.execute(query):
        yield Cell(row[0] or "", *row[1:6], row[6], int(row[7] or 0))


def _bucket(at: Any, starts: list[int]) -> Any:
    """The number of the stretch in which an instant lies."""
    steps = [(at < after, literal(n)) for n, after in enumerate(starts[1:])]
    return case(*steps, else_=literal(len(starts) - 1)).label("bucket")


def _times(name: str, span: Span) -> list[Timed]:
    found = relations.RELATIONS[name](span).subquery().c
    rows = db.session.execute(select(found.hit, found.level, found.channel, found.type, found.unit, found.at))
    return sorted(Timed(int(row[0]), *row[1:5], row[5] >= span.start) for row in rows)


def _count(query: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _exercises(span: Span) -> int:
    at = relations.seconds(Case.received_at)
    query = select(func.count()).select_from(Case).where(Case.exercise, at >= span.start, at < span.until)
    return db.session.scalar(query) or 0


def _weeks(span: Span) -> tuple[tuple[str, int, int], ...]:
    starts = [start for _, start in span.weeks]
    counts = []
    for name in ("received", "closings"):
        found = relations.RELATIONS[name](span).subquery().c
        week = _bucket(found.at, starts)
        query = select(week, func.count()).where(found.at >= span.start).group_by(week)
        counts.append({row[0]: row[1] for row in db.session.execute(query)})
    begun = sum(start < span.until for start in starts)
    return tuple((label, counts[0].get(n, 0), counts[1].get(n, 0)) for n, (label, _) in enumerate(span.weeks[:begun]))
