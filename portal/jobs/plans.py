"""A plan that has not been evaluated for a year is called to mind, once for each due day (EM8)."""

from datetime import datetime

from portal.identity import queries as people
from portal.incidents import plan_queries, plan_view, plans
from portal.kernel.db import transaction
from portal.kernel.instants import epoch
from portal.notices.tell import tell


def remind_of_plans(now: datetime) -> int:
    """Tells commanders and quality managers of plans that are due; returns how many people were told."""
    plan = plans.latest()
    since = plan_view.since(plan)
    found = {kind: plan_queries.evaluated(kind, since).due for kind in plan.classes}
    due = {kind: day for kind, day in found.items() if day <= now}
    if not due:
        return 0
    who = people.holders("commander") + people.holders("quality")
    with transaction():
        return sum(
            tell(
                who,
                "plan_due",
                subject=f"plan:{kind}",
                key=f"plan_due:{kind}:{epoch(day)}",
                facts={"no": kind, "title": plan.classes[kind].zh, "due": epoch(day)},
                now=now,
            )
            for kind, day in due.items()
        )
