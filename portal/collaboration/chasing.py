"""Chasing (QU4): seen at once, counted, climbing, and answered for with a reason."""

from datetime import datetime

from portal.cases import rules
from portal.cases.models import Case
from portal.cases.record import record
from portal.collaboration import task_rules
from portal.collaboration.telling import tell_of
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow


def chase(actor: Actor, now: datetime, case: Case, *, by_customer: bool, words: str) -> None:
    """Presses for progress: the accountable person sees it at once, from the 2nd the head, the 3rd quality (QU4)."""
    allow(actor, "case.chase", case)
    record(case, rules.chase(case, by_customer=by_customer, words=words), by=actor, at=now)
    chased = [case.owner_id] if case.owner_id else people.holders("supervisor")
    if case.chases >= 2:
        chased += people.holders("head", {case.unit_id})
    if case.chases >= 3:
        chased += people.holders("quality")
    tell_of(chased, "chased", case, now, words.strip())


def answer_delay(actor: Actor, now: datetime, case: Case, *, words: str) -> None:
    """Answers for the delay with its reason; whoever chased hears of it."""
    allow(actor, "case.contact", case)
    asked_by = (case.owed or {}).get("by", 0)
    record(case, task_rules.answer_delay(case, words), by=actor, at=now)
    tell_of([asked_by, case.agent_id], "delay_answered", case, now, words.strip())
