"""Numbered sheets that are missing, or still out after the end, are chased every day until accounted for (EM5)."""

from datetime import datetime

from portal.backup import actions, rules
from portal.identity.actor import SYSTEM
from portal.kernel.db import read, transaction, write
from portal.kernel.instants import epoch

MISSING = (
    "SELECT s.id, s.serial, b.unit_id, s.state = 'missing' OR i.ended_at IS NOT NULL"
    " FROM paper_sheet s JOIN paper_block b ON b.id = s.block_id LEFT JOIN incident i ON i.id = s.incident_id"
    " WHERE s.told_next IS NOT NULL AND s.told_next <= :now ORDER BY s.told_next, s.id LIMIT 200"
)
NEXT = "UPDATE paper_sheet SET told_next = :next WHERE id = :id AND told_next IS NOT NULL"


def chase_sheets(now: datetime) -> int:
    """Tells each department once of all its sheets that have come due; returns how many people were told.

    Sheets that are out while their incident runs are only looked at again a day later.
    """
    rows = list(read(MISSING, {"now": epoch(now)}))
    if not rows:
        return 0
    units: dict[int, list[str]] = {}
    with transaction():
        for sheet_id, serial, unit_id, chased in rows:
            write(NEXT, {"next": epoch(now + rules.CHASE_EVERY), "id": sheet_id})
            if chased:
                units.setdefault(unit_id, []).append(serial)
        return sum(actions.chase(SYSTEM, now, unit_id, serials) for unit_id, serials in units.items())
