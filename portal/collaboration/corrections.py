"""Correcting what was written down wrongly, by a superseding entry (QU7)."""

from datetime import datetime

from portal.cases import correcting
from portal.cases import matter_events as m
from portal.cases.models import Case
from portal.cases.record import record
from portal.clocks.kept import clocks_of
from portal.collaboration.telling import tell_of
from portal.directory import actions as directory
from portal.directory import lists
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel.errors import Invalid
from portal.kernel.instants import epoch


def correct(
    actor: Actor, now: datetime, case: Case, *, field: str, new: str, received: datetime | None, reason: str,
    name: str = "",
) -> None:  # fmt: skip
    """Corrects at once what changes no verdict; what limits depend on waits for the supervisor."""
    allow(actor, "case.correct", case)
    if field == "request_type" and new not in lists.items("type"):
        raise Invalid("choose_value", field=field)
    asked = correcting.ask(case, field=field, new=new, received=received, reason=reason)
    if field in correcting.JUDGING:
        record(case, asked, by=actor, at=now)
        tell_of(people.holders("supervisor"), "correction_asked", case, now)
        return
    customer_id, customer_name = 0, ""
    if field == "customer":
        known = directory.recognise(actor, now, name=name, identity=asked.new, prefers=case.prefers)
        customer_id, customer_name = known.id, name or known.name
    done = m.FactCorrected(field, asked.old, asked.new, asked.reason, customer_id, customer_name)
    record(case, done, by=actor, at=now)


def decide_correction(actor: Actor, now: datetime, case: Case, *, approved: bool, words: str) -> None:
    """Approves a correction that could change a verdict, or refuses it; both verdicts are written down."""
    allow(actor, "case.correct_decide", case)
    asked_by, before = (case.correction or {}).get("by", 0), _verdicts(case)
    event = correcting.decide(case, by=actor.id, approved=approved, words=words)
    record(case, event, by=actor, at=now)
    if isinstance(event, m.FactCorrected):
        record(case, m.VerdictsRecounted(before, _verdicts(case)), by=actor, at=now)
    tell_of([asked_by], "correction_decided", case, now)


def _verdicts(case: Case) -> tuple[list[object], ...]:
    """Kind, round, due instant (epoch seconds) and outcome of each clock of the first cycle."""
    found = (c for c in clocks_of(case.id) if c.cycle == 1)
    return tuple([c.kind, c.round, epoch(c.effective_due), c.outcome] for c in found)
