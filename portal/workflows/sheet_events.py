"""What can happen to a sheet besides being sent and answered: a past fact, and what it makes of the rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class SheetWithdrawn:
    """撤回: a sheet was sent in error; whoever had it owes nothing, and its time is the sender's again."""

    n: int
    reason: str


def withdrawn(order: Any, event: SheetWithdrawn, at: datetime, by: int) -> None:
    """The sheet is closed without an answer and never late."""
    step = next(s for s in order.steps if s.n == event.n)
    step.state, step.done_at, step.done_by, step.late, step.next_at = WITHDRAWN, at, by, 0, None
    step.facts = {"withdrawn": event.reason}
