"""A call-back agreed with a customer, or to be tried again, is called to mind ten minutes ahead, once (DK1)."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.kernel.db import db, read, transaction
from portal.kernel.instants import epoch
from portal.notices.models import Notice
from portal.notices.tell import tell

AHEAD = 600  # DK1: 10 min
# the first condition is the one of the index ix_clock_promised, to the letter
SOON = (
    "SELECT k.id, k.due_at, c.id, c.no, c.title, c.level, c.proposed_level, c.owner_id, c.agent_id FROM clock k"
    " JOIN cases c ON c.id = k.case_id WHERE (k.kind = 'promise' OR k.agreed_at IS NOT NULL) AND k.kind = 'promise'"
    " AND k.outcome = 'running' AND k.paused_at IS NULL AND k.due_at > :now AND k.due_at <= :soon ORDER BY k.due_at"
    " LIMIT 500"
)


AGAIN = (
    "SELECT 0, call_again_at, id, no, title, level, proposed_level, owner_id, agent_id FROM cases"
    " WHERE call_again_at IS NOT NULL AND call_again_at > :now AND call_again_at <= :soon AND state NOT IN"
    " ('closed', 'void', 'merged') ORDER BY call_again_at LIMIT 500"
)


class CallBack(NamedTuple):
    """A call-back that is near."""

    clock_id: int
    due: int
    case_id: int
    no: str
    title: str
    level: str
    proposed: str
    owner_id: int | None
    agent_id: int

    @property
    def key(self) -> str:
        """The notice's key, without the person."""
        return f"callback:{self.clock_id}" if self.clock_id else f"again:{self.case_id}:{self.due}"

    @property
    def person(self) -> int:
        """Who calls: the person who holds the case, else who took it in."""
        return self.owner_id or self.agent_id


def remind(now: datetime) -> int:
    """Tells everybody whose call-back is ten minutes away or less, each once; returns how many were told."""
    span = {"now": epoch(now), "soon": epoch(now) + AHEAD}
    near = [CallBack._make(row) for query in (SOON, AGAIN) for row in read(query, span)]
    keys = {f"{one.key}:{one.person}" for one in near}
    known = set(db.session.scalars(select(Notice.key).where(Notice.key.in_(keys)))) if keys else set()
    fresh = [one for one in near if f"{one.key}:{one.person}" not in known]
    if not fresh:
        return 0
    with transaction():
        return sum(_tell(one, now) for one in fresh)


def _tell(one: CallBack, now: datetime) -> int:
    facts: dict[str, Any] = {"no": one.no, "title": one.title, "level": one.level or one.proposed, "due": one.due}
    return tell([one.person], "call_back", subject=f"case:{one.case_id}", key=one.key, facts=facts, now=now)
