"""Whether what was just done on a case may still be taken back (DK5)."""

from datetime import UTC, datetime

from portal.cases import queries, undo_rules
from portal.cases.models import Case
from portal.cases.submissions import made_by, note_made
from portal.identity.actor import Actor
from portal.identity.session import current_actor
from portal.journal import stream
from portal.kernel import clock
from portal.kernel.db import read
from portal.kernel.errors import Refused

OFFERED = ("claim", "assign", "contact")


def offered(deed: str, no: str) -> bool:
    """Whether the page offers to take a deed back: within ten seconds, one's own, nothing else since."""
    if deed not in OFFERED:
        return False
    actor = current_actor()
    case = queries.case_by_no(actor, no)
    try:
        undo_rules.undo(case, stream.read(case.stream), actor.id, clock.now())
    except Refused:
        return False
    return True


def note_end(actor: Actor, now: datetime, key: str) -> None:
    """Notes when an act on many cases ended, once; from then on its ten seconds count. In transaction()."""
    mine = _end(key)
    if made_by(mine) is None:
        note_made(mine, 0, by=actor, at=now)


def act_ended(actor: Actor, key: str) -> datetime | None:
    """When this person's act on many cases ended; None where there is none."""
    rows = read("SELECT at FROM submission WHERE key = :key AND person_id = :me", {"key": _end(key), "me": actor.id})
    return datetime.fromtimestamp(rows[0][0], tz=UTC) if rows else None


def by_act(case: Case, key: str) -> bool:
    """Whether the act with this key was done on the case."""
    return made_by(f"{key[:40]}:{case.id}") == case.id


def _end(key: str) -> str:
    return f"{key[:40]}:end"
