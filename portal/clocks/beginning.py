"""The clocks of a case that is just being logged, before they are rows: plain values, written in one statement.

A mapped object notes each value that is set on it, for a session that never sees these: a fifth of a case's beginning.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table

from portal.clocks.models import Clock, Segment
from portal.kernel.db import db

COLUMNS = tuple(column.name for column in Clock.__table__.columns if column.name != "id")


class NewClock:
    """What will be a row of `clock`, value by value; what nobody sets is empty."""

    agreed_at: datetime | None
    due_at: datetime

    def __init__(self, **values: Any) -> None:
        self.__dict__ = dict.fromkeys(COLUMNS) | values

    @property
    def effective_due(self) -> datetime:
        """The due instant that binds, as of a row."""
        return self.agreed_at or self.due_at


def insert(clocks: Sequence[Any], segments: Sequence[Any]) -> None:
    """Writes what a case begins with, one statement a table. Inside transaction()."""
    for model, rows in ((Clock, clocks), (Segment, segments)):
        table = cast(Table, model.__table__)
        names = [column.name for column in table.columns if column.name != "id"]
        db.session.connection().execute(table.insert(), [{name: getattr(row, name) for name in names} for row in rows])
