"""The consultation on a disputed level (SL6): opened, voted, settled by the judge, or lapsed after half an hour."""

from datetime import datetime

from portal.cases.models import Case
from portal.cases.record import record
from portal.collaboration import rules
from portal.collaboration.queries import disputes_since_judgement, lapsed
from portal.collaboration.telling import tell_of
from portal.identity import queries as people
from portal.identity.actor import SYSTEM, Actor
from portal.identity.models import Unit
from portal.identity.policy import allow
from portal.kernel.db import db
from portal.kernel.errors import Forbidden, Invalid


def dispute(actor: Actor, now: datetime, case: Case, *, level: str, why: str) -> None:
    """Opens the consultation; judges and the heads of the departments concerned are told at once."""
    allow(actor, "case.dispute", case)
    unit = _voice(actor, case)
    event = rules.dispute(
        case, now, level=level, why=why, unit_id=unit.id, unit=unit.name, before=disputes_since_judgement(case)
    )
    record(case, event, by=actor, at=now)
    tell_of(people.holders("supervisor") + people.holders("head", case.unit_ids), "level_disputed", case, now)


def vote(actor: Actor, now: datetime, case: Case, *, level: str, words: str) -> None:
    """A department concerned says which level it sees."""
    allow(actor, "case.vote", case)
    unit = _voice(actor, case)
    record(case, rules.vote(case, now, unit_id=unit.id, unit=unit.name, level=level, words=words), by=actor, at=now)


def stay_away(actor: Actor, now: datetime, case: Case, *, words: str = "") -> None:
    """A department concerned says for itself that it does not come."""
    allow(actor, "case.vote", case)
    unit = _voice(actor, case)
    event = rules.absent(case, now, unit_id=unit.id, unit=unit.name, words=words, field="level")
    record(case, event, by=actor, at=now)


def note_absence(actor: Actor, now: datetime, case: Case, *, unit_id: int, words: str = "") -> None:
    """The judge, who chairs, notes that a department concerned did not come."""
    allow(actor, "case.judge", case)
    unit = db.session.get(Unit, unit_id)
    if unit is None:
        raise Invalid("choose_unit", field="department")
    event = rules.absent(case, now, unit_id=unit.id, unit=unit.name, words=words, field="department")
    record(case, event, by=actor, at=now)


def settle(actor: Actor, now: datetime, case: Case, *, level: str, reason: str) -> None:
    """The judge, who chairs, gives the final level with a written reason."""
    allow(actor, "case.judge", case)
    record(case, rules.settle(case, now, level=level, reason=reason), by=actor, at=now)
    tell_of(people.holders("head", case.unit_ids), "dispute_settled", case, now)


def lapse(now: datetime) -> int:
    """Ends consultations that ran out: the stricter level stands, quality and the heads are told. In transaction()."""
    allow(SYSTEM, "case.judge")
    done = 0
    for case_id in lapsed(now):
        case = db.session.get_one(Case, case_id, with_for_update=True, populate_existing=True)
        if not case.dispute:
            continue
        record(case, rules.lapse(case), by=SYSTEM, at=now)
        superiors = people.holders("quality") + people.holders("head", {case.intake_unit_id})
        tell_of(superiors + people.holders("supervisor"), "dispute_lapsed", case, now)
        done += 1
    return done


def _voice(actor: Actor, case: Case) -> Unit:
    """The department for which a person speaks: the one that holds the case, the one that took it in, else the own."""
    for unit_id in (case.unit_id, case.intake_unit_id):
        if unit_id in actor.unit_ids:
            return db.session.get_one(Unit, unit_id)
    if actor.unit_id is None:
        raise Forbidden("not_allowed", verb="case.vote")
    return db.session.get_one(Unit, actor.unit_id)
