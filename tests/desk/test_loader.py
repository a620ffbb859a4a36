"""What the benchmarks load is what actions make: rows of case, clocks and journal are the same, column for column."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from sqlalchemy import select, true

from portal.cases.models import Case
from portal.clocks.models import Clock, Segment
from portal.journal.models import Body, Entry, Stream
from portal.kernel.db import db, read, transaction
from tests.bench.loader import WEEK, load, plain, rows_of
from tests.bench.quick import INDEXES
from tests.bench.store import make_templates
from tests.builders import NINE, make_case

OWN = {"id", "no", "case_id", "customer_id"}
CHAIN = {"id", "stream", "commitment", "prev", "hash", "head"}  # of copies: their templates'
COUNT = 1_000
TABLES = ("cases", "clock", "clock_segment", "journal", "journal_body", "journal_stream")


def lived() -> dict[int, list[str]]:
    """By case: its row, its clocks and segments, the head and the entries of its journal."""
    found: dict[int, list[str]] = defaultdict(list)

    def put(case_id: int, row: dict[str, Any], without: set[str]) -> None:
        found[case_id].append(plain({name: value for name, value in row.items() if name not in without}))

    for model in (Case, Clock, Segment):
        for row in rows_of(model.__table__, true()):
            put(row.get("case_id", row["id"]), row, OWN)
    for model in (Stream, Entry):
        for row in rows_of(model.__table__, model.stream.startswith("case:")):
            put(int(row["stream"][5:]), row, CHAIN)
    return {case_id: sorted(rows) for case_id, rows in found.items()}


def said() -> dict[int, list[str]]:
    """By case: what its journal says, entry by entry."""
    found: dict[int, list[str]] = defaultdict(list)
    query = select(Entry.stream, Body.facts).join(Body, Body.journal_id == Entry.id).order_by(Entry.stream, Entry.n)
    for stream, facts in db.session.execute(query.where(Entry.stream.startswith("case:"))):
        found[int(stream[5:])].append(plain(facts))
    return found


def indexes() -> set[str]:
    return {row[0] for table in TABLES for row in read(INDEXES[db.engine.dialect.name].format(table), {})}


def test_a_thousand_loaded_rows_are_those_that_actions_make(app, engine, at, staff):
    start, before = NINE - timedelta(weeks=3), indexes()
    with transaction():
        made = [make_templates(staff, start + timedelta(weeks=n)) for n in range(2)]
    kinds = len(made[0])
    plan = ((n % kinds, WEEK * (n // kinds % 2), {}) for n in range(COUNT))
    assert load(made[0], plan) == COUNT
    assert indexes() == before
    rows, words = lived(), said()
    loaded = sorted(case_id for case_id in rows if case_id > made[-1][-1])
    assert len(loaded) == COUNT
    for n, case_id in enumerate(loaded):
        assert rows[case_id] == rows[made[n // kinds % 2][n % kinds]], (n, case_id)
        assert words[case_id] == words[made[0][n % kinds]], (n, case_id)
    db.session.rollback()
    with transaction():  # the store goes on from the last copy
        assert make_case(staff["agent"]).id == loaded[-1] + 1
