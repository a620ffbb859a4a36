"""How hits read: marked titles and excerpts, telephone numbers and names masked for those who do not need them."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from portal.archive.rules import HEAD, excerpt, masked_text
from portal.archive.search import Hit
from portal.directory.rules import masked_name, masked_phone
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.kernel.i18n import day, term
from portal.kernel.masking import CARD, DOCUMENT, hidden
from portal.kernel.tokens import marked
from portal.kernel.web import safe

BEYOND = frozenset((DOCUMENT, CARD))  # what lists show to nobody
KEPT = 2_000  # hits as they were drawn, some 3 MB a process


class Listed(NamedTuple):
    """One hit as the list shows it, field by field: all of it HTML, with the terms marked."""

    no: str
    level: str
    title: str
    excerpt: str
    customer: str
    contact: str
    at: str
    outcome: str
    rating: int | None


def listed(actor: Actor, hits: Iterable[Hit], terms: tuple[str, ...]) -> list[Listed]:
    """The hits as this person may see them."""
    return [_one(hit, terms, known=may(actor, "customer.contact", hit.row)) for hit in hits]


def _one(hit: Hit, terms: tuple[str, ...], *, known: bool) -> Listed:
    row = hit.row
    said = _said(hit.text, row.title, row.customer_name, terms, known)
    contact = safe(row.contact if known else masked_phone(row.contact))
    return Listed(row.no, row.level, *said, contact, day(row.archived_at), term(f"outcome.{row.outcome}"), row.rating)


@lru_cache(maxsize=KEPT)
def _said(text: str, title: str, customer: str, terms: tuple[str, ...], known: bool) -> tuple[str, str, str]:
    """Title, excerpt and customer as HTML; records do not change, so who comes back to a list gets what was drawn."""
    if not known:
        name = (customer,)
        text, title, customer = masked_text(text, name), masked_text(title, name), masked_name(customer)
    else:
        text, title = hidden(text, BEYOND), hidden(title, BEYOND)
    body = text.split("\n")[HEAD:]
    return _html(marked(title, terms)), _html(excerpt(body, terms)), _html(marked(customer, terms))


def _html(pieces: Iterable[tuple[str, bool]]) -> str:
    return "".join(f"<mark>{safe(text)}</mark>" if hit else safe(text) for text, hit in pieces)
