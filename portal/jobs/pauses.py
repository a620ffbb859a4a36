"""Pauses that end by themselves (SL4): at their cap, and with the incident that gave the reason."""

from datetime import datetime

from portal.cases.models import Case
from portal.clocks.keeper import NEVER
from portal.clocks.kept import segments_of
from portal.clocks.pausing import CAPPED, longest_pause
from portal.collaboration.actions import resume
from portal.identity.actor import SYSTEM
from portal.incidents.models import Incident
from portal.kernel.db import db, read, transaction
from portal.kernel.instants import epoch

# Both halves go through the index of the few cases that have a pause with an end (ix_cases_pause).
OVER = (
    "SELECT id FROM cases WHERE pause_until < :now"
    " UNION ALL SELECT c.id FROM cases c LEFT JOIN incident i ON i.id = c.incident_id"
    " WHERE c.pause_until = :never AND c.paused = 'force_majeure' AND (i.id IS NULL OR i.ended_at IS NOT NULL)"
)


def end_pauses(now: datetime) -> int:
    """Lets the clocks of cases run again whose pause has no ground any more; returns how many."""
    ended = 0
    for (case_id,) in sorted(read(OVER, {"now": epoch(now), "never": NEVER})):
        code = _over(db.session.get_one(Case, case_id), now)
        if code:
            with transaction():
                case = db.session.get_one(Case, case_id, with_for_update=True, populate_existing=True)
                if case.paused and _over(case, now) == code:
                    resume(SYSTEM, now, case, code=code)
                    ended += 1
    return ended


def _over(case: Case, now: datetime) -> str:
    """Why the pause is over: cap or incident; empty while it holds."""
    if case.paused == "force_majeure":
        incident = db.session.get(Incident, case.incident_id) if case.incident_id else None
        return "incident" if incident is None or incident.ended_at else ""
    if case.paused not in CAPPED:
        return ""
    until = case.pause_until or longest_pause(case, segments_of(case.id)[-1].from_at)
    return "cap" if epoch(now) > until else ""
