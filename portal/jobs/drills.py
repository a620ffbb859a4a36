"""Drills: injects come at their time, planned drills and required ones are called to mind."""

from datetime import datetime

from portal.identity import queries as people
from portal.identity.actor import SYSTEM
from portal.incidents import drill_queries, plans
from portal.incidents.drill_actions import put_in
from portal.incidents.models import Incident
from portal.kernel.db import db, read, transaction, write
from portal.kernel.instants import epoch
from portal.notices.tell import tell

MOST = 50
INJECTS = (
    "SELECT id FROM incident WHERE inject_next IS NOT NULL AND inject_next <= :now ORDER BY inject_next, id LIMIT :most"
)
PLANNED = (
    "SELECT id, title, told_next, planned_at, owner_id FROM drill"
    " WHERE told_next IS NOT NULL AND told_next <= :now ORDER BY told_next LIMIT :most"
)
TOLD = "UPDATE drill SET told_next = :next WHERE id = :id AND told_next = :was"


def bring_injects(now: datetime) -> int:
    """Puts in what has come due, late if the worker was away, each once; returns how many."""
    came = 0
    for (incident_id,) in list(read(INJECTS, {"now": epoch(now), "most": MOST})):
        with transaction():
            incident = db.session.get_one(Incident, incident_id, with_for_update=True, populate_existing=True)
            came += put_in(SYSTEM, now, incident)
    return came


def remind_of_drills(now: datetime) -> int:
    """Tells the leader of a drill a day before, and the commanders as well once it is overdue; returns how many."""
    rows = list(read(PLANNED, {"now": epoch(now), "most": MOST}))
    if not rows:
        return 0
    told = 0
    with transaction():
        for drill_id, title, was, planned, owner in rows:
            late = epoch(now) > planned
            write(TOLD, {"next": None if late else planned + 1, "id": drill_id, "was": was})
            told += tell(
                [owner, *(people.holders("commander") if late else ())], "drill_due", subject=f"drill:{drill_id}",
                key=f"drill_due:{drill_id}:{planned}:{int(late)}", now=now,
                facts={"title": title, "due": planned, "exercise": True},
                late_seconds=max(0, epoch(now) - planned - 1) if late else 0,
            )  # fmt: skip
    return told


def remind_of_required(now: datetime) -> int:
    """Tells commanders and quality managers of a required drill: near and not planned, then overdue; returns how many.

    Each stage once for each due day.
    """
    lines = [line for line in drill_queries.required(now) if line.stage]
    if not lines:
        return 0
    who, classes = people.holders("commander") + people.holders("quality"), plans.latest().classes
    with transaction():
        return sum(
            tell(
                who, f"drill_{line.stage}", subject=f"plan:{line.kind}", now=now,
                key=f"drill_{line.stage}:{line.kind}:{epoch(line.by)}",
                facts={"no": line.kind, "title": classes[line.kind].zh, "due": epoch(line.by)},
            )
            for line in lines
        )  # fmt: skip
