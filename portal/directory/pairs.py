"""Which files are likely one customer's: what the system proposes, and what waits for a second person."""

from typing import NamedTuple

from sqlalchemy import select

from portal.directory.models import Customer, CustomerPair
from portal.directory.rules import grounds
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel.db import db, read
from portal.kernel.errors import Missing

MOST = 400  # candidates that are looked at for one page
SHOWN = 50
CANDIDATES = (
    "SELECT DISTINCT a.customer_id, b.customer_id FROM customer_contact a"
    " JOIN customer_contact b ON b.folded = a.folded AND b.kind = a.kind AND b.customer_id > a.customer_id"
    " JOIN customer x ON x.id = a.customer_id AND x.merged_into IS NULL"
    " JOIN customer y ON y.id = b.customer_id AND y.merged_into IS NULL"
    " LEFT JOIN customer_pair p ON p.low_id = a.customer_id AND p.high_id = b.customer_id"
    " WHERE a.kind <> 'other' AND a.folded <> '' AND p.id IS NULL ORDER BY 2 DESC, 1 LIMIT :most"
)


class Pair(NamedTuple):
    """Two files with what both have; `row` where somebody has proposed it already."""

    main: Customer
    other: Customer
    grounds: tuple[str, ...]
    row: CustomerPair | None = None


def likely(actor: Actor) -> list[Pair]:
    """Pairs the system proposes, newest file first: same number, address or document, or a name and what goes with it.

    A firm whose name differs only in its legal form is met through its other identities.
    """
    allow(actor, "customer.merge")
    ids = read(CANDIDATES, {"most": MOST})
    files = _files({n for pair in ids for n in pair})
    found = [Pair(files[a], files[b], grounds(files[a], files[b])) for a, b in ids]
    return [pair for pair in found if pair.grounds][:SHOWN]


def waiting(actor: Actor) -> list[Pair]:
    """Pairs that were proposed and wait for a second person, oldest first."""
    allow(actor, "customer.merge")
    rows = list(
        db.session.scalars(
            select(CustomerPair).where(CustomerPair.state == "proposed").order_by(CustomerPair.id).limit(200)
        )
    )
    files = _files({n for row in rows for n in (row.low_id, row.high_id)})
    return [
        Pair(files[row.main_id], files[row.low_id + row.high_id - row.main_id], tuple(row.grounds), row)
        for row in rows
    ]  # fmt: skip


def pair_by_id(pair_id: int) -> CustomerPair:
    """The pair, locked for this transaction. Raises Missing."""
    found = db.session.get(CustomerPair, pair_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise Missing("no_such_pair")
    return found


def _files(ids: set[int]) -> dict[int, Customer]:
    return {c.id: c for c in db.session.scalars(select(Customer).where(Customer.id.in_(ids)))} if ids else {}
