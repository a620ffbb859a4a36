"""Fills a store: a few cases are made by actions, their rows are then copied inside the store and moved in time.

A copy is what the same actions would have made at the moved time, as long as the move is whole weeks without a
holiday between; tests/desk/test_loader.py compares the two. The chains of copied journals are those of their
templates and are not meant to be verified.
"""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table, func, select

from portal.cases.models import Case
from portal.clocks.models import Clock, Segment
from portal.journal.models import Body, Entry, Stream
from portal.kernel.db import Instant, db
from tests.bench.quick import dialect, put, straight, unindexed

WEEK = 7 * 86_400
EPOCHS = ("press", "clock_start", "clock_due", "clock_warn", "notice_at", "pause_until")
NEVER = 9_000_000_000  # from here on a number is no instant
UNIT = "coalesce(p.unit_id, t.unit_id)"
STREAM = "'case:' || ({case})"
Step = tuple[int, int, dict[str, Any]]
# the plan: number of the copy, id of its template, seconds to move, department or nothing, entries before it
PLAN = "CREATE TEMP TABLE plan(n integer PRIMARY KEY, template bigint, seconds bigint, unit_id bigint, entry bigint)"
# what a later clock was told to give way to, moved along with it
LOSERS = {
    "sqlite": "CASE WHEN t.losers = '[]' THEN t.losers ELSE (SELECT json_group_array(json_array("
    "json_extract(value, '$[0]'), json_extract(value, '$[1]') + p.seconds)) FROM json_each(t.losers)) END",
    "postgresql": "CASE WHEN t.losers::text = '[]' THEN t.losers ELSE (SELECT json_agg(json_build_array("
    "one -> 0, (one ->> 1)::bigint + p.seconds)) FROM json_array_elements(t.losers) one) END",
}
NUMBER = {"sqlite": "substr(t.no, 1, 6) || printf('-%07d', {case})",
          "postgresql": "substr(t.no, 1, 6) || to_char({case}, 'FM-0000000')"}  # fmt: skip


def rows_of(table: Table, condition: Any) -> list[dict[str, Any]]:
    """The rows of a table that a condition picks, as dictionaries."""
    return [dict(row._mapping) for row in db.session.execute(select(table).where(condition))]


def load(templates: list[int], plan: Iterator[Step], *, clocks: bool = True, journal: bool = True) -> int:
    """Copies cases: the plan yields (number among the templates, seconds to move, changes). Returns how many.

    The only change there is, is another `unit_id`. Without clocks and journal the case's row alone is copied.
    """
    models: list[Any] = [Case] + [Clock, Segment] * clocks + [Stream, Entry, Body] * journal
    case, entry = (int(db.session.scalar(select(func.max(one.id))) or 0) + 1 for one in (Case, Entry))
    lengths = _entries(templates)
    with straight() as raw:
        raw.execute(PLAN)
        put(raw, "plan", _numbered(templates, plan, lengths), 5)
        for model in models:
            _set_apart(raw, model, templates)
        with unindexed(raw, [model.__tablename__ for model in models]):
            for model in models:
                raw.execute(_copied(model, case, entry))
        count: int = raw.execute("SELECT count(*) FROM plan").fetchone()[0]
        for name in ["plan", *(_apart(model) for model in models)]:
            raw.execute(f"DROP TABLE {name}")
        if dialect() == "postgresql":  # copies brought their own numbers
            for table in ("cases", "journal"):
                raw.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
    return count


def _entries(templates: list[int]) -> list[int]:
    """How long the journal of each template is."""
    streams = [f"case:{one}" for one in templates]
    found = dict(db.session.execute(select(Stream.stream, Stream.n).where(Stream.stream.in_(streams))).all())  # type: ignore[arg-type]
    return [found[one] for one in streams]


def _numbered(templates: list[int], plan: Iterator[Step], lengths: list[int]) -> Iterator[tuple[Any, ...]]:
    """The rows of the plan."""
    before = 0
    for n, (number, seconds, changes) in enumerate(plan):
        if changes.keys() - {"unit_id"}:
            raise ValueError(f"copies differ in their department alone, not in {sorted(changes)}")
        yield n, templates[number], seconds, changes.get("unit_id"), before
        before += lengths[number]


def _apart(model: Any) -> str:
    return f"template_{model.__tablename__}"


def _set_apart(raw: Any, model: Any, templates: list[int]) -> None:
    """The templates' rows in a small table: the one they come from is being filled, and has no index meanwhile."""
    cases = ", ".join(map(str, templates))
    streams = ", ".join(f"'case:{one}'" for one in templates)
    name, table = _apart(model), model.__tablename__
    of_case = "CAST(substr(stream, 6) AS integer)"
    source = {
        "cases": f"SELECT *, id AS template FROM cases WHERE id IN ({cases})",
        "journal_stream": f"SELECT *, {of_case} AS template FROM journal_stream WHERE stream IN ({streams})",
        "journal": f"SELECT *, {of_case} AS template FROM journal WHERE stream IN ({streams}) ORDER BY stream, n",
        "journal_body": f"SELECT b.*, e.n, {of_case} AS template FROM journal_body b JOIN journal e"
        f" ON e.id = b.journal_id WHERE e.stream IN ({streams}) ORDER BY e.stream, e.n",
    }.get(table, f"SELECT *, case_id AS template FROM {table} WHERE case_id IN ({cases}) ORDER BY id")
    raw.execute(f"CREATE TEMP TABLE {name} AS {source}")
    raw.execute(f"CREATE INDEX {name}_of ON {name}(template)")


def _copied(model: Any, case: int, entry: int) -> str:
    """The statement that copies the rows of one table; copies have the numbers from `case` and `entry` on."""
    table: Table = model.__table__
    said = {column.name: _said(column) for column in table.columns}
    number, line = f"{case} + p.n", f"{entry} + p.entry + t.n - 1"
    own = {
        "cases": {"id": number, "no": NUMBER[dialect()].format(case=number), "unit_id": UNIT},
        "journal_stream": {"stream": STREAM.format(case=number)},
        "journal": {"id": line, "stream": STREAM.format(case=number)},
        "journal_body": {"journal_id": line},
    }  # fmt: skip
    said |= own.get(table.name, {"case_id": number})
    if table.name in ("clock", "clock_segment"):
        del said["id"]
    joined = f"FROM plan p CROSS JOIN {_apart(model)} t WHERE t.template = p.template"
    order = "" if dialect() == "sqlite" else " ORDER BY p.n"  # SQLite walks the plan, so the order is there
    names = ", ".join(f'"{name}"' for name in said)
    return f"INSERT INTO {table.name}({names}) SELECT {', '.join(said.values())} {joined}{order}"


def _said(column: Any) -> str:
    """A column of a copy: an instant is moved, everything else stays."""
    name = f't."{column.name}"'
    if isinstance(column.type, Instant):
        return f"{name} + p.seconds"
    if column.name in EPOCHS:
        return f"CASE WHEN {name} >= {NEVER} OR {name} = 0 THEN {name} ELSE {name} + p.seconds END"
    return LOSERS[dialect()] if column.name == "losers" else name


def plain(row: dict[str, Any]) -> str:
    """A row as text, for comparing."""
    return json.dumps(row, default=str, ensure_ascii=False, sort_keys=True)
