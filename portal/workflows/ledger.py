"""The ledger of orders 台帐 (WF2, WF3): one row an order, by flow, filtered by the address, newest first."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from portal.identity.actor import Actor
from portal.identity.policy import scope
from portal.kernel.db import read
from portal.kernel.i18n import parse_local
from portal.workflows import versions
from portal.workflows.definition import Definition, Evidence

PAGE, CHUNK = 100, 500
STATES = ("running", "paused", "ended", "completed", "declined", "cancelled")
TIMELY = ("late", "on_time")
OUTSIDE_NUMBERS = ("outside_no", "far_no")  # evidence that is another system's number
COLUMNS = (
    "id", "no", "flow", "flow_version", "title", "customer_name", "raising_unit_id", "customer_unit_id", "facts",
    "state", "started_at", "due_at", "ended_at", "paused_at", "result", "returns", "late",
)  # fmt: skip
STEPS = (
    "SELECT order_id, n, code, kind, round, state, unit_id, person, party, outside_no, sheet, due_at, facts"
    " FROM order_step WHERE order_id IN ({}) ORDER BY order_id, n"
)
# late when it ended, was paused or stands now beyond its due instant: to the second, as clocks of cases (SL3)
LATE = "COALESCE(o.ended_at, o.paused_at, :now) > o.due_at"
SAID = (
    "(LOWER(o.no) LIKE :said OR LOWER(o.title) LIKE :said OR LOWER(o.customer_name) LIKE :said OR EXISTS (SELECT 1"
    " FROM order_step t WHERE t.order_id = o.id AND (LOWER(t.sheet) LIKE :said OR LOWER(t.outside_no) LIKE :said"
    " OR LOWER(t.facts ->> 'outside_no') LIKE :said OR LOWER(t.facts ->> 'far_no') LIKE :said))"
    " OR LOWER(o.facts ->> 'old_no') LIKE :said OR LOWER(o.facts ->> 'outside_no') LIKE :said)"
)
CONCERNS = (
    "(o.raising_unit_id IN ({0}) OR o.customer_unit_id IN ({0}) OR EXISTS (SELECT 1 FROM order_step u"
    " WHERE u.order_id = o.id AND u.unit_id IN ({0})))"
)


@dataclass(frozen=True)
class Asked:
    """What an address asks for. `units` None = all; filters that are empty filter nothing; `after` is a cursor."""

    flow: str
    units: frozenset[int] | None
    unit_id: int = 0
    state: str = ""
    timely: str = ""
    said: str = ""
    start: date | None = None
    end: date | None = None
    chosen: tuple[tuple[str, str], ...] = ()
    after: tuple[int, int] | None = None

    def query(self) -> dict[str, Any]:
        """The address of the same list from its beginning."""
        found = {
            "flow": self.flow or "all", "unit": self.unit_id, "state": self.state, "timely": self.timely,
            "q": self.said, "from": self.start, "to": self.end,
        }  # fmt: skip
        return {name: str(value) for name, value in (found | dict(self.chosen)).items() if value}


class Row(NamedTuple):
    """One order as stored; instants in epoch seconds."""

    id: int
    no: str
    flow: str
    flow_version: int
    title: str
    customer: str
    raising_unit_id: int
    customer_unit_id: int
    facts: Any
    state: str
    started: int
    due: int
    ended: int | None
    paused: int | None
    result: str
    returns: int
    late: int


class Step(NamedTuple):
    """One step or sheet of an order as stored."""

    order_id: int
    n: int
    code: str
    kind: str
    round: int
    state: str
    unit_id: int
    person: str
    party: str
    outside_no: str
    sheet: str
    due: int
    facts: Any


def plain(value: Any) -> dict[str, Any]:
    """A JSON column as a dictionary, whichever engine it came from."""
    found: dict[str, Any] = value if isinstance(value, dict) else parsed(value or "{}")
    return found


def listed(value: Any) -> list[Any]:
    """A JSON column as a list, whichever engine it came from."""
    if isinstance(value, list):
        return value
    return [] if value in (None, "[]") else list(parsed(value))


@lru_cache(maxsize=5_000)
def parsed(text: str) -> Any:
    """JSON as SQLite hands it out; what comes out is not to be changed."""
    return json.loads(text)


def choices_of(definition: Definition | None) -> list[Evidence]:
    """The flow's fields that can be filtered by: those that are chosen from a list."""
    return [one for one in definition.fields if one.kind == "choice"] if definition else []


def day_of(text: str) -> date | None:
    """A day as an address writes it; None for what is none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def cursor(text: str) -> tuple[int, int] | None:
    """Where a page begins, as its address says; None for what is no place."""
    at, _, order = text.partition("-")
    return (int(at), int(order)) if at.isdecimal() and order.isdecimal() and len(text) < 30 else None


def asked(actor: Actor, given: Mapping[str, str], now: datetime) -> Asked:
    """The list that an address asks for; what it does not know is left out."""
    flows = [one.flow for one in versions.all_newest(now)]
    flow = given.get("flow") or next(iter(flows), "")
    flow = flow if flow in flows else ""
    fields = choices_of(versions.newest(flow, now)) if flow else []
    unit = given.get("unit", "")
    state, timely = given.get("state", ""), given.get("timely", "")
    return Asked(
        flow, scope(actor, "order.view"), int(unit) if unit.isdecimal() and len(unit) < 10 else 0,
        state if state in STATES else "", timely if timely in TIMELY else "", given.get("q", "").strip()[:80],
        day_of(given.get("from", "")), day_of(given.get("to", "")),
        tuple((f.code, given[f.code]) for f in fields if given.get(f.code) in {c.code for c in f.choices}),
        cursor(given.get("after", "")),
    )  # fmt: skip


def numbers(units: frozenset[int]) -> str:
    """Units as they stand in a list of SQL; one that nobody has where there are none."""
    return ",".join(map(str, sorted(units))) or "-1"


def conditions(wanted: Asked, now: int) -> tuple[list[str], dict[str, Any]]:
    """The list as SQL terms about `o` and their values; orders whose words were disposed of stand in none."""
    terms = ["o.disposed = ''"]
    values: dict[str, Any] = {}
    if wanted.units is not None:
        terms.append(CONCERNS.format(numbers(wanted.units)))
    if wanted.unit_id:
        terms.append(CONCERNS.format(wanted.unit_id))
    if wanted.flow:
        terms, values = [*terms, "o.flow = :flow"], values | {"flow": wanted.flow}
    if wanted.state:
        column = "state" if wanted.state in STATES[:3] else "result"
        terms, values = [*terms, f"o.{column} = :state"], values | {"state": wanted.state}
    if wanted.timely:
        late = f"({LATE})" if wanted.timely == "late" else f"(o.ended_at IS NOT NULL AND NOT {LATE})"
        terms, values = [*terms, late], values | {"now": now}
    if wanted.said:
        text = wanted.said.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
        terms, values = [*terms, SAID.replace(":said", ":said ESCAPE '!'")], values | {"said": f"%{text}%"}
    for place, (code, value) in zip("abcdefghijklmnop", wanted.chosen, strict=False):
        terms.append(f"o.facts ->> :field_{place} = :value_{place}")
        values |= {f"field_{place}": code, f"value_{place}": value}
    return terms + _span(wanted, values), values


def _span(wanted: Asked, values: dict[str, Any]) -> list[str]:
    """The days on which orders began, both included; puts its values in place."""
    found = []
    if wanted.start:
        values["start"] = midnight(wanted.start)
        found.append("o.started_at >= :start")
    if wanted.end:
        values["end"] = midnight(wanted.end + timedelta(days=1))
        found.append("o.started_at < :end")
    if wanted.after:
        values["at"], values["id"] = wanted.after
        found.append("(o.started_at < :at OR (o.started_at = :at AND o.id < :id))")
    return found


def midnight(day: date) -> int:
    """The epoch second at which a day begins here."""
    return int(parse_local(datetime.combine(day, time()).isoformat()).timestamp())


def page(wanted: Asked, now: int, size: int = PAGE) -> tuple[list[Row], str]:
    """The newest rows after the cursor, and where the next page begins (empty at the end)."""
    terms, values = conditions(wanted, now)
    where = " AND ".join(terms) or "1 = 1"
    columns = ", ".join(f"o.{name}" for name in COLUMNS)
    sql = f"SELECT {columns} FROM work_order o WHERE {where} ORDER BY o.started_at DESC, o.id DESC LIMIT :most"
    found = [Row._make(row) for row in read(sql, values | {"most": size + 1})]
    last = found[size - 1] if len(found) > size else None
    return found[:size], f"{last.started}-{last.id}" if last else ""


def rows_of(ids: list[int]) -> list[Row]:
    """The rows of these orders, in this order."""
    columns, listed = ", ".join(COLUMNS), ",".join(map(str, ids))
    found = read(f"SELECT {columns} FROM work_order WHERE id IN ({listed})", {}) if ids else []
    rows = {row[0]: Row._make(row) for row in found}
    return [rows[one] for one in ids if one in rows]


def every(wanted: Asked, now: int) -> Iterator[list[Row]]:
    """All rows of a list, a chunk at a time."""
    place = wanted
    while True:
        rows, after = page(place, now, CHUNK)
        yield rows
        if not after:
            return
        place = replace(place, after=cursor(after))


def steps_of(ids: list[int]) -> dict[int, list[Step]]:
    """The steps of these orders, by order."""
    found: dict[int, list[Step]] = {}
    if ids:
        for row in read(STEPS.format(",".join(map(str, ids))), {}):
            found.setdefault(row[0], []).append(Step._make(row))
    return found


def timely(row: Row, now: int) -> str:
    """late, on_time, or nothing yet."""
    if (row.ended or row.paused or now) > row.due:
        return "late"
    return "on_time" if row.ended else ""
