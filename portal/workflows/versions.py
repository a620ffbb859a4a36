"""The versions of flows: what an order runs on, and what the next one will."""

from datetime import datetime

from portal.kernel.errors import Missing
from portal.workflows.definition import Definition
from portal.workflows.shipped import FLOWS, shipped


def definition(flow: str, version: int) -> Definition:
    """One version of a flow; it never changes. Raises Missing."""
    if flow not in FLOWS or version != 1:
        raise Missing("no_such_flow", flow=flow)
    return shipped(flow)


def newest(flow: str, now: datetime) -> Definition:
    """The version in force at `now`. Raises Missing."""
    return definition(flow, 1)


def all_newest(now: datetime) -> list[Definition]:
    """The flows on which orders can be raised at `now`, as they are listed."""
    return [newest(flow, now) for flow in FLOWS]
