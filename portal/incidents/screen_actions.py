"""Wall screens are given a token and lose it again; each is an entry of the journal `config:screens`."""

import secrets
from datetime import datetime

from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.incidents.screen_models import WallScreen
from portal.incidents.screen_queries import digest
from portal.journal import stream
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Missing

STREAM = "config:screens"
NOBODY = Actor(id=0, login="", name="", locale=None, roles=frozenset(), theme="dark")  # who stands before a wall


def add(actor: Actor, now: datetime, *, name: str) -> str:
    """A token for a screen, told this once. Raises Invalid without a name."""
    allow(actor, "screen.manage")
    wanted = " ".join(name.split())[:60]
    if not wanted:
        raise Invalid("screen_name", field="name")
    secret = secrets.token_urlsafe(32)
    db.session.add(WallScreen(name=wanted, sha256=digest(secret), by_id=actor.id, at=now))
    stream.append(STREAM, "ScreenAdded", {"name": wanted}, by_id=actor.id, at=now)
    return secret


def revoke(actor: Actor, now: datetime, *, number: int) -> None:
    """From now on the token opens nothing; the screen goes dark at its next look."""
    allow(actor, "screen.manage")
    row = db.session.get(WallScreen, number, with_for_update=True)
    if row is None:
        raise Missing("no_such_screen")
    if row.revoked_at is None:
        row.revoked_at = now
        stream.append(STREAM, "ScreenRevoked", {"name": row.name}, by_id=actor.id, at=now)
