"""Quarters' tables ahead of time, for stores whose serving role may not make tables."""

from datetime import datetime, timedelta

from sqlalchemy import text

from portal.archive.rules import quarter_of
from portal.archive.stores import open_quarter, quarters
from portal.kernel.db import db, transaction
from portal.kernel.owner import apart


def lacking(now: datetime) -> list[str]:
    """The running quarter and the next, as far as they have no table."""
    wanted = dict.fromkeys((quarter_of(now), quarter_of(_first_day_after(now))))
    return [quarter for quarter in wanted if quarter not in quarters()]


def open_ahead(now: datetime) -> list[str]:
    """Makes the tables that are lacking, where this process knows their owner; returns their quarters."""
    found = lacking(now) if apart() else []
    for quarter in found:
        with transaction():
            open_quarter(quarter)
    return found


def stranded(now: datetime) -> list[str]:
    """The quarters that lack their table although the role that serves may not make it: closings would be refused."""
    if db.engine.dialect.name != "postgresql":
        return []
    may = db.session.scalar(text("SELECT has_schema_privilege(current_user, current_schema(), 'CREATE')"))
    return [] if may else lacking(now)


def _first_day_after(now: datetime) -> datetime:
    """A day of the next quarter."""
    day = now
    while quarter_of(day) == quarter_of(now):
        day += timedelta(days=28)
    return day
