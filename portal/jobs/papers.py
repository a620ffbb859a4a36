"""Missing numbered sheets are chased every day until somebody says what became of them (EM5)."""

from datetime import datetime

from portal.backup import actions, rules
from portal.clocks.kept import epoch
from portal.identity.actor import SYSTEM
from portal.kernel.db import read, transaction, write

MISSING = (
    "SELECT s.id, s.serial, b.unit_id FROM paper_sheet s JOIN paper_block b ON b.id = s.block_id"
    " WHERE s.told_next IS NOT NULL AND s.told_next <= :now ORDER BY s.told_next, s.id LIMIT 200"
)
NEXT = "UPDATE paper_sheet SET told_next = :next WHERE id = :id AND told_next IS NOT NULL"


def chase_sheets(now: datetime) -> int:
    """Tells each department once of all its sheets that have come due; returns how many people were told."""
    rows = list(read(MISSING, {"now": epoch(now)}))
    if not rows:
        return 0
    units: dict[int, list[str]] = {}
    with transaction():
        for sheet_id, serial, unit_id in rows:
            write(NEXT, {"next": epoch(now + rules.CHASE_EVERY), "id": sheet_id})
            units.setdefault(unit_id, []).append(serial)
        return sum(actions.chase(SYSTEM, now, unit_id, serials) for unit_id, serials in units.items())
