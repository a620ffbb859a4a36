"""What the backup channel gives to other rooms: what stands against the end of an incident, and its count."""

from typing import Any

from flask import Flask
from sqlalchemy import func, select

from portal import shell
from portal.backup import queries
from portal.backup.models import BackEntry
from portal.identity.actor import Actor
from portal.incidents import gate
from portal.kernel import feed
from portal.kernel.db import db


def wire(app: Flask) -> None:
    """Registers both."""
    gate.also(against)
    shell.count("backup.index", waiting)


def against(incident_id: int) -> dict[str, Any] | None:
    """Numbers of an incident that nobody has accounted for."""
    found = queries.unreconciled(incident_id)
    n = found["out"] + found["missing"]
    return {"code": "serials", "n": n, "missing": found["missing"]} if n else None


def waiting(_actor: Actor) -> tuple[int, int]:
    """How many entries wait for their second person."""
    return shell.kept("backup", feed.version("backup"), _count), 0


def _count() -> int:
    return db.session.scalar(select(func.count()).select_from(BackEntry).where(BackEntry.checked_at.is_(None))) or 0
