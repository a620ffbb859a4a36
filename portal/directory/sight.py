"""Which fields of a customer's data somebody reads in the clear: the table of policy decides for each field."""

from functools import lru_cache
from typing import Any

from portal.identity.actor import Actor
from portal.identity.policy import may, scope
from portal.kernel.masking import CARD, DOCUMENT, NUMBERS, PHONE

NAME = "name"
VERBS = {NAME: "customer.name", PHONE: "customer.contact", DOCUMENT: "customer.document", CARD: "customer.card"}


def covered(actor: Actor, subject: Any = None) -> frozenset[str]:
    """The kinds of numbers that this person does not read in the clear, of this subject or of any."""
    return frozenset(kind for kind in NUMBERS if not may(actor, VERBS[kind], subject))


@lru_cache(maxsize=5_000)
def blind(actor: Actor) -> bool:
    """Whether this person reads no customer's telephone number anywhere."""
    return scope(actor, VERBS[PHONE]) == frozenset()
