"""An order of an older ledger that was brought in: one past fact, and what it makes of the row."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Imported:
    """导入: an order that had ended before, from an old ledger; `assumed` names what the ledger did not say."""

    no: str
    flow: str
    flow_version: int
    title: str
    customer_name: str
    unit_id: int
    by: str
    calendar: str
    calendars: dict[str, int]
    started: int
    due: int
    ended: int
    result: str
    facts: dict[str, Any] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()


def imported(order: Any, event: Imported, at: datetime, by: int) -> None:
    """The order as the old ledger knew it: ended, without steps."""
    for name in ("no", "flow", "flow_version", "title", "customer_name", "calendar", "result"):
        setattr(order, name, getattr(event, name))
    order.customer_unit_id = order.raising_unit_id = event.unit_id
    order.raised_by, order.raised_by_name, order.customer_class, order.unit = by, event.by, "", ""
    order.facts = dict(event.facts) | {"imported": {"assumed": list(event.assumed)}}
    order.calendars, order.pauses = dict(event.calendars), []
    order.state, order.reason, order.pause_words, order.disposed = "ended", "", "", ""
    order.amount = order.returns = order.sheets = order.late = order.told_step = 0
    order.started_at = datetime.fromtimestamp(event.started, UTC)
    order.first_due_at = order.due_at = datetime.fromtimestamp(event.due, UTC)
    order.ended_at = datetime.fromtimestamp(event.ended, UTC)
