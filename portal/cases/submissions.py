"""What forms have made, by the key each was rendered with: a second post finds the first one's result."""

from datetime import datetime

from portal.identity.actor import Actor
from portal.kernel.db import read
from portal.kernel.gather import later
from portal.kernel.instants import epoch

MADE = "INSERT INTO submission(key, person_id, ref, at) VALUES(:key, :person, :ref, :at)"


def made_by(key: str) -> int | None:
    """The id of what a form with this key has already made, or None."""
    found = read("SELECT ref FROM submission WHERE key = :key", {"key": key}) if key else []
    return found[0][0] if found else None


def note_made(key: str, ref: int, *, by: Actor, at: datetime) -> None:
    """Keeps what a form with this key has made; nothing without a key. Of two at once the second is Stale."""
    if key:
        later(MADE, {"key": key, "person": by.id, "ref": ref, "at": epoch(at)})
