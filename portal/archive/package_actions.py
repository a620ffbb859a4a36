"""Asking for a package of records, and a second person's word about it; both stand in the journal `export`."""

from datetime import datetime
from itertools import islice
from typing import NamedTuple

from portal.archive import counts, order_packing, package_rules
from portal.archive.forms import Asked
from portal.archive.models import ExportPackage
from portal.archive.packages import by_key
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.journal import stream
from portal.kernel.db import db
from portal.kernel.i18n import locale

STREAM = "export"


class Found(NamedTuple):
    """How many records of a search this person may take out; `exact`: the cases are counted, not estimated.

    `more`: there are more orders than these, which is more than a package may hold.
    """

    cases: int
    orders: int
    exact: bool
    more: bool

    def of(self, holds: str) -> int:
        """How many a package with this content would hold."""
        return (self.cases if holds != "orders" else 0) + (self.orders if holds != "cases" else 0)


def found(actor: Actor, wanted: Asked) -> Found:
    """What a package of this search could hold; orders are counted as far as a package may hold them."""
    allow(actor, "archive.export")
    cases = counts.counts(wanted.search(actor, "archive.export"))
    orders = sum(1 for _ in islice(order_packing.found(actor, wanted), package_rules.MOST + 1))
    more = orders > package_rules.MOST
    return Found(cases.total, orders - more, cases.exact, more)


def ask(actor: Actor, now: datetime, wanted: Asked, purpose: str, key: str, holds: str = "cases") -> ExportPackage:
    """Asks for the hits of a search as a package. By the form's key a second post finds the first one."""
    allow(actor, "archive.export")
    known = by_key(key)
    if known:
        return known
    holds = package_rules.holds(holds)
    there = found(actor, wanted)
    count = there.of(holds)
    state = package_rules.asked(count, purpose, more=there.more and holds != "cases")
    row = ExportPackage(
        key=key, person_id=actor.id, query=wanted.q, purpose=purpose.strip()[:300], count=count, state=state,
        locale=locale(), asked_at=now, worker="", seen_at=0, done=0, sha256="", manifest="", size=0, words="",
        holds=holds,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    facts = {
        "package": row.id,
        "query": row.query,
        "purpose": row.purpose,
        "count": row.count,
        "holds": holds,
        "state": state,
    }
    stream.append(STREAM, "PackageAsked", facts, by_id=actor.id, at=now)
    return row


def decide(actor: Actor, now: datetime, row: ExportPackage, *, agreed: bool, words: str) -> None:
    """A second person agrees, or refuses with a reason."""
    allow(actor, "archive.release")
    row.state = package_rules.decided(row, actor.id, agreed, words)
    row.decided_by, row.decided_at, row.words = actor.id, now, words.strip()[:300]
    if row.state == "refused":
        row.ended_at = now
    facts = {"package": row.id, "agreed": agreed, "words": row.words}
    stream.append(STREAM, "PackageDecided", facts, by_id=actor.id, at=now)
