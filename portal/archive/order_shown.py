"""The record of an ended order as somebody may read it: the same on its page, on paper and in a package."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from portal.archive.order_records import Opened
from portal.directory.rules import masked_name
from portal.identity.actor import Actor
from portal.kernel.masking import CARD, DOCUMENT
from portal.kernel.masking import hidden as hidden_cards
from portal.workflows import order_history, order_view, queries
from portal.workflows.models import WorkOrder
from portal.workflows.order_history import Told
from portal.workflows.order_view import Line
from portal.workflows.sheet_print import hidden, knows

CARDS = (CARD, DOCUMENT)  # numbers that nobody reads in texts (AR6)


class Shown(NamedTuple):
    """A record as this person may read it."""

    title: str
    customer: str
    reason: str
    facts: list[tuple[str, str]]
    steps: list[Line]
    told: list[Told]


def cover_of(actor: Actor, order: WorkOrder) -> Callable[[str], str]:
    """What hides in a text what this person does not read: cards from all, telephones and customer from some."""
    if knows(actor, order):
        return lambda text: hidden_cards(text, CARDS)
    return lambda text: hidden(hidden_cards(text, CARDS), order.customer_name)


def shown(actor: Actor, found: Opened, now: datetime) -> Shown:
    """What of a record this person may read."""
    order, way = found.order, queries.way_of(found.order)
    facts = list(order_view.facts_in_words(way.definition.fields, order.facts))
    steps = order_view.lines(order, way, order.ended_at or now)
    told = order_history.told(order, way, found.entries[::-1])
    cover, name = cover_of(actor, order), order.customer_name
    return Shown(
        cover(order.title), name if knows(actor, order) else masked_name(name), cover(order.reason),
        [(label, cover(said)) for label, said in facts],
        [Line(**vars(one) | {"said": tuple((label, cover(said)) for label, said in one.said)}) for one in steps],
        [one._replace(detail=cover(one.detail), quote=cover(one.quote)) for one in told],
    )  # fmt: skip
