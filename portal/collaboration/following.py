"""Following 关注: a person's own list of cases; whoever follows a case may chase it (QU4)."""

from datetime import datetime

from portal.cases.models import Case
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel import feed
from portal.kernel.db import read, write


def topic(actor: Actor) -> str:
    """The feed's topic that moves with this person's list."""
    return f"follow:{actor.id}"


def follow(actor: Actor, now: datetime, case: Case) -> None:
    """Puts the case on the actor's list; a second time changes nothing."""
    allow(actor, "case.follow", case)
    made = "INSERT INTO follower(case_id, person_id, since) VALUES(:case, :me, :at) ON CONFLICT DO NOTHING"
    write(made, {"case": case.id, "me": actor.id, "at": int(now.timestamp())})
    feed.touch(topic(actor), case.id)


def unfollow(actor: Actor, case: Case) -> None:
    """Takes the case from the actor's list."""
    allow(actor, "case.follow", case)
    write("DELETE FROM follower WHERE case_id = :case AND person_id = :me", {"case": case.id, "me": actor.id})
    feed.touch(topic(actor), case.id)


def follows(actor: Actor, case_id: int) -> bool:
    """Whether the case is on the actor's list."""
    one = "SELECT 1 FROM follower WHERE case_id = :case AND person_id = :me"
    return bool(read(one, {"case": case_id, "me": actor.id}))
