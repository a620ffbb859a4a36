"""What speaks against an end that is about to be declared: the facts the portal knows, held against what was ticked."""

from datetime import UTC, datetime
from typing import Any

from portal.incidents.plans import Plan


def doubts(incident: Any, plan: Plan) -> tuple[dict[str, Any], ...]:
    """Everything that contradicts the end, as codes with their facts; empty when nothing does.

    `tasks` names the open tasks, `roles` the roles whose holder never confirmed. Conditions that were ticked are held
    against facts: `too_soon` was ticked before its minutes (a fact of the plan) had passed since the beginning,
    `not_told` although no published text says that service is back. What was set aside is not doubted.
    """
    tasks = [t.n for t in incident.tasks if not t.done_at]
    roles = [role for role, row in incident.held.items() if row.acknowledged_at is None]
    found = [{"code": "tasks", "tasks": tasks}] if tasks else []
    found += [{"code": "roles", "roles": roles}] if roles else []
    rows = {row.code: row for row in plan.criteria.get(incident.kind, [])}
    for criterion in incident.criteria:
        row = rows.get(criterion["code"])
        if row is not None and criterion["state"] == "met":
            found += _against(incident, row.facts, criterion)
    return tuple(found)


def _against(incident: Any, facts: dict[str, Any], criterion: dict[str, Any]) -> list[dict[str, Any]]:
    """What contradicts one ticked condition."""
    passed = int((datetime.fromtimestamp(criterion["at"], UTC) - incident.occurred_at).total_seconds() // 60)
    if passed < facts.get("minutes", 0):
        return [{"code": "too_soon", "criterion": criterion["code"], "minutes": passed}]
    told = incident.said
    if facts.get("published") and not (told and told.get("restored")):
        return [{"code": "not_told", "criterion": criterion["code"]}]
    return []
