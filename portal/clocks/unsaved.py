"""Clocks and segments of a case that is being taken down: plain objects, written together by the driver.

A case begins with half a dozen clocks; made as rows of the session each field costs ten times as much.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Table

from portal.clocks.models import Clock, Segment


class _Unsaved:
    """Answers None for what nobody has set, as a new row does."""

    def __init__(self, **facts: Any) -> None:
        self.__dict__.update(facts)

    def __getattr__(self, name: str) -> None:
        if name.startswith("_"):
            raise AttributeError(name)


class UnsavedClock(_Unsaved):
    """A clock before its case has an id."""

    effective_due = Clock.effective_due


class UnsavedSegment(_Unsaved):
    """A stretch before its case has an id."""


class Columns:
    """How rows of a table are inserted by the driver."""

    def __init__(self, table: Table) -> None:
        self.names = tuple(c.name for c in table.columns if c.name not in ("id", "case_id"))
        marks = ", ".join(f":{name}" for name in ("case_id", *self.names))
        self.statement = f"INSERT INTO {table.name}(case_id, {', '.join(self.names)}) VALUES({marks})"

    def values(self, row: Any, case_id: int) -> dict[str, Any]:
        """A row's values as the store keeps them."""
        return {"case_id": case_id} | {name: _kept(getattr(row, name)) for name in self.names}


def _kept(value: Any) -> Any:
    if isinstance(value, datetime):
        return int(value.timestamp())
    return json.dumps(value) if isinstance(value, list) else value


CLOCK, SEGMENT = Columns(Clock.metadata.tables["clock"]), Columns(Segment.metadata.tables["clock_segment"])
