"""The entry of a voicemail counts by the service hours of its hotline, in its queue and in its case alike (IN12)."""

from typing import Any

from portal.clocks.calendar import Calendar, provisional
from portal.clocks.policy import Policy
from portal.clocks.rules import warning_point
from portal.kernel.instants import epoch, moment


def put_on(clock: Any, calendar: Calendar, policy: Policy) -> None:
    """Counts a clock's limit on this calendar instead of the one that the policy names for its channel."""
    start = epoch(clock.started_at)
    due = calendar.due(start, clock.amount, clock.unit)
    row = next(row for row in policy.by_kind[clock.kind] if row.id == clock.rule)
    warn = warning_point(calendar, start, due, row.warn_share, policy.warn_from)
    clock.calendar, clock.calendar_version = calendar.code, calendar.version
    clock.due_at, clock.warn_at = moment(due), moment(warn) if warn else None
    clock.provisional = provisional(calendar, due, start)
