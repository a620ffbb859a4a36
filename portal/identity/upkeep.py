"""What every change of an account leaves behind: an entry in the journal, news for every process, an administrator."""

from datetime import datetime

from portal.identity import queries
from portal.identity.actor import SYSTEM, Actor
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.errors import Invalid

TOPIC = "identity"


def write_down(kind: str, facts: dict[str, object], actor: Actor, now: datetime, person_id: int) -> None:
    """Journals a change of an account and tells every process to read that person anew.

    Who writes here first goes first: a second change of an account waits for the end of this one.
    """
    stream.append("config:people", kind, facts, by_id=actor.id, at=now)
    feed.touch(TOPIC, person_id)


def keep_an_administrator(actor: Actor) -> None:
    """Raises Invalid when no open account is an administrator's any more; the command line may go as far as that."""
    if actor != SYSTEM and not queries.holders("admin"):
        raise Invalid("last_admin")
