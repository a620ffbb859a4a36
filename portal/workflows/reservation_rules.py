"""Resources reserved for a customer until an instant: kept, prolonged, released, expired. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Any

from portal.clocks.calendar import Calendar
from portal.kernel.errors import Invalid, Refused
from portal.kernel.instants import epoch
from portal.workflows import events as e
from portal.workflows.limits import Way
from portal.workflows.rules import open_step, require

LONGEST = 366  # days [H]


def warned_at(calendar: Calendar, until: int) -> int:
    """The same time of day on the working day before."""
    for back in range(1, 32):
        moment = until - back * 86_400
        if calendar.is_working_day(calendar.local_date(moment)):
            return moment
    return until - 86_400


def _ahead(until: datetime, now: datetime) -> int:
    if until <= now:
        raise Invalid("must_lie_ahead", field="until")
    if until > now + timedelta(days=LONGEST):
        raise Invalid("reserved_too_long", field="until", most=LONGEST)
    return epoch(until)


def reserve(order: Any, n: int, way: Way, now: datetime, *, what: str, until: datetime) -> e.Reserved:
    """Keeps resources for the customer; warned a working day before it ends."""
    step = open_step(order, n)
    end = _ahead(until, now)
    warn = warned_at(way.calendars[order.calendar], end)
    number = max((row.r for row in order.reservations), default=0) + 1
    return e.Reserved(number, n, step.unit_id, require(what, "what")[:300], end, warn if warn > epoch(now) else 0)


def _held(order: Any, r: int, now: datetime) -> Any:
    """The reservation, still held at `now`: at its last instant it is over, whether or not anybody has noted it."""
    row = next((one for one in order.reservations if one.r == r), None)
    if row is None:
        raise Invalid("no_such_reservation", field="r")
    if row.state == "expired" or (row.state == "held" and row.until_at <= now):
        raise Refused("reservation_expired", at=epoch(row.until_at))
    if row.state != "held":
        raise Refused("reservation_released")
    return row


def prolong(order: Any, r: int, way: Way, now: datetime, *, until: datetime, reason: str) -> e.ReservationProlonged:
    """Keeps them longer, with the reason; refused at or after the last instant: they have to be reserved again."""
    row = _held(order, r, now)
    end = _ahead(until, now)
    if end <= epoch(row.until_at):
        raise Invalid("not_longer", field="until")
    warn = warned_at(way.calendars[order.calendar], end)
    return e.ReservationProlonged(r, end, warn if warn > epoch(now) else 0, require(reason, "reason")[:300])


def release(order: Any, r: int, now: datetime, reason: str) -> e.ReservationReleased:
    """The resources are free again."""
    _held(order, r, now)
    return e.ReservationReleased(r, require(reason, "reason")[:300])


def expire(row: Any, now: datetime) -> e.ReservationExpired | None:
    """What time has brought, if it has."""
    over = row.state == "held" and row.until_at <= now.astimezone(UTC)
    return e.ReservationExpired(row.r) if over else None
