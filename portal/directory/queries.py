"""Finding customers."""

from typing import Any, NamedTuple

from portal.directory.models import Customer
from portal.directory.rules import digits
from portal.kernel.db import db, read


class Known(NamedTuple):
    """The few facts by which a customer is recognised."""

    id: int
    name: str
    number: str


def customer(customer_id: int) -> Customer:
    """The customer with this id."""
    return db.session.get_one(Customer, customer_id)


def known(identity: str) -> Known | None:
    """The newest customer with this e-mail address, telephone number or customer number, one index each."""
    text, phone = identity.strip(), digits(identity)
    if not text:
        return None
    values: dict[str, Any] = {"text": text.lower() if "@" in text else text, "phone": phone}
    terms = ["email = :text"] if "@" in text else ["number = :text"]
    if len(phone) >= 7:
        terms.append("phone = :phone")
    found = [row for term in terms for row in read(f"{KNOWN} AND {term} ORDER BY id DESC LIMIT 1", values)]
    return max(map(Known._make, found), default=None)


KNOWN = "SELECT id, name, number FROM customer WHERE merged_into IS NULL"


def find(identity: str) -> Customer | None:
    """The file of that customer."""
    found = known(identity)
    return customer(found.id) if found else None
