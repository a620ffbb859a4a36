"""Fills a store in batches: a few cases are made by actions, their rows are then copied with new ids and moved in time.

A copy is what the same actions would have made at the moved time, as long as the move is whole weeks without a
holiday between; tests/desk/test_loader.py compares the two.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert, select

from portal.cases.models import Case
from portal.clocks.models import Clock, Segment
from portal.journal.models import Body, Entry, Stream
from portal.kernel.db import Instant, db, transaction

BATCH = 2_000
WEEK = 7 * 86_400
EPOCHS = ("press", "clock_start", "clock_due", "clock_warn", "notice_at", "pause_until")


def rows_of(table: Table, condition: Any) -> list[dict[str, Any]]:
    """The rows of a table that a condition picks, as dictionaries."""
    return [dict(row._mapping) for row in db.session.execute(select(table).where(condition))]


class Template:
    """One case with its clocks, segments and journal, to be copied."""

    def __init__(self, case_id: int) -> None:
        stream = f"case:{case_id}"
        self.case = rows_of(_table(Case), Case.id == case_id)[0]
        self.clocks = rows_of(_table(Clock), Clock.case_id == case_id)
        self.segments = rows_of(_table(Segment), Segment.case_id == case_id)
        self.stream = rows_of(_table(Stream), Stream.stream == stream)[0]
        self.entries = rows_of(_table(Entry), Entry.stream == stream)
        ids = [entry["id"] for entry in self.entries]
        self.bodies = {row["journal_id"]: row for row in rows_of(_table(Body), Body.journal_id.in_(ids))}


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table


def moved(table: Table, row: dict[str, Any], seconds: int, **changes: Any) -> dict[str, Any]:
    """A copy of a row with all its instants moved and without its own id."""
    made = dict(row)
    step = timedelta(seconds=seconds)
    for column in table.columns:
        value = made[column.name]
        if isinstance(column.type, Instant) and isinstance(value, datetime):
            made[column.name] = value + step
        elif column.name in EPOCHS and isinstance(value, int) and value:
            made[column.name] = value if value >= 9_000_000_000 else value + seconds
        elif column.name == "losers":
            made[column.name] = [[rule, due + seconds] for rule, due in value]
    return made | changes


def load(templates: list[Template], plan: Iterator[tuple[int, int, dict[str, Any]]], *, journal: bool = True) -> int:
    """Copies templates: the plan yields (template number, seconds to move, changed columns). Returns how many."""
    done, batch = 0, []
    for step in plan:
        batch.append(step)
        if len(batch) == BATCH:
            done += _copy(templates, batch, journal)
            batch = []
    return done + (_copy(templates, batch, journal) if batch else 0)


def _copy(templates: list[Template], batch: list[tuple[int, int, dict[str, Any]]], journal: bool) -> int:
    """One transaction of copies."""
    with transaction() as session:
        first = _next_id(Case)
        rows: dict[str, list[dict[str, Any]]] = {"case": [], "clock": [], "segment": []}
        for offset, (number, seconds, changes) in enumerate(batch):
            template, new = templates[number], first + offset
            no = f"{template.case['no'][:6]}-{new:07d}"
            rows["case"].append(moved(_table(Case), template.case, seconds, id=new, no=no, **changes))
            for name, model, source in (("clock", Clock, template.clocks), ("segment", Segment, template.segments)):
                for row in source:
                    one = moved(_table(model), row, seconds, case_id=new)
                    del one["id"]
                    rows[name].append(one)
        session.execute(insert(_table(Case)), rows["case"])
        session.execute(insert(_table(Clock)), rows["clock"])
        session.execute(insert(_table(Segment)), rows["segment"])
        if journal:
            _copy_journal(session, templates, batch, first)
    return len(batch)


def _copy_journal(session: Any, templates: list[Template], batch: list[Any], first: int) -> None:
    """Entries and bodies of the copies; their chains are those of the templates and are not meant to be verified."""
    entry_id, entries, bodies, streams = _next_id(Entry), [], [], []
    for offset, (number, seconds, _changes) in enumerate(batch):
        template, stream = templates[number], f"case:{first + offset}"
        streams.append(template.stream | {"stream": stream})
        for row in template.entries:
            entries.append(moved(_table(Entry), row, seconds, id=entry_id, stream=stream))
            body = template.bodies[row["id"]]
            bodies.append(body | {"journal_id": entry_id})
            entry_id += 1
    session.execute(insert(_table(Stream)), streams)
    session.execute(insert(_table(Entry)), entries)
    session.execute(insert(_table(Body)), bodies)


def _next_id(model: Any) -> int:
    last = db.session.scalar(select(model.id).order_by(model.id.desc()).limit(1))
    return (last or 0) + 1


def plain(row: dict[str, Any]) -> str:
    """A row as text, for comparing."""
    return json.dumps(row, default=str, ensure_ascii=False, sort_keys=True)
