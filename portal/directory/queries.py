"""Finding customers: by identity while one types, by fragment in the list, and all files that are one customer's."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.directory.models import Customer, CustomerPair
from portal.directory.models import CustomerContact as Contact
from portal.directory.rules import LEAST_FRAGMENT, digits, folded, marked
from portal.identity.actor import Actor
from portal.identity.policy import may, scope
from portal.kernel.db import db, read
from portal.kernel.errors import Missing
from portal.kernel.gather import expect, learn, once

PAGE = 30


class Known(NamedTuple):
    """The few facts by which a customer is recognised."""

    id: int
    name: str
    number: str


class Found(NamedTuple):
    """A customer in a list."""

    id: int
    name: str
    category: str
    phone: str
    number: str
    merged_into: int | None
    nuisance: Any


class Seen(NamedTuple):
    """A file as a subject of policy: the units that had a case of this customer."""

    unit_ids: frozenset[int]


def customer(customer_id: int) -> Customer:
    """The customer with this id."""
    return db.session.get_one(Customer, customer_id)


HELD = (
    "SELECT c.id, c.name, c.number, c.merged_into FROM customer_contact t JOIN customer c ON c.id = t.customer_id"
    " WHERE t.folded = :folded AND t.kind = :kind ORDER BY c.id DESC LIMIT 1"
)
ROOT = (
    "WITH RECURSIVE up(id, into_id, n) AS (SELECT id, merged_into, 0 FROM customer WHERE id = :id"
    " UNION ALL SELECT c.id, c.merged_into, up.n + 1 FROM customer c JOIN up ON c.id = up.into_id WHERE up.n < 50)"
    " SELECT c.id, c.name, c.number FROM up JOIN customer c ON c.id = up.id WHERE up.into_id IS NULL"
)
FAMILY = (
    "WITH RECURSIVE down(id) AS (SELECT CAST(:id AS BIGINT)"
    " UNION SELECT c.id FROM customer c JOIN down ON c.merged_into = down.id)"
    " SELECT id FROM down ORDER BY id LIMIT 50"
)


def known(identity: str) -> Known | None:
    """The newest customer with this e-mail address, telephone number or customer number; a merged file's main one."""
    rows = [row for kind, said in _terms(identity) for row in _held(kind, said)]
    if not rows:
        return None
    newest = max(rows)
    return root(newest[0]) if newest[3] else Known(*newest[:3])


def _terms(identity: str) -> list[tuple[str, str]]:
    """What an identity may be: (kind, folded form)."""
    text, phone = identity.strip(), digits(identity)
    if not text:
        return []
    terms = [("email" if "@" in text else "number", text)] + [("phone", phone)] * (len(phone) >= 7)
    return [(kind, folded(kind, said)) for kind, said in terms]


def _held(kind: str, said: str) -> list[tuple[Any, ...]]:
    return once(("held", kind, said), lambda: read(HELD, {"kind": kind, "folded": said}))


def foresee(identities: Iterable[str]) -> None:
    """While rows are gathered: who is known by these is read at once, and how many files are to be opened."""
    asked = {identity: _terms(identity) for identity in dict.fromkeys(one.strip() for one in identities)}
    wanted = {term for terms in asked.values() for term in terms}
    rows = db.session.execute(
        select(Contact.kind, Contact.folded, Customer.id, Customer.name, Customer.number, Customer.merged_into)
        .join(Customer, Customer.id == Contact.customer_id)
        .where(Contact.folded.in_({said for _kind, said in wanted}))
        .order_by(Customer.id)
    )
    found = {(kind, said): tuple(row) for kind, said, *row in rows}
    for term in wanted:
        learn(("held", *term), [found[term]] if term in found else [])
    expect("customer", sum(not any(term in found for term in terms) for terms in asked.values()))


def root(customer_id: int) -> Known:
    """The main file to which this one leads (itself when it was not merged). Raises Missing."""
    rows = read(ROOT, {"id": customer_id})
    if not rows:
        raise Missing("no_such_customer")
    return Known(*rows[0])


def family(customer_id: int) -> list[int]:
    """The file and all that were merged into it, however many steps down."""
    return [row[0] for row in read(FAMILY, {"id": customer_id})]


def find(identity: str) -> Customer | None:
    """The file of that customer."""
    found = known(identity)
    return customer(found.id) if found else None


# whom a file concerns: the departments of its cases, and those that other rooms name (two columns, files in braces)
_concerned = ["SELECT unit_id, intake_unit_id FROM cases WHERE customer_id IN ({})"]


def concerns(units: str) -> None:
    """Lets a room say which departments a customer's file concerns: SQL that gives two unit ids for files in `{}`."""
    if units not in _concerned:
        _concerned.append(units)


def subject(customer_id: int) -> Seen:
    """The file as policy sees it."""
    ids = ",".join(map(str, family(root(customer_id).id)))
    rows = read(" UNION ".join(_concerned).format(*[ids] * len(_concerned)), {})
    return Seen(frozenset(unit for row in rows for unit in row if unit))


def file(actor: Actor, customer_id: int) -> tuple[Customer, bool]:
    """The file, and whether this person reads its numbers in the clear. Missing alike for unknown and forbidden."""
    found = db.session.get(Customer, customer_id)
    seen = subject(customer_id) if found else Seen(frozenset())
    if found is None or not may(actor, "customer.view", seen):
        raise Missing("no_such_customer")
    return found, may(actor, "customer.contact", seen)


def file_to_change(actor: Actor, customer_id: int) -> Customer:
    """The file, locked for this transaction."""
    found, _ = file(actor, customer_id)
    return db.session.get_one(Customer, found.id, with_for_update=True, populate_existing=True)


def members(file: Customer) -> list[Customer]:
    """The files that were merged into this one, oldest first."""
    ids = [n for n in family(file.id) if n != file.id]
    return list(db.session.scalars(select(Customer).where(Customer.id.in_(ids)).order_by(Customer.id))) if ids else []


def mark_of(file: Customer, now: datetime) -> dict[str, Any] | None:
    """The nuisance mark that holds now, of this file or of one that was merged into it."""
    return next(filter(None, (marked(one, now) for one in (file, *members(file)))), None)


COLUMNS = "SELECT c.id, c.name, c.category, c.phone, c.number, c.merged_into, c.nuisance FROM customer c"
FITS = (
    "c.id IN (SELECT customer_id FROM customer_contact WHERE folded LIKE :part OR folded LIKE :text"
    " UNION SELECT id FROM customer"
)


def search(actor: Actor, text: str, *, before: int = 0, size: int = PAGE) -> list[Found]:
    """Customers by name, number or a fragment of either, newest file first; who may not see numbers finds whole ones.

    Departments find those whose cases they have or had. A customer code (`KH000012`) finds that file.
    """
    wanted, units = text.strip(), scope(actor, "customer.view")
    if units is not None and not units:
        return []
    values: dict[str, Any] = {"before": before or 1 << 60, "size": size}
    sql = f"{COLUMNS} WHERE c.id < :before"
    if wanted:
        sql += " AND " + _fits(wanted, values, clear=scope(actor, "customer.contact") != frozenset())
    if units is not None:
        sql += _served(",".join(map(str, sorted(units))))
    rows = read(f"{sql} ORDER BY c.id DESC LIMIT :size", values)
    return [Found._make((*row[:6], json.loads(row[6]) if isinstance(row[6], str) else row[6])) for row in rows]


def _served(units: str) -> str:
    """The condition that a file concerns one of these departments."""
    found = " UNION ALL ".join(one.format("c.id") for one in _concerned)
    both = (f"s.{name} IN ({units})" for name in ("unit_id", "intake_unit_id"))
    return f" AND EXISTS (SELECT 1 FROM ({found}) s WHERE {' OR '.join(both)})"


def _fits(wanted: str, values: dict[str, Any], *, clear: bool) -> str:
    code = folded("number", wanted).removeprefix("kh")
    values["code"] = int(code) if code.isascii() and code.isdigit() and len(code) < 10 and "kh" in wanted.lower() else 0
    phone, name = digits(wanted), folded("name", wanted)
    number = len(phone) >= LEAST_FRAGMENT and len(phone) >= len(name) - 2
    part = (phone if number else name).replace("\\", "").replace("%", "").replace("_", "")
    values["part"] = f"%{part}%" if clear or not number else part
    whole = folded("number", wanted).replace("%", "").replace("_", "")
    values["text"] = (f"%{whole}%" if clear else whole) or "-"
    values["part"] = values["part"] if part else "-"
    return f"{FITS} WHERE id = :code)"


def pair_of(one: int, two: int) -> CustomerPair | None:
    """What is known of this pair, whichever is named first."""
    return db.session.scalar(
        select(CustomerPair).where(CustomerPair.low_id == min(one, two), CustomerPair.high_id == max(one, two))
    )
