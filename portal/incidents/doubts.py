"""What speaks against an end that is about to be declared: the facts the portal knows, held against what was ticked."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from portal.incidents.milestones import missing
from portal.incidents.plan_data import Plan

CODES = ("tasks", "announcement", "cases", "milestones", "roles", "review", "too_soon", "not_told", "serials")
HARD = ("announcement",)  # no reason lets it stand: what customers heard last has to be settled first


def doubts(
    incident: Any, plan: Plan, unconfirmed: int = 0, met_at: int | None = None, waived: Collection[str] = ()
) -> tuple[dict[str, Any], ...]:
    """Everything that stands against the end, as codes with their facts; empty when the incident can be closed.

    `tasks` names the open tasks; `announcement` is the text that customers heard last, unless it says that service is
    back; `cases` counts linked cases, open and without the customer's confirmation (`unconfirmed`); `milestones` names
    those that are not known; `roles` the roles whose holder never confirmed; `review` that nobody writes it. Conditions
    that were ticked are held against facts: `too_soon` was ticked before its minutes (a fact of the plan) had passed
    since the beginning, `not_told` although no published text says that service is back. What was set aside is not
    doubted. With `met_at` (epoch seconds) open conditions count as ticked then, except `waived`.
    What other rooms know of (`gate.also`) is added by queries.doubts_of.
    """
    tasks = [t.n for t in incident.tasks if not t.done_at]
    roles = [role for role, row in incident.held.items() if row.acknowledged_at is None]
    unknown, said = missing(incident), incident.said
    found: list[dict[str, Any]] = [{"code": "tasks", "tasks": tasks}] if tasks else []
    found += [{"code": "announcement", "n": said["n"]}] if said and not said.get("restored") else []
    found += [{"code": "cases", "n": unconfirmed}] if unconfirmed else []
    found += [{"code": "milestones", "milestones": unknown}] if unknown else []
    found += [{"code": "roles", "roles": roles}] if roles else []
    found += [] if incident.review_owner_id else [{"code": "review"}]
    rows = {row.code: row for row in plan.criteria.get(incident.kind, [])}
    for criterion in incident.criteria:
        row = rows.get(criterion["code"])
        assumed = met_at if criterion["state"] == "open" and criterion["code"] not in waived else None
        at = criterion["at"] if criterion["state"] == "met" else assumed
        if row is not None and at is not None:
            found += _against(incident, row.facts, criterion | {"at": at})
    return tuple(found)


def _against(incident: Any, facts: dict[str, Any], criterion: dict[str, Any]) -> list[dict[str, Any]]:
    """What contradicts one ticked condition; an open announcement is named once, not again with its condition."""
    passed = int((datetime.fromtimestamp(criterion["at"], UTC) - incident.occurred_at).total_seconds() // 60)
    if passed < facts.get("minutes", 0):
        return [{"code": "too_soon", "criterion": criterion["code"], "minutes": passed}]
    if facts.get("published") and not incident.said:
        return [{"code": "not_told", "criterion": criterion["code"]}]
    return []
