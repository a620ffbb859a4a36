"""How customers read in a list: masked for those who see no numbers anywhere."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from portal.directory.queries import Found
from portal.directory.rules import marked, masked_name, masked_phone
from portal.identity.actor import Actor
from portal.identity.policy import scope


def listed(actor: Actor, found: Iterable[Found], now: datetime) -> list[dict[str, Any]]:
    """Rows with code, name, contact and whether an approved nuisance mark holds now."""
    clear = scope(actor, "customer.contact") != frozenset()
    return [
        row._asdict()
        | {
            "code": f"KH{row.id:06d}",
            "marked": marked(row, now) is not None,
            "name": row.name if clear else masked_name(row.name, row.category),
            "contact": (row.phone or row.number) if clear else masked_phone(row.phone or row.number),
        }
        for row in found
    ]
