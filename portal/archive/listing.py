"""How hits read: marked titles and excerpts, telephone numbers and names masked for those who do not need them."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from portal.archive.queries import Hit
from portal.archive.rules import HEAD, excerpt, masked_text
from portal.archive.tokens import marked
from portal.directory.rules import masked_name, masked_phone
from portal.identity.actor import Actor
from portal.identity.policy import may

Pieces = list[tuple[str, bool]]


class Listed(NamedTuple):
    """One hit in the list; texts come in pieces (text, whether a term matched it)."""

    no: str
    level: str
    title: Pieces
    excerpt: Pieces
    customer: Pieces
    contact: str
    at: datetime
    outcome: str
    rating: int | None


def listed(actor: Actor, hits: Iterable[Hit], terms: tuple[str, ...]) -> list[Listed]:
    """The hits as this person may see them."""
    return [_one(hit, terms, known=may(actor, "customer.contact", hit.row)) for hit in hits]


def _one(hit: Hit, terms: tuple[str, ...], *, known: bool) -> Listed:
    row, body = hit.row, hit.text.split("\n")[HEAD:]
    title, customer = row.title, row.customer_name
    if not known:
        body = [masked_text(part) for part in body]
        title, customer = masked_text(title), masked_name(customer)
    return Listed(
        row.no, row.level, marked(title, terms), excerpt(body, terms), marked(customer, terms),
        row.contact if known else masked_phone(row.contact), row.archived_at, row.outcome, row.rating,
    )  # fmt: skip
