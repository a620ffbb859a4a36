"""Ended orders found by the language of the search box (WF3): the same words, days, departments and fields as cases.

The newest first. Their own index (`order_index.py`) names the orders that may fit, the store walks these by time, and
this program makes sure of the words in their texts.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any, NamedTuple

from portal.archive import order_index
from portal.archive.forms import Asked
from portal.archive.order_records import HEAD
from portal.archive.query_rules import Query
from portal.identity.actor import Actor
from portal.identity.policy import scope
from portal.kernel import tokens
from portal.kernel.db import read
from portal.workflows.ledger import CONCERNS, cursor, midnight, numbers

OF_CASES = ("level", "channel", "type", "category", "outcome", "satisfied")  # what orders do not have
LINES = {"no": ("no", "sheets"), "title": ("title",), "customer": ("customer",), "phone": ("phone",)}
CHUNK, PIECE = 500, 50  # rows walked, and texts read, in one go
FEW = 1_000  # candidates that are named to the store
ROWS = (
    "SELECT r.order_id, r.archived_at FROM order_record r JOIN work_order o ON o.id = r.order_id"
    " WHERE {} ORDER BY r.archived_at DESC, r.order_id DESC LIMIT " + str(CHUNK)
)


class Page(NamedTuple):
    """Ids of orders, newest first; where the next page begins, empty at the end; `apart`: only cases can match."""

    ids: list[int]
    older: str = ""
    apart: bool = False


def page(actor: Actor, asked: Asked, after: str, size: int) -> Page:
    """The newest ended orders that fit and that this person may see, or those behind the place `after`."""
    if any(asked.query.chosen.get(name) for name in OF_CASES):
        return Page([], apart=True)
    found = list(islice(_found(asked.query, scope(actor, "order.archive"), after), size + 1))
    older = "{1}-{0}".format(*found[size - 1]) if len(found) > size else ""
    return Page([order_id for order_id, _ in found[:size]], older)


def every(units: frozenset[int] | None, asked: Asked) -> Iterator[int]:
    """All ended orders that fit and concern one of these units (None: all), newest first."""
    if not any(asked.query.chosen.get(name) for name in OF_CASES):
        yield from (order_id for order_id, _ in _found(asked.query, units, ""))


def _found(query: Query, units: frozenset[int] | None, after: str) -> Iterator[tuple[int, int]]:
    """(order, its end in epoch seconds) of those that really fit, newest first."""
    if units == frozenset() or query.faults:
        return
    candidates = order_index.hits(query)
    terms, values = _conditions(query, units)
    if candidates is not None and len(candidates) <= FEW:
        terms.append(f"r.order_id IN ({numbers(frozenset(candidates))})")
    for rows in _walk(terms, values, after):
        some = rows if candidates is None else [row for row in rows if row[0] in candidates]
        for start in range(0, len(some), PIECE):
            piece = some[start : start + PIECE]
            texts = dict(_texts([order_id for order_id, _ in piece]) if query_says(query) else ())
            yield from (row for row in piece if fits(query, texts.get(row[0], "")))


def query_says(query: Query) -> bool:
    """Whether texts have to be looked at to know what fits."""
    return bool(query.terms or query.fields or query.excluded)


def _texts(ids: list[int]) -> Iterator[tuple[int, str]]:
    listed = ", ".join(map(str, ids))
    yield from (
        (row[0], row[1]) for row in read(f"SELECT order_id, text FROM order_record WHERE order_id IN ({listed})", {})
    )


def _conditions(query: Query, units: frozenset[int] | None) -> tuple[list[str], dict[str, Any]]:
    """What the store decides besides the words, as SQL terms and their values."""
    terms, values = list[str](), dict[str, Any]()
    if units is not None:
        terms.append(CONCERNS.format(numbers(units)))
    for sign, of in (("", query.chosen), ("NOT ", query.barred)):
        if of.get("department"):
            terms.append(sign + CONCERNS.format(numbers(frozenset(map(int, of["department"])))))
    if query.start:
        terms, values = [*terms, "r.archived_at >= :start"], values | {"start": midnight(query.start)}
    if query.end:
        terms, values = [*terms, "r.archived_at < :end"], values | {"end": midnight(query.end + timedelta(days=1))}
    return terms, values


def _walk(terms: list[str], values: dict[str, Any], after: str) -> Iterator[list[tuple[int, int]]]:
    """(order, its end in epoch seconds) behind a place, newest first, a chunk at a time."""
    place = cursor(after)
    while True:
        here = [*terms, "(r.archived_at < :at OR (r.archived_at = :at AND r.order_id < :id))"] if place else terms
        known = values | {"at": place[0], "id": place[1]} if place else values
        rows = [(row[0], row[1]) for row in read(ROWS.format(" AND ".join(here) or "1 = 1"), known)]
        yield rows
        if len(rows) < CHUNK:
            return
        place = rows[-1][1], rows[-1][0]


def fits(query: Query, text: str) -> bool:
    """Whether the words really occur in a folded text, in their fields, and those to be left out do not."""
    head = dict(zip(HEAD, text.split("\n"), strict=False))
    return (
        all(tokens.within(text, term.folded) for term in query.terms)
        and not any(tokens.within(text, term.folded) for term in query.excluded)
        and all(_holds(head, name, term.folded) for name, term in query.fields)
    )


def _holds(head: dict[str, str], name: str, term: str) -> bool:
    lines = [head.get(line, "") for line in LINES[name]]
    return any(term in line for line in lines) if name == "phone" else any(tokens.within(x, term) for x in lines)
