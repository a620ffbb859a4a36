"""Pauses that end by themselves (SL4): at their cap, and with the incident that gave the reason."""

from datetime import datetime

from sqlalchemy import select

from portal.cases.models import Case
from portal.clocks.keeper import Keeper
from portal.clocks.kept import epoch, segments_of
from portal.clocks.rules import decide
from portal.collaboration.actions import resume
from portal.identity.actor import SYSTEM
from portal.incidents.models import Incident
from portal.kernel.db import db, transaction

CAPPED = ("customer", "customer_later")


def end_pauses(now: datetime) -> int:
    """Lets the clocks of cases run again whose pause has no ground any more; returns how many."""
    paused = select(Case.id).where(Case.open, Case.state == "waiting", Case.paused != "").order_by(Case.id)
    ended = 0
    for case_id in db.session.scalars(paused).all():
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
    begun = segments_of(case.id)[-1].from_at
    keeper = Keeper(case, now)
    cap = decide(keeper.book.policy, keeper.book.calendars, "pause", keeper.facts(), epoch(begun))
    return "cap" if cap and epoch(now) > cap.due else ""
