"""Which rows of an old list of group customers are there already, or are not of a firm."""

from portal.corporate.import_rules import Old
from portal.corporate.models import GroupFile
from portal.directory import queries as customers
from portal.kernel.db import db, read


def standing(rows: list[Old]) -> dict[str, str]:
    """Why rows would not be brought in, by their key: `there` already, or the customer is a `person`."""
    found: dict[str, str] = {}
    for row in rows:
        known = customers.known(row.identity)
        came = read("SELECT 1 FROM submission WHERE key = :key", {"key": row.key})
        if came or (known and db.session.get(GroupFile, known.id)):
            found[row.key] = "there"
        elif known and customers.customer(known.id).category == "person":
            found[row.key] = "person"
    return found
