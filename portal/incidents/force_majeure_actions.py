"""Force majeure (SL4): the supervisor stops the clocks of a list of linked cases; they run again with the end."""

from datetime import datetime
from typing import NamedTuple

from portal.cases import rules as case_rules
from portal.cases.models import Case
from portal.cases.record import record as record_case
from portal.identity.actor import SYSTEM, Actor
from portal.identity.policy import allow
from portal.incidents import events as e
from portal.incidents import queries, rules
from portal.incidents.force_majeure import REASON, ground, why_not
from portal.incidents.models import Incident
from portal.incidents.record import record
from portal.kernel.errors import Invalid, Refused

MOST = 500


class Outcome(NamedTuple):
    """What became of one case of the list; `refused` is None where its clocks stopped."""

    case: Case
    refused: Refused | None


def stop_clocks(actor: Actor, now: datetime, incident: Incident, *, numbers: list[str], reason: str) -> list[Outcome]:
    """Stops the clocks of these linked cases where they may stop; the others are answered one by one with why not."""
    allow(actor, "case.force_majeure")
    ground(incident)
    words = rules.require(reason, "reason")
    wanted = [n for n in numbers if n.strip()]
    if not wanted:
        raise Invalid("no_case_ticked", field="cases")
    if len(wanted) > MOST:
        raise Invalid("too_many_cases", field="cases", most=MOST)
    found = [Outcome(case, why_not(incident, case)) for case in queries.cases_by_no(wanted, field="cases")]
    stopped = [o.case for o in found if o.refused is None]
    for case in stopped:
        record_case(case, case_rules.pause(case, reason=REASON, words=words), by=actor, at=now)
    if stopped:
        record(incident, e.ClocksStopped(tuple(c.no for c in stopped), words), by=actor, at=now)
    return found


def stop_one(actor: Actor, now: datetime, case: Case, *, reason: str) -> None:
    """The same for one case from its own page; what does not hold is said at the field of the reason."""
    allow(actor, "case.pause", case)
    try:
        allow(actor, "case.force_majeure")
        incident = queries.incident_by_id(case.incident_id)
        if incident is None:
            raise Refused("incident_first", no=case.no)
        ground(incident)
    except Refused as refused:
        code = "supervisor_pauses" if refused.code == "not_allowed" else refused.code
        raise Invalid(code, **(refused.facts | {"field": "reason"})) from refused
    record_case(case, case_rules.pause(case, reason=REASON, words=reason), by=actor, at=now)


def let_run(actor: Actor, now: datetime, incident: Incident) -> int:
    """The incident has ended: the clocks that it had stopped run again, in the same transaction; returns how many."""
    allow(actor, "incident.command", incident)
    held = queries.stopped_cases(incident.id)
    for case in held:
        record_case(case, case_rules.resume(case, "", "incident"), by=SYSTEM, at=now)
    return len(held)


def let_one_run(actor: Actor, now: datetime, case: Case) -> None:
    """The case leaves its incident, and with it the ground of its pause."""
    allow(actor, "incident.link")
    if case.paused == REASON:
        record_case(case, case_rules.resume(case, "", "incident"), by=SYSTEM, at=now)
