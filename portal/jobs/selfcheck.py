"""Lives every case through again from its journal and compares: due instants, verdicts, what the row keeps (SL9)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.cases.models import Case
from portal.clocks.models import Clock, Segment
from portal.jobs.replay import Scratch, replay, summary
from portal.journal import stream
from portal.journal.stream import Line
from portal.kernel.db import db
from portal.kernel.errors import Refused
from portal.kernel.instants import epoch

BATCH = 100
LOOKS_BACK = timedelta(days=90)
OF_CLOCK = (
    "started_at", "due_at", "warn_at", "agreed_at", "paused_at", "stopped_at", "outcome", "met_original", "breached_at",
    "policy_version", "rule", "calendar", "calendar_version", "amount", "unit", "pausable", "level", "department_id",
)  # fmt: skip
OF_CASE = ("state", "open", "cycle", "round", "level", "unit_id", "owner_id", "owner_name", "paused", "pause_until",
           "first_unit_id", "handed_at")  # fmt: skip
OF_SUMMARY = ("press", "clock_kind", "clock_start", "clock_due", "clock_warn", "notice_at")
OF_SEGMENT = ("from_at", "kind", "reason", "department_id")
NOT_REPLAYED = (Refused, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, StopIteration)


class Difference(NamedTuple):
    """What is kept and what the journal gives; instants as epoch seconds. `kind` is a clock's, `case` or `segment`."""

    no: str
    kind: str
    field: str
    kept: Any
    counted: Any


@dataclass
class Found:
    """What was looked at and what differs; cases whose journal was erased in part cannot be replayed."""

    cases: int = 0
    clocks: int = 0
    erased: int = 0
    differences: list[Difference] = field(default_factory=list)

    def add(self, other: "Found") -> None:
        """Takes the next batch in."""
        self.cases += other.cases
        self.clocks += other.clocks
        self.erased += other.erased
        self.differences += other.differences


@dataclass
class Kept:
    """One case as the store has it."""

    row: Any
    clocks: list[Any] = field(default_factory=list)
    segments: list[Any] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


def check(now: datetime) -> Found:
    """Every open case and those closed within 90 days, in batches, so that memory stays flat."""
    found, last = Found(), 0
    while True:
        some, end = check_some(now, last)
        found.add(some)
        if end is None:
            return found
        last = end


def check_some(now: datetime, after: int, most: int = BATCH) -> tuple[Found, int | None]:
    """The next cases behind an id, and the last id looked at; None when there are no more."""
    batch = _read(now, after, most)
    found = Found(cases=len(batch), clocks=sum(len(kept.clocks) for kept in batch))
    for kept in batch:
        if not all(line.facts for line in kept.lines):
            found.erased += 1
        elif _differences(kept):
            found.differences += _second_look(now, kept.row.id, most=1)
    db.session.rollback()  # holds no snapshot longer than a batch
    return found, batch[-1].row.id if len(batch) == most else None


def _second_look(now: datetime, case_id: int, most: int) -> list[Difference]:
    """Reads the case once more: somebody may have written between the readings of the first look."""
    db.session.rollback()
    again = _read(now, case_id - 1, most)
    return list(_differences(again[0])) if again and again[0].row.id == case_id else []


def _read(now: datetime, after: int, most: int) -> list[Kept]:
    """Rows, clocks, stretches and journals of the next cases, in four statements."""
    columns = [getattr(Case, name) for name in ("id", "no", *OF_CASE, *OF_SUMMARY)]
    recent = Case.open | (Case.closed_at >= now - LOOKS_BACK) | Case.closed_at.is_(None)
    rows = db.session.execute(select(*columns).where(Case.id > after, recent).order_by(Case.id).limit(most))
    found = {row.id: Kept(row) for row in rows}
    for model, name in ((Clock, "clocks"), (Segment, "segments")):
        table = model.__table__
        for part in db.session.execute(select(table).where(table.c.case_id.in_(found)).order_by(table.c.id)):
            getattr(found[part.case_id], name).append(part)
    for name, lines in stream.read_many([f"case:{case_id}" for case_id in found]).items():
        found[int(name.partition(":")[2])].lines = lines
    return list(found.values())


def _differences(kept: Kept) -> list[Difference]:
    """Everything that is kept otherwise than the journal gives it."""
    no = kept.row.no
    try:
        keeper = replay(kept.row.id, kept.lines, kept.clocks)
    except NOT_REPLAYED as error:
        return [Difference(no, "case", "journal", "", f"{type(error).__name__}: {error}"[:120])]
    return [*_of_clocks(no, kept.clocks, keeper), *_of_segments(no, kept.segments, keeper), *_of_case(kept, keeper)]


def _of_clocks(no: str, clocks: Sequence[Any], keeper: Scratch) -> Iterator[Difference]:
    stored = {(c.kind, c.cycle, c.round): c for c in clocks}
    counted = {(c.kind, c.cycle, c.round): c for c in keeper.clocks}
    for key in sorted(stored.keys() | counted.keys()):
        mine, theirs = stored.get(key), counted.get(key)
        if mine is None or theirs is None:
            yield Difference(no, key[0], "clock", mine and mine.outcome, theirs and theirs.outcome)
        else:
            yield from _fields(no, key[0], OF_CLOCK, mine, theirs)


def _of_segments(no: str, segments: Sequence[Any], keeper: Scratch) -> Iterator[Difference]:
    counted = keeper.segments()
    if len(segments) != len(counted):
        yield Difference(no, "segment", "count", len(segments), len(counted))
        return
    for mine, theirs in zip(segments, counted, strict=True):
        yield from _fields(no, "segment", OF_SEGMENT, mine, theirs)


def _of_case(kept: Kept, keeper: Scratch) -> Iterator[Difference]:
    yield from _fields(kept.row.no, "case", OF_CASE, kept.row, keeper.case)
    counted = summary(keeper, kept.clocks)
    if any(c.told_step for c in kept.clocks if c.outcome == "running"):  # what comes next is the watch's affair
        counted["notice_at"] = counted["notice_at"] and (kept.row.notice_at or counted["notice_at"])
    for name in OF_SUMMARY:
        if getattr(kept.row, name) != counted[name]:
            yield Difference(kept.row.no, "case", name, getattr(kept.row, name), counted[name])


def _fields(no: str, kind: str, names: Sequence[str], mine: Any, theirs: Any) -> Iterator[Difference]:
    for name in names:
        kept, counted = _plain(getattr(mine, name)), _plain(getattr(theirs, name))
        if kept != counted:
            yield Difference(no, kind, name, kept, counted)


def _plain(value: Any) -> Any:
    return epoch(value) if isinstance(value, datetime) else value
