"""Following 关注: a person's own list of cases; whoever follows a case may chase it (QU4)."""

from datetime import datetime

from portal.cases.models import Case
from portal.collaboration.telling import tell_of
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow, may
from portal.kernel import feed
from portal.kernel.db import read, write

ENDINGS = ("Closed", "Voided", "Merged")
ROUNDS = ("NotSatisfied", "Reopened")  # QU6: the customer refused the result, or the case came back


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


def tell_followers(case: Case, event: object, by: Actor, at: datetime) -> None:
    """Tells those who follow a case, and still may see it, that it ended or begins a new round; nobody of own deeds."""
    kind = "follow_ended" if type(event).__name__ in ENDINGS else "follow_round"
    ids = [row[0] for row in read("SELECT person_id FROM follower WHERE case_id = :case", {"case": case.id})]
    tell_of([one for one in ids if one != by.id and _sees(one, case)], kind, case, at)


def _sees(person_id: int, case: Case) -> bool:
    person = people.person(person_id)
    return person.active and may(people.actor_of(person), "case.view", case)
