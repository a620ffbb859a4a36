"""Calling people out until each has answered, and the hand-over of command that must be accepted."""

from datetime import datetime, timedelta

from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.incidents import calling_events as e
from portal.incidents import calling_queries, plans, rules
from portal.incidents.events import RoleAssigned
from portal.incidents.models import Incident, IncidentCall
from portal.incidents.record import record, record_all, tell_of
from portal.kernel.errors import Forbidden, Invalid, Refused


def give(
    actor: Actor, now: datetime, incident: Incident, role: str, person_id: int, handover: str = "", name: str = ""
) -> None:
    """Closes the open row of the role and opens one for this person, who is told and called out.

    `name`: the person's, where the caller has it already.
    """
    allow(actor, "incident.declare", incident)
    name = name or people.names_of([person_id])[person_id]
    before = incident.held.get(role)
    tasks = rules.following(incident, role)
    assigned = RoleAssigned(role, person_id, name, before.person if before else "", handover, tasks)
    if person_id == actor.id:
        record(incident, assigned, by=actor, at=now)
        return
    record_all(incident, [assigned, _called(incident, now, role, person_id, name)], by=actor, at=now)
    tell_of([person_id], "incident_role", incident, now, role=role)


def _called(incident: Incident, now: datetime, role: str, person_id: int, name: str) -> e.CalledOut:
    minutes = plans.of(incident.plan_version).grades[incident.grade].facts["answer_minutes"]
    until = int((now + timedelta(minutes=minutes)).timestamp())
    return e.CalledOut(max((c.n for c in incident.calls), default=0) + 1, role, person_id, name, until)


def answer(actor: Actor, now: datetime, incident: Incident, *, n: int) -> None:
    """The person called has heard and is coming."""
    allow(actor, "incident.view", incident)
    call = _waiting(incident, n)
    if call.person_id != actor.id:
        raise Forbidden("not_your_call", name=call.person)
    record(incident, e.CallAnswered(n, call.role), by=actor, at=now)


def by_hand(actor: Actor, now: datetime, incident: Incident, *, n: int, reached: bool, words: str) -> None:
    """Somebody telephoned the person called: reached, or not."""
    allow(actor, "incident.act", incident)
    call = _waiting(incident, n)
    record(incident, e.CalledByHand(n, call.person, reached, rules.require(words, "words")), by=actor, at=now)


def _waiting(incident: Incident, n: int) -> IncidentCall:
    rules.running(incident)
    call = next((c for c in incident.calls if c.n == n), None)
    if call is None:
        raise Invalid("not_on_scale", field="call")
    if call.acknowledged_at:
        raise Refused("answered_already", name=call.person)
    if call.passed_at:
        raise Refused("call_passed", name=call.person)
    return call


def pass_on(actor: Actor, now: datetime, incident: Incident, n: int, *, unreached: bool = False) -> bool:
    """Follows a call without an answer in time: the next in line is called, or those who lead hear that none is left.

    One that could not be told (`unreached`) is passed on at once. Command itself is only offered to the next: until it
    is accepted the commander stays. Returns whether it was passed.
    """
    allow(actor, "incident.declare", incident)
    call = next(c for c in incident.calls if c.n == n)
    if incident.state != "active" or call.next_at is None or (call.next_at > now and not unreached):
        return False
    following = calling_queries.next_in_line(incident, call.role, now)
    name = following.name if following else ""
    record(incident, e.CallPassed(n, call.role, call.person, name, unreached), by=actor, at=now)
    leaders = [incident.commander_id or 0, *people.holders("watch")]
    tell_of(leaders, "incident_call_passed", incident, now, role=call.role, name=call.person)
    if following and call.role == "commander":
        record(incident, e.CommandOffered(following.person_id, name, ""), by=actor, at=now)
        record(incident, _called(incident, now, "commander", following.person_id, name), by=actor, at=now)
        tell_of([following.person_id], "incident_role", incident, now, role="commander")
    elif following:
        give(actor, now, incident, call.role, following.person_id)
    return True


def offer_command(actor: Actor, now: datetime, incident: Incident, *, person_id: int, handover: str) -> None:
    """Offers command with what is known, open and promised; the old commander stays until it is accepted.

    Who may command and takes it over for himself accepts by doing so.
    """
    allow(actor, "incident.command", incident)
    words = rules.require(handover, "handover")
    if person_id == actor.id:
        give(actor, now, incident, "commander", person_id, words)
        return
    person = people.person(person_id)
    record(incident, e.CommandOffered(person.id, person.name, words), by=actor, at=now)
    tell_of([person.id], "incident_command_offered", incident, now)


def answer_offer(actor: Actor, now: datetime, incident: Incident, *, accepted: bool, words: str = "") -> None:
    """The incoming commander takes command, or declines with a reason and the old one stays."""
    allow(actor, "incident.command", incident)
    rules.running(incident)
    offered = incident.offered
    if not offered or offered["person_id"] != actor.id:
        raise Refused("no_offer")
    if accepted:
        old = incident.commander_id
        give(actor, now, incident, "commander", actor.id, offered["handover"])
        tell_of([i for i in [old] if i and i != actor.id], "incident_command_taken", incident, now, name=actor.name)
        return
    record(incident, e.CommandDeclined(actor.name, rules.require(words, "words")), by=actor, at=now)
    tell_of([incident.commander_id or 0], "incident_command_declined", incident, now, name=actor.name)
