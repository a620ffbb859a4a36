"""The end of every order: what it said is erased after its time (AR5). A past fact, and what it makes of the rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

COUNTED = ("action", "imported")  # facts that figures of timeliness ask for


@dataclass(frozen=True)
class Disposed:
    """销毁: the retention period is over; what the entries before said was erased under this certificate.

    `entries` is how many were erased, `digest` SHA-256 over their commitments.
    """

    batch: str
    entries: int
    digest: str


def disposed(order: Any, event: Disposed, at: datetime, by: int) -> None:
    """Everything a person wrote or is called goes; flow, departments, times and results stay for figures."""
    order.disposed = event.batch
    order.title = order.customer_name = order.raised_by_name = order.pause_words = order.reason = ""
    order.facts = {name: order.facts[name] for name in COUNTED if name in order.facts}
    for step in order.steps:
        step.person = step.party = step.contact = step.outside_no = step.words = ""
        step.facts = {}
        if step.kind == "sheet":  # why its answer was sent back, in words; all others keep codes of their flow
            step.outcome = ""
    for row in order.reservations:
        row.what = row.reason = ""
