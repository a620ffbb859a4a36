"""Finding customers."""

from sqlalchemy import or_, select

from portal.directory.models import Customer
from portal.directory.rules import digits
from portal.kernel.db import db


def customer(customer_id: int) -> Customer:
    """The customer with this id."""
    return db.session.get_one(Customer, customer_id)


def find(identity: str) -> Customer | None:
    """The newest customer with this telephone number, customer number or e-mail address."""
    phone, text = digits(identity), identity.strip()
    known = [Customer.number == text, Customer.email == text.lower()]
    if len(phone) >= 7:
        known.append(Customer.phone == phone)
    query = select(Customer).where(or_(*known), Customer.merged_into.is_(None)).order_by(Customer.id.desc())
    return db.session.scalar(query.limit(1)) if text else None
