"""Whose orders open to a reader: numbers of orders stand behind figures and in files that reach beyond a department."""

from collections.abc import Iterable
from typing import NamedTuple

from portal.identity.actor import Actor
from portal.identity.policy import scope
from portal.kernel.db import read
from portal.workflows.ledger import CONCERNS, numbers

FOUND = "SELECT o.no, o.disposed, {} FROM work_order o WHERE o.no IN ({})"


class Door(NamedTuple):
    """Where an order opens, or the code of why it does not: role, elsewhere, disposed; neither for no order here."""

    url: str
    why: str


NOWHERE = Door("", "")


def doors(actor: Actor, wanted: Iterable[str]) -> dict[str, Door]:
    """By number as it was written: the door of each order that is one. One statement, whatever the number."""
    written = {one: one.strip().upper() for one in wanted}
    values = {f"no_{place}": no for place, no in enumerate(sorted(set(written.values())))}
    if not values:
        return {}
    units = scope(actor, "order.view")
    concerns = "1" if units is None else f"CASE WHEN {CONCERNS.format(numbers(units))} THEN 1 ELSE 0 END"
    rows = read(FOUND.format(concerns, ",".join(f":{name}" for name in values)), values)
    closed = "role" if units == frozenset() else "elsewhere"
    found = {no: _door(no, disposed, mine=bool(mine), closed=closed) for no, disposed, mine in rows}
    return {one: found[no] for one, no in written.items() if no in found}


def _door(no: str, disposed: str, *, mine: bool, closed: str) -> Door:
    """Others' orders say nothing more about themselves, as their page does."""
    if not mine:
        return Door("", closed)
    return Door("", "disposed") if disposed else Door(f"/orders/{no}", "")


def door(actor: Actor, no: str) -> Door:
    """The door of one order."""
    return doors(actor, [no]).get(no, NOWHERE)
