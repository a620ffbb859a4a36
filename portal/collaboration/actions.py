"""Passing work on: claim, assign, transfer, pause, extend, plan, merge."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from portal.cases import actions as cases
from portal.cases import rules
from portal.cases.matter_events import Related
from portal.cases.models import Case
from portal.cases.record import record
from portal.clocks.models import Clock
from portal.clocks.pausing import CAPPED, longest_pause
from portal.collaboration.chasing import chase
from portal.collaboration.telling import tell_of, tell_ping_pong
from portal.identity import absences
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.models import Unit
from portal.identity.policy import allow
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Refused

__all__ = ["assign", "chase", "claim", "extend", "merge", "pause", "plan", "resume", "transfer"]


def claim(actor: Actor, now: datetime, case: Case) -> None:
    """Takes a case that nobody holds."""
    allow(actor, "case.claim", case)
    record(case, rules.claim(case, actor.id, actor.name), by=actor, at=now)


def assign(actor: Actor, now: datetime, case: Case, *, person_id: int, reason: str = "") -> None:
    """Gives the case to a named person of its department, or to who stands in for that person, and tells them."""
    allow(actor, "case.assign", case)
    chosen = next((p for p in people.members(case.unit_id) if p.id == person_id), None)
    if chosen is None:
        raise Invalid("person_not_here", field="person")
    deputy = absences.deputies(now).get(chosen.id)
    if deputy:
        held = rules.assign(case, deputy.person_id, people.person(deputy.person_id).name, reason)
        record(case, replace(held, how="deputy", instead_of=chosen.name), by=actor, at=now)
    else:
        record(case, rules.assign(case, chosen.id, chosen.name, reason), by=actor, at=now)
    tell_of([chosen.id], "assigned", case, now)


def transfer(
    actor: Actor, now: datetime, case: Case, *, unit_id: int, reason: str, expected: datetime | None = None,
    told: str = "", means: str = "phone",
) -> None:  # fmt: skip
    """Hands the case to another department and tells its people (QU2).

    `told`: what the customer was told of it, a contact of its own in which the expected time is promised.
    """
    allow(actor, "case.transfer", case)
    if told.strip():
        _tell_customer(actor, now, case, told=told, means=means, expected=expected)
    unit, here = db.session.get_one(Unit, unit_id), db.session.get_one(Unit, case.unit_id)
    event = rules.transfer(case, unit_id=unit.id, unit=unit.name, from_unit=here.name, reason=reason, expected=expected)
    record(case, event, by=actor, at=now)
    tell_of(people.holders("head", {unit_id}), "transferred", case, now)
    tell_ping_pong(case, now)


def _tell_customer(
    actor: Actor, now: datetime, case: Case, *, told: str, means: str, expected: datetime | None
) -> None:
    try:
        cases.contact(
            actor, now, case, direction="out", means=means, reached=True, words=told, promised=expected
        )  # fmt: skip
    except Invalid as refused:
        if refused.facts.get("field") != "promised":
            raise
        raise Invalid(refused.code, **(refused.facts | {"field": "expected"})) from refused


def pause(actor: Actor, now: datetime, case: Case, *, reason: str, words: str) -> None:
    """Stops the clocks that may stop, for a reason on the list (SL4)."""
    allow(actor, "case.pause", case)
    if (
        reason == "force_majeure"
    ):  # the incident is its ground, and its list the way: incidents/force_majeure_actions.py
        raise Invalid("choose_pause", field="reason")
    event = rules.pause(case, reason=reason, words=words)
    until = longest_pause(case, now) if reason in CAPPED else None
    record(case, replace(event, until=until), by=actor, at=now)


def resume(actor: Actor, now: datetime, case: Case, *, why: str = "", code: str = "") -> None:
    """Lets the clocks run again."""
    allow(actor, "case.pause", case)
    record(case, rules.resume(case, why, code), by=actor, at=now)


def extend(
    actor: Actor, now: datetime, case: Case, *, due: datetime, reason: str, told: str, kind: str = "result"
) -> None:
    """A new time agreed with the customer before the old one ran out (SL7); the old attainment is counted beside it."""
    allow(actor, "case.extend", case)
    running = select(Clock).where(Clock.case_id == case.id, Clock.kind == kind, Clock.outcome == "running")
    clock = db.session.scalar(running)
    if clock is None:
        raise Refused("no_running_clock", kind=kind)
    event = rules.extend(case, now, kind=kind, old_due=clock.effective_due, due=due, reason=reason, told=told)
    record(case, event, by=actor, at=now)
    tell_of(people.holders("head", {case.unit_id}) or people.holders("supervisor"), "extension_asked", case, now)


def plan(actor: Actor, now: datetime, case: Case, *, decision: str, cycle: str, words: str) -> None:
    """Schedules a suggestion and tells the customer (P4)."""
    allow(actor, "case.plan", case)
    record(case, rules.plan(case, decision=decision, cycle=cycle, words=words), by=actor, at=now)


def merge(actor: Actor, now: datetime, case: Case, into: Case, *, reason: str) -> None:
    """Follows the same matter in another open case; this one's clocks are cancelled in the same transaction."""
    allow(actor, "case.merge", case)
    record(case, rules.merge(case, into, reason), by=actor, at=now)
    main = db.session.get_one(Case, into.id, with_for_update=True, populate_existing=True)
    record(main, Related(case.id, case.no, "merged_from", reason.strip()), by=actor, at=now)
    tell_of([main.owner_id or main.agent_id], "merged_here", main, now)
