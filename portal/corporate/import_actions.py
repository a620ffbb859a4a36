"""Brings group customers of an old list in: each row once for ever, a customer that has a file keeps it."""

from datetime import datetime

from portal.cases.submissions import note_made
from portal.corporate import actions
from portal.corporate.actions import Within
from portal.corporate.import_queries import standing
from portal.corporate.import_rules import Old
from portal.directory import actions as directory
from portal.directory import queries as customers
from portal.identity.actor import SYSTEM, Actor
from portal.identity.policy import allow


def bring_in(actor: Actor, now: datetime, rows: list[Old], unit_id: int) -> int:
    """Opens a file for each row that has none yet; returns how many. Call inside transaction()."""
    allow(actor, "corporate.edit", Within(frozenset((unit_id,))))
    kept = standing(rows)
    fresh = [row for row in rows if row.key not in kept]
    opened: set[int] = set()
    for row in fresh:
        known = directory.recognise(SYSTEM, now, name=row.customer, identity=row.identity, category="company")
        if known.id in opened:
            continue  # two rows of one customer: the first one counts
        file = actions.open_file(
            actor, now, customers.customer(known.id), unit_id=unit_id, manager_id=row.manager_id, trade=row.trade,
            address=row.address, contract_no=row.contract_no, contract_from=row.contract_from,
            contract_until=row.contract_until,
        )  # fmt: skip
        opened.add(known.id)
        note_made(row.key, file.customer_id, by=actor, at=now)
    return len(opened)
