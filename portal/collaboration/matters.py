"""One matter, several cases: linked, split, followed up; and what a customer says after the end (QU9)."""

from datetime import datetime

from portal.cases import actions as cases
from portal.cases import events as e
from portal.cases import matter_events as m
from portal.cases import queries, rules
from portal.cases.guard import whole
from portal.cases.models import Case
from portal.cases.record import record
from portal.collaboration import queries as words_after
from portal.collaboration.telling import tell_of
from portal.directory import lists
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Refused

# what a link says on this side, and on the other
RELATIONS = {"same_cause": "same_cause", "follow_up": "followed_by", "caused_by": "causes", "see_also": "see_also"}
SIDES = RELATIONS | {"split_into": "split_from", "merged_from": "merged_into"}
CHOICES = ("thanks", "supplement", "not_satisfied")
TITLE = 40


def relate(actor: Actor, now: datetime, case: Case, other: Case, *, kind: str, words: str) -> None:
    """Links two cases, both ways, with what binds them."""
    allow(actor, "case.relate", case)
    if kind not in RELATIONS:
        raise Invalid("choose_relation", field="kind")
    if other.id == case.id:
        raise Invalid("relate_to_itself", field="other")
    if any(one["id"] == other.id and one["kind"] == kind for one in case.links or ()):
        raise Invalid("related_already", field="other", no=other.no)
    _bind(actor, now, case, other, kind, words.strip())


def _bind(actor: Actor, now: datetime, case: Case, other: Case, kind: str, words: str = "") -> None:
    """Writes both sides of a link."""
    far = db.session.get_one(Case, other.id, with_for_update=True, populate_existing=True)
    record(case, m.Related(far.id, far.no, kind, words), by=actor, at=now)
    record(far, m.Related(case.id, case.no, SIDES[kind], words), by=actor, at=now)


def split(
    actor: Actor, now: datetime, case: Case, *, description: str, demand: str, received: datetime | None,
    request_type: str, level: str,
) -> Case:  # fmt: skip
    """A second request inside a case becomes a case of its own, with the time at which it was really received."""
    allow(actor, "case.split", case)
    rules.still_open(case)
    made = _like(actor, now, case, description, demand, received or case.received_at, request_type, level)
    _bind(actor, now, case, made, "split_into")
    return made


def follow_up(
    actor: Actor, now: datetime, case: Case, *, description: str, demand: str, received: datetime | None = None
) -> Case:
    """A matter that comes back too late to be reopened is a new case, linked to the old one (QU9)."""
    allow(actor, "case.split", case)
    if case.state != "closed":
        raise Refused("not_closed", no=case.no)
    made = _like(actor, now, case, description, demand, received or now, case.request_type, case.level_now)
    _bind(actor, now, made, case, "follow_up")
    return made


def message(actor: Actor, now: datetime, case: Case, *, means: str, words: str) -> None:
    """The customer says something about a case that has ended: kept, counted by no clock, sorted by the agent."""
    allow(actor, "case.message", case)
    if case.state != "closed":
        raise Refused("not_closed", no=case.no)
    if means not in rules.MEANS:
        raise Invalid("choose_means", field="means")
    record(case, m.MessageCame(means, rules.require(words, "words")), by=actor, at=now)
    tell_of([case.agent_id, *_last_holders(case)], "message_came", case, now)


def _last_holders(case: Case) -> list[int]:
    """Who held the case last; the heads of the department when that person has left."""
    if case.owner_id is None or people.person(case.owner_id).active:
        return [case.owner_id] if case.owner_id else []
    return people.holders("head", {case.unit_id})


def triage(actor: Actor, now: datetime, case: Case, *, choice: str, words: str) -> Case:
    """Thanks, a supplement, or not satisfied; the last reopens the case, or after 30 days opens a new one."""
    allow(actor, "case.triage", case)
    if not case.messages:
        raise Refused("no_message_waits", no=case.no)
    if choice not in CHOICES:
        raise Invalid("choose_triage", field="choice")
    said = " / ".join(str(one["words"]) for one in case.messages)
    came, back = words_after.first_message(case), words_after.reopens(case, now)
    record(case, m.MessagesSorted(choice, words.strip()), by=actor, at=now)
    if choice != "not_satisfied":
        return case
    if not back:
        return follow_up(actor, now, case, description=said, demand=case.demand, received=came)
    cases.reopen(actor, now, case, reason=words.strip() or said, came=came)
    return case


def _like(
    actor: Actor, now: datetime, case: Case, description: str, demand: str, received: datetime, request_type: str,
    level: str,
) -> Case:  # fmt: skip
    """A new case of the same customer and channel, logged by the same rules."""
    if received > now:
        raise Invalid("received_is_ahead", field="received")
    if received < case.received_at:
        raise Invalid("received_before_first", field="received")
    if request_type not in lists.items("type") or level not in rules.LEVELS:
        raise Invalid("choose_level", field="level")
    text, known = rules.require(description, "description", 8), whole(case)
    event = e.Logged(
        no=queries.next_number(now), channel=case.channel, customer_id=case.customer_id,
        customer_name=known.customer_name, contact=known.contact, caller=known.caller, request_type=request_type,
        category=case.category, title=text[:TITLE], description=text, demand=rules.require(demand, "demand"),
        happened=case.happened, received=int(received.timestamp()), urgency=case.urgency, proposed_level=level,
        complexity=case.complexity, unit_id=case.intake_unit_id, intake_unit_id=case.intake_unit_id,
        product=case.product, prefers=case.prefers, exercise=case.exercise,
    )  # fmt: skip
    return cases.log(actor, now, event)
