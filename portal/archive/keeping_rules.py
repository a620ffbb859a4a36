"""Until when a record is kept, and who may decide what about a disposal. Pure."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.kernel.config import ZONE
from portal.kernel.errors import Invalid, Refused

LEAST_MONTHS = 24  # AR1
MOST_MONTHS = 1200
SCOPES = ("case", "order", "customer", "incident", "range", "search")
ORDER = "work_order"  # what a class names to have ended orders in it
_ZONE = ZoneInfo(ZONE)


def months_after(at: datetime, months: int) -> datetime:
    """The same local moment so many months later; a day that the month lacks is the first of the next."""
    here = at.astimezone(_ZONE)
    year, month = divmod(here.month - 1 + months, 12)
    try:
        found = here.replace(year=here.year + year, month=month + 1)
    except ValueError:
        year, month = divmod(here.month + months, 12)
        found = here.replace(year=here.year + year, month=month + 1, day=1)
    return found.astimezone(at.tzinfo)


def class_of(request_type: str, classes: Iterable[Any]) -> Any:
    """The class of a request type; the one without types is for all others."""
    found = list(classes)
    named = [one for one in found if request_type in one.types]
    return max(named or [one for one in found if not one.types], key=lambda one: one.months)


def due(archived_at: datetime, retained_until: datetime, months: int) -> datetime:
    """From when on a record may be disposed of: never before what was said when it was archived."""
    return max(retained_until, months_after(archived_at, max(months, LEAST_MONTHS)))


def months_of(text: str) -> int:
    """Months as typed. Raises Invalid for fewer than the two years of the policy."""
    found = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    if not LEAST_MONTHS <= found <= MOST_MONTHS:
        raise Invalid("months_short", field="months", least=LEAST_MONTHS)
    return found


def reason_of(text: str, field: str = "reason") -> str:
    """A reason in words. Raises Invalid without one."""
    if len(text.strip()) < 2:
        raise Invalid("text_missing", field=field)
    return text.strip()


def decide(batch: Any, by: int) -> None:
    """Whether this person may decide about a batch now. Raises Refused."""
    if batch.state != "proposed":
        raise Refused("disposal_decided")
    if batch.proposed_by == by:
        raise Refused("own_proposal")


def release(hold: Any, by: int) -> None:
    """Whether this person may lift a hold. Raises Refused: whoever placed it does not (F-91)."""
    if hold.released_at is not None:
        raise Refused("hold_released")
    if hold.placed_by == by:
        raise Refused("own_hold")


def manifest(items: Iterable[Any]) -> str:
    """SHA-256 over what became of each record of a batch: the certificate's number against which it is checked."""
    lines = [[i.no, int(i.archived_at.timestamp()), i.state, i.entries, i.digest] for i in items]
    return hashlib.sha256(json.dumps(lines, separators=(",", ":")).encode()).hexdigest()
