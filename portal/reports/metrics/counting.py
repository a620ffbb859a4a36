"""Counting a period once: cells of rows that agree in their dimensions, and lengths; figures are read off them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import case, func, literal, select

from portal.cases.models import Case
from portal.cases.rules import LIVE
from portal.kernel.db import db
from portal.reports.metrics.definitions import KPIS
from portal.reports.metrics.further import RELATIONS, age_at
from portal.reports.metrics.stretches import ADDITIVE, stretches
from portal.reports.relations import TOGETHER, Rows, open_at, seconds
from portal.reports.rules import Span, percentile

STOCKS = ("opening", "closing")
LENGTHS = tuple(dict.fromkeys(kpi.relation for kpi in KPIS.values() if kpi.mode == "length"))
CUBES = tuple(
    dict.fromkeys(
        kpi.relation for kpi in KPIS.values() if kpi.relation not in (*STOCKS, *LENGTHS) and kpi.relation
    )
)  # fmt: skip
GROUP = {name: group for group in TOGETHER for name in group[1]}
MONTHLY = "rated"  # what a quarter shows month by month
DRAWN = ("received", "moved", "closings", "agreed", "rated")  # what charts show step by step


class Cell(NamedTuple):
    """Rows that agree in everything that can be asked for; `bucket` counts stretches of time."""

    code: str
    level: str
    channel: str
    type: str
    unit: int
    bucket: int
    n: int
    hits: int

    @property
    def live(self) -> str:
        """Whether taking the request is the first response."""
        return "yes" if self.channel in LIVE else "no"


class Timed(NamedTuple):
    """One length of time and whose it is; `bucket` 0 is the period before."""

    seconds: int
    level: str
    channel: str
    type: str
    unit: int
    bucket: int


class Stats(NamedTuple):
    """How many lengths, their mean, median and 90th percentile in seconds (nearest rank)."""

    n: int = 0
    mean: float | None = None
    median: float | None = None
    p90: float | None = None


NOTHING = Stats()
Groups = dict[tuple[Any, ...], dict[int, tuple[int, int]]]


@dataclass
class Counts:
    """What was counted of a period and the one before it; bucket 0 is the one before unless `first` says otherwise."""

    span: Span
    cells: dict[str, list[Cell]]
    times: dict[str, list[Timed]]
    exercises: int = 0
    first: int = 1
    at: int = 0  # when it was counted, epoch seconds
    months: Mapping[str, list[tuple[int, int]]] = field(default_factory=dict)  # rows and hits of a quarter's six months
    stats: dict[tuple[Any, ...], Stats] = field(default_factory=dict)
    reading: Callable[[str], Iterator[None]] = lambda _name: iter(())  # reads a relation bit by bit, for who gives way
    _groups: dict[tuple[Any, ...], Groups] = field(default_factory=dict)
    _lengths: dict[tuple[Any, ...], dict[tuple[Any, ...], list[int]]] = field(default_factory=dict)

    def pair(
        self, relation: str, *, before: bool = False, buckets: range | None = None, **want: Any
    ) -> tuple[int, int]:
        """Rows and hits of a relation in the period, or in the one before it, where they fit what is wanted."""
        keys = tuple(sorted(want))
        found = self._grouped(relation, keys).get(tuple(want[key] for key in keys), {})
        n = hits = 0
        for bucket, (rows, part) in found.items():
            if bucket in buckets if buckets is not None else (bucket < self.first) is before:
                n, hits = n + rows, hits + part
        return n, hits

    def _grouped(self, relation: str, keys: tuple[str, ...]) -> Groups:
        """The cells summed over all dimensions but these, remembered."""
        known = self._groups.get((relation, keys))
        if known is None:
            known = self._groups[relation, keys] = summed(self._rows(relation, keys), keys)
        return known

    def _rows(self, relation: str, _keys: tuple[str, ...]) -> list[Cell]:
        """The cells of which sums by these dimensions are made."""
        return self.cells[relation]

    def values(self, relation: str, name: str) -> list[Any]:
        """What occurs in this period under a name (level, channel, unit, code), most frequent first."""
        counts = {
            key[0]: sum(n for bucket, (n, _) in row.items() if bucket >= self.first)
            for key, row in self._grouped(relation, (name,)).items()
        }
        return sorted((key for key, n in counts.items() if n), key=lambda key: (-counts[key], str(key)))

    def lengths(self, relation: str, *, before: bool = False, **want: Any) -> Stats:
        """What the lengths of a relation say. Raises KeyError for what was not kept of a stored count."""
        keys = tuple(sorted(want))
        kept = (relation, before, keys, tuple(want[key] for key in keys))
        found = self.stats.get(kept)
        if found is None:
            values = (before, *kept[3])
            found = self.stats[kept] = stats_of(self._sorted_out(relation, keys).get(values, ()))
        return found

    def _sorted_out(self, relation: str, keys: tuple[str, ...]) -> dict[tuple[Any, ...], list[int]]:
        """The lengths by whether they are of the period before, and by these dimensions, remembered."""
        known = self._lengths.get((relation, keys))
        if known is None:
            known = self._lengths[relation, keys] = {}
            get, first = attrgetter("bucket", "seconds", *keys), self.first
            for bucket, length, *values in map(get, self.times[relation]):
                known.setdefault((bucket < first, *values), []).append(length)
        return known


def summed(cells: Iterable[Cell], keys: tuple[str, ...]) -> Groups:
    """Rows and hits of cells by these dimensions and by bucket; a cold page does this often, so it calls little."""
    get, found = attrgetter(*keys) if keys else None, dict[Any, dict[int, tuple[int, int]]]()
    for cell in cells:
        key, bucket = get(cell) if get else (), cell.bucket
        if key not in found:
            found[key] = {bucket: (cell.n, cell.hits)}
        elif bucket in found[key]:
            n, hits = found[key][bucket]
            found[key][bucket] = n + cell.n, hits + cell.hits
        else:
            found[key][bucket] = cell.n, cell.hits
    return {(key,): row for key, row in found.items()} if len(keys) == 1 else found


def stats_of(lengths: Iterable[int]) -> Stats:
    """Mean, median and 90th percentile of lengths."""
    ordered = sorted(lengths)
    if not ordered:
        return NOTHING
    mean = round(sum(ordered) / len(ordered), 1)
    return Stats(len(ordered), mean, percentile(ordered, 0.5), percentile(ordered, 0.9))


class Lazily(dict[str, Any]):
    """Readings by name, each made when it is first asked for: a page pays for what it shows."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        super().__init__()
        self.read = read

    def __missing__(self, name: str) -> Any:
        found = self[name] = self.read(name)
        return found


def count(span: Span, starts: Sequence[int] = (), first: int = 1) -> Counts:
    """Counts a period from its rows. `starts` cut time otherwise than into the period before and the steps."""
    steps = [span.before, *(at for _, at in span.steps)]
    pieces = Lazily(lambda _: stretches(span))

    def cut(name: str) -> Sequence[int]:
        if name == "monthly":
            return [at for _, at in span.months]
        return starts or (steps if name in DRAWN and span.steps else [span.before, span.start])

    def read(name: str) -> Iterator[None]:
        """Reads the cells of a relation, or its lengths, and stops to breathe after each stretch."""
        if name in cells or name in times:
            return
        some = pieces[""] if name in ADDITIVE else [span]
        if name in LENGTHS:
            yield from _filled(times, [name], (_times(name, one, first, span.start) for one in some))
        elif name in STOCKS:
            yield from _filled(cells, [name], [_stock(name, span, first)])
        elif name in GROUP:
            reading, members = GROUP[name]
            yield from _filled(cells, list(members), (_together(reading, members, one, cut) for one in some))
        else:
            yield from _filled(cells, [name], (_cells(name, one, cut(name)) for one in some))

    cells, times = Lazily(lambda name: _whole(cells, read, name)), Lazily(lambda name: _whole(times, read, name))
    months = Lazily(lambda _: _in_order(summed(cells["monthly"], ()).get((), {}), len(span.months)))
    return Counts(span, cells, times, _exercises(span), first, span.as_of, months, reading=read)


def _whole(kept: dict[str, Any], read: Callable[[str], Iterator[None]], name: str) -> Any:
    """A relation read in one go."""
    for _ in read(name):
        pass
    return kept[name]


def _filled(kept: dict[str, Any], names: list[str], parts: Iterable[Iterable[Any]]) -> Iterator[None]:
    """Puts rows into what is kept once all stretches are read; rows of several relations come with their name."""
    found: dict[str, list[Any]] = {name: [] for name in names}
    for part in parts:
        for row in part:
            found[row[0] if len(names) > 1 else names[0]].append(row[1] if len(names) > 1 else row)
        yield
    for name in names:
        kept[name] = found[name]


def _together(
    reading: Callable[[Span], tuple[Rows, ...]],
    members: dict[str, str],
    span: Span,
    cut: Callable[[str], Sequence[int]],
) -> Iterator[tuple[str, Cell]]:
    """The cells of relations that one reading gives, each with its relation."""
    for part in reading(span):
        c = part.subquery().c
        buckets = [bucket_of(c[at], cut(name)).label(f"at_{name}") for name, at in members.items()]
        units = [c.get(f"{name}_unit", c.unit) for name in members]  # whose it is may differ with the instant
        keys = [c.code, c.level, c.channel, c.type, *buckets, *units]
        sums = [told for name in members for told in (func.count(c[name]), func.sum(c[name]))]
        for row in db.session.execute(select(*keys, *sums).group_by(*keys)):
            for n, name in enumerate(members):
                rows, hits = row[len(keys) + 2 * n : len(keys) + 2 * n + 2]
                if rows:
                    bucket, unit = row[4 + n], row[4 + len(members) + n]
                    yield name, Cell(row[0] or "", row[1], row[2], row[3], unit, bucket, rows, int(hits or 0))


def _in_order(found: Mapping[int, tuple[int, int]], many: int) -> list[tuple[int, int]]:
    return [found.get(n, (0, 0)) for n in range(many)]


def _cells(name: str, span: Span, starts: Sequence[int]) -> Iterator[Cell]:
    found = RELATIONS[name](span).subquery()
    c, bucket = found.c, bucket_of(found.c.at, starts)
    keys = [c.code, c.level, c.channel, c.type, c.unit, bucket]
    query = select(*keys, func.count(), func.sum(c.hit)).group_by(*keys)
    for row in db.session.execute(query):
        yield Cell(row[0] or "", *row[1:6], row[6], int(row[7] or 0))


def _stock(name: str, span: Span, first: int) -> Iterator[Cell]:
    """The stock at the end (closing), compared with the one at the start; nothing is older than the opening one."""
    ends = [(span.start, first)] if name == "opening" else [(span.start, first - 1), (span.until, first)]
    for instant, bucket in ends:
        c = open_at(instant).subquery().c
        keys = [c.level, c.channel, c.type, c.unit]
        for row in db.session.execute(select(*keys, func.count(), func.sum(c.hit)).group_by(*keys)):
            yield Cell("", *row[:4], bucket, row[4], int(row[5] or 0))


def bucket_of(at: Any, starts: Sequence[int]) -> Any:
    """The number of the stretch in which an instant lies, found by halves: a row costs few comparisons."""

    def among(low: int, high: int) -> Any:
        if low >= high:
            return literal(low)
        middle = (low + high + 1) // 2
        return case((at < starts[middle], among(low, middle - 1)), else_=among(middle, high))

    return among(0, len(starts) - 1).label("bucket")


def _times(name: str, span: Span, first: int, start: int) -> Iterator[Timed]:
    """Lengths of a stretch; those before `start` are of the period before."""
    if name == "age":
        for end in (False, True):
            bucket, c = first - 1 + end, age_at(span, end=end).subquery().c
            for row in db.session.execute(select(c.hit, c.level, c.channel, c.type, c.unit)):
                yield Timed(int(row[0]), *row[1:5], bucket)
        return
    found = RELATIONS[name](span).subquery().c
    query = select(found.hit, found.level, found.channel, found.type, found.unit, found.at)
    for length, level, channel, kind, unit, at in db.session.connection().execute(query):
        yield Timed(int(length), level, channel, kind, unit, first if at >= start else first - 1)


def _exercises(span: Span) -> int:
    at = seconds(Case.received_at)
    query = select(func.count()).select_from(Case).where(Case.exercise, at >= span.start, at < span.until)
    return db.session.scalar(query) or 0
