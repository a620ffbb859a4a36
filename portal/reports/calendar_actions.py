"""What may be done to the calendar of reports: when one is drafted and due, who writes, approves and gets it."""

from datetime import datetime

from sqlalchemy import select

from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.journal import stream
from portal.kernel.db import db
from portal.kernel.errors import Stale
from portal.kernel.instants import epoch
from portal.reports import paper_calendar, paper_rules
from portal.reports.paper_models import PaperPlan

STREAM = "papers"


def plan(actor: Actor, now: datetime, code: str, wanted: dict[str, object], seen: int) -> bool:
    """Changes when a report is drafted and due, who writes, approves and gets it; False where nothing differs.

    Raises Invalid at the field that cannot be, Stale when somebody changed it since it was read. Reports that are under
    way keep their dates.
    """
    allow(actor, "report.calendar")
    known = paper_calendar.kind_of(code)
    db.session.execute(select(PaperPlan.id).where(PaperPlan.kind == code).with_for_update())
    made = paper_rules.plan_of(known, wanted, {field: paper_calendar.roles(field) for field in paper_calendar.RIGHTS})
    old, new = paper_rules.plan_data(known), paper_rules.plan_data(made)
    if old == new:
        return False
    new["since"] = epoch(now) if made.on and not known.on else known.since
    if seen != paper_calendar.version(code):
        raise Stale("calendar_changed_meanwhile")
    db.session.add(PaperPlan(kind=code, data=new, by_id=actor.id, by_name=actor.name, at=now))
    db.session.flush()
    stream.append(STREAM, "CalendarChanged", {"kind": code, "old": old, "new": new}, by_id=actor.id, at=now)
    return True
