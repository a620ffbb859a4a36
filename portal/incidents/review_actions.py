"""What staff do after an incident: write the review, agree measures, do, verify and test them."""

from datetime import datetime

from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.incidents import plan_actions, review_rules, rules
from portal.incidents import review_events as e
from portal.incidents.models import Incident
from portal.incidents.record import record, tell_of
from portal.journal import stream


def write(
    actor: Actor, now: datetime, incident: Incident, *, cause: str, losses: str, worked: str, lessons: str,
    entries: tuple[int, ...], finished: bool,
) -> None:  # fmt: skip
    """Saves the review, or finishes it: who was named for it, and those who lead."""
    allow(actor, "incident.view" if incident.review_owner_id == actor.id else "incident.declare", incident)
    known = {line.n for line in stream.read(incident.stream)}
    event = review_rules.written(
        incident, cause=cause, losses=losses, worked=worked, lessons=lessons,
        entries=tuple(sorted(set(entries) & known)), finished=finished,
    )  # fmt: skip
    record(incident, event, by=actor, at=now)
    if finished:
        plan_actions.learn(actor, now, incident)
        told = people.holders("commander") + people.holders("quality") + [incident.commander_id or 0]
        tell_of([i for i in told if i not in (0, actor.id)], "incident_reviewed", incident, now)


def add_measure(
    actor: Actor, now: datetime, incident: Incident, *, text: str, owner_id: int, due: datetime, retest: datetime
) -> None:
    """Agrees what is to be improved, and tells its owner."""
    allow(actor, "incident.act", incident)
    owner = people.person(owner_id)
    event = review_rules.added(
        incident, now, text=text, owner_id=owner.id, owner=owner.name, due=due, retest=retest
    )  # fmt: skip
    record(incident, event, by=actor, at=now)
    if incident.reviewed_at:
        plan_actions.learn(actor, now, incident)
    tell_of([i for i in [owner.id] if i != actor.id], "incident_measure", incident, now, task=event.text)


def finish_measure(actor: Actor, now: datetime, incident: Incident, *, n: int, evidence: str) -> None:
    """A measure is done, with what proves it: its owner says so, or those who lead."""
    owner = next((m.owner_id for m in incident.measures if m.n == n), None)
    allow(actor, "incident.view" if owner == actor.id else "incident.declare", incident)
    row = review_rules.measure(incident, n, "open")
    record(incident, e.MeasureDone(row.n, rules.require(evidence, "evidence")), by=actor, at=now)


def verify_measure(actor: Actor, now: datetime, incident: Incident, *, n: int, accepted: bool, words: str) -> None:
    """Another person than its owner looked at the proof; refused, it is to be done again and its owner is told."""
    allow(actor, "incident.verify", incident)
    event = review_rules.verified(
        incident, n, person_id=actor.id, person=actor.name, accepted=accepted, words=words
    )  # fmt: skip
    record(incident, event, by=actor, at=now)
    _again(now, incident, n)


def retest_measure(actor: Actor, now: datetime, incident: Incident, *, n: int, held: bool, words: str) -> None:
    """It was tested again: it held and is over, or is to be done again."""
    allow(actor, "incident.verify", incident)
    record(incident, review_rules.tested(incident, n, held=held, words=words), by=actor, at=now)
    _again(now, incident, n)


def _again(now: datetime, incident: Incident, n: int) -> None:
    row = next(m for m in incident.measures if m.n == n)
    if row.state == "open":
        tell_of([row.owner_id], "incident_measure", incident, now, task=row.text)
