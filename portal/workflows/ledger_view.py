"""Rows of the ledger in words: the same for the screen and for the spreadsheet."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from portal.directory.rules import masked_name
from portal.identity.actor import Actor
from portal.identity.policy import scope
from portal.identity.queries import unit_names
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import term
from portal.kernel.sheets import Cell, Column
from portal.workflows import ledger, versions
from portal.workflows.definition import Definition
from portal.workflows.order_forms import called
from portal.workflows.order_view import facts_in_words, length, name_of
from portal.workflows.sheet_events import WITHDRAWN
from portal.workflows.sheet_print import hidden


class Line(NamedTuple):
    """One order of the ledger in the reader's language; instants in epoch seconds."""

    id: int
    no: str
    flow: str
    title: str
    customer: str
    fields: tuple[str, ...]
    step: str
    holder: str
    started: int
    due: int
    ended: int | None
    result: str
    state: str
    rounds: int
    timely: str
    late: str
    outside: str
    imported: bool
    withdrawn: int


def lines(actor: Actor, rows: list[ledger.Row], definition: Definition | None, now: int) -> list[Line]:
    """Rows in words, masked by role; `definition` gives the columns of the flow."""
    steps, names, known = ledger.steps_of([row.id for row in rows]), unit_names(), knowing(actor)
    return [_line(row, steps.get(row.id, []), names, definition, known, now) for row in rows]


def knowing(actor: Actor) -> Callable[[frozenset[int]], bool]:
    """Of which orders this person reads the customer, by the units they concern."""
    found = [scope(actor, "customer.contact"), scope(actor, "order.dispatch")]
    if None in found:
        return lambda units: True
    mine = frozenset().union(*(one for one in found if one is not None))
    return lambda units: bool(mine & units)


def _line(
    row: ledger.Row, steps: list[ledger.Step], names: dict[int, str], columns: Definition | None,
    known: Callable[[frozenset[int]], bool], now: int,
) -> Line:  # fmt: skip
    shown = known(frozenset((row.raising_unit_id, row.customer_unit_id, *(s.unit_id for s in steps))))
    definition, timely = versions.definition(row.flow, row.flow_version), ledger.timely(row, now)
    here = [s for s in steps if s.state == "open" and s.kind != "sheet"]
    outside = [s.outside_no or ledger.plain(s.facts).get(name, "") for s in steps for name in ledger.OUTSIDE_NUMBERS]
    facts = ledger.plain(row.facts)
    outside = [facts.get("outside_no", ""), *outside]
    return Line(
        row.id, row.no, called(definition.name), row.title if shown else hidden(row.title, row.customer),
        row.customer if shown else masked_name(row.customer), _fields(columns, definition, facts, shown),
        " / ".join(name_of(definition, s) for s in here),
        " / ".join(dict.fromkeys(s.person or s.party or names.get(s.unit_id, "") for s in here)),
        row.started, row.due, row.ended, term(f"order_result.{row.result}") if row.result else "", row.state,
        max((s.round for s in steps), default=1), timely, length(row.late) if row.late else "",
        " ".join(dict.fromkeys(filter(None, outside))), "imported" in facts,
        sum(s.state == WITHDRAWN for s in steps),
    )  # fmt: skip


def _fields(columns: Definition | None, definition: Definition, facts: dict[str, Any], shown: bool) -> tuple[str, ...]:
    """The flow's fields of one order, in the columns of the newest version."""
    if columns is None:
        return ()
    found = {}
    for one in definition.fields:
        for _label, said in facts_in_words((one,), facts):
            found[one.code] = said if shown else hidden(said)
    return tuple(found.get(one.code, "") for one in columns.fields)


def heads(definition: Definition | None) -> list[Column]:
    """The columns of the spreadsheet."""
    fields = [Column(called(one.name), 16) for one in definition.fields] if definition else [Column(_("Flow"), 18)]
    return [
        Column(_("Number"), 15), Column(_("Customer"), 24), Column(_("Title"), 32), *fields,
        Column(_("Current step"), 18), Column(_("With"), 18), Column(_("Raised at"), 17), Column(_("Due"), 17),
        Column(_("Ended"), 17), Column(_("Result"), 10), Column(_("Rounds"), 8), Column(_("On time"), 10),
        Column(_("Late by"), 14), Column(_("Numbers outside"), 20),
        Column(_("Sheets withdrawn"), 10),
    ]  # fmt: skip


def cells(line: Line, definition: Definition | None) -> list[Cell]:
    """One row of the spreadsheet."""
    return [
        line.no, line.customer, line.title, *(line.fields if definition else (line.flow,)), line.step, line.holder,
        _instant(line.started), _instant(line.due), _instant(line.ended), line.result, line.rounds,
        term(f"timely.{line.timely}") if line.timely else "", line.late, line.outside,
        line.withdrawn or None,
    ]  # fmt: skip


def _instant(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
