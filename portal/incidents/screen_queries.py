"""Reading wall screens: which there are, whether a token opens one, what it shows."""

import hashlib

from sqlalchemy import select

from portal.incidents.models import Incident
from portal.incidents.screen_models import WallScreen
from portal.kernel.db import db


def digest(secret: str) -> str:
    """How a token is kept: its SHA-256; it is random enough to need no salt."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def screens() -> list[WallScreen]:
    """All screens, those that open first."""
    query = select(WallScreen).order_by(WallScreen.revoked_at.is_not(None), WallScreen.id.desc())
    return list(db.session.scalars(query.limit(100)))


def opens(secret: str) -> bool:
    """Whether this token opens the wall."""
    if not 20 <= len(secret) <= 100:
        return False
    query = select(WallScreen.id).where(WallScreen.sha256 == digest(secret), WallScreen.revoked_at.is_(None))
    return db.session.scalar(query) is not None


def shown() -> Incident | None:
    """The incident that a wall shows: the one declared last, real ones before exercises; None while none runs."""
    query = select(Incident).where(Incident.state == "active").order_by(Incident.exercise, Incident.id.desc())
    return db.session.scalars(query.limit(1)).first()
