"""Whether a case is held, and which legal holds there are. They beat everything (AR1)."""

from sqlalchemy import select

from portal.archive.keeping_models import Hold
from portal.kernel.db import db, read

STREAM = "retention"
HELD = "SELECT hold_id FROM held_case WHERE case_id = :case ORDER BY hold_id LIMIT 1"
HELD_ORDER = "SELECT hold_id FROM held_order WHERE order_id = :id ORDER BY hold_id LIMIT 1"


def held(case_id: int) -> int:
    """The number of a hold on this case; 0 for none. One look, by the same view that the store's trigger asks."""
    found = read(HELD, {"case": case_id})
    return found[0][0] if found else 0


def held_order(order_id: int) -> int:
    """The same of an ended order."""
    found = read(HELD_ORDER, {"id": order_id})
    return found[0][0] if found else 0


def all_holds() -> list[Hold]:
    """All holds, those in force first, the newest first."""
    return list(db.session.scalars(select(Hold).order_by(Hold.released_at.is_not(None), Hold.id.desc()).limit(200)))
