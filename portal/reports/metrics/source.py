"""Where a count comes from: the worker's documents while the worker lives and they are fresh, else the rows themselves.

So a worker that is dead changes no figure, it only makes pages slower.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from portal.cases.models import Case
from portal.journal.models import Entry
from portal.kernel import clock, feed
from portal.kernel.db import db, read
from portal.reports.metrics.counting import Counts, count
from portal.reports.metrics.rollups import DOC, Stored, unpacked
from portal.reports.rules import Span

META = "SELECT counted_at, cost, dirty_since FROM metric_rollup WHERE period = :period AND unit_id = 0"
# a document made after the period's end that nothing has touched, and up to which entry it was looked
UNTOUCHED = (
    "SELECT one.counted_at, mark.upto FROM metric_rollup AS one JOIN metric_rollup AS mark ON mark.period = '-'"
    " WHERE one.period = :period AND one.unit_id = 0 AND one.dirty_since = 0 AND one.counted_at >= :end"
)
MANY = 500  # cases of one question
ALIVE = 60  # seconds since the worker's last sign of life
MOST_KEPT = 40  # periods in the memory of a process
KEPT_BY = frozenset(("unit", "level", "channel"))
_kept: dict[tuple[str, str], Stored] = {}


def counts(span: Span, want: Mapping[str, Any] | None = None) -> Counts:
    """The count of a period, good for figures of these filters; its `at` and `span.as_of` say when it was made."""
    if not set(want or ()) <= KEPT_BY:
        return count(span)
    rows = read(META, {"period": span.code})
    return _stored(span, rows[0][0]) if rows and fresh(span.as_of, *rows[0][1:]) else count(span)


def exact(span: Span) -> Counts:
    """The count of a period that is over as it is now: the document if nothing has touched it, else the rows.

    For what is frozen: a document serves here when it is right, whether or not the worker lives.
    """
    rows = [] if span.running else read(UNTOUCHED, {"period": span.code, "end": span.end})
    return _stored(span, rows[0][0]) if rows and not _touches(rows[0][1], span.end) else count(span)


def _touches(mark: int, end: int) -> bool:
    """Whether an entry that the worker has not looked at yet is of a case received before `end`."""
    query = select(Entry.stream, Entry.kind).where(Entry.id > mark, Entry.stream.like("case:%"))
    new = db.session.execute(query).all()
    if any(row[1] == "FactCorrected" for row in new):
        return True
    cases = sorted({int(row[0][5:]) for row in new})
    first = func.min(Case.received_at)
    found = (
        db.session.scalar(select(first).where(Case.id.in_(cases[n : n + MANY]))) for n in range(0, len(cases), MANY)
    )
    return any(at is not None and at.timestamp() < end for at in found)


def fresh(now: int, cost: int, dirty_since: int) -> bool:
    """Whether a document may be shown: the worker lives, and what touched it did so a short while ago."""
    feed.version("")
    if abs(clock.millis() // 1000 - feed.feed.heartbeat) > ALIVE:
        return False
    return not dirty_since or now - dirty_since <= tolerated(cost)


def tolerated(cost: int) -> int:
    """Seconds for which a touched document is still shown; `cost` in milliseconds."""
    return max(60, cost * 60 // 1000)


def forget() -> None:
    """Empties the memory of this process (measurements)."""
    _kept.clear()


def _stored(span: Span, at: int) -> Stored:
    key = (str(db.engine.url), span.code)
    found = _kept.get(key)
    if found is None or found.at != at:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        text = read(DOC, {"period": span.code, "unit": 0})[0][0]
        found = _kept[key] = unpacked(text, replace(span, as_of=at), at)
    return found if found.span.steps == span.steps else replace(found, span=replace(span, as_of=at))
