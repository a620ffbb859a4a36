"""Builders of incidents: each goes through the actions that staff use."""

from datetime import datetime, timedelta
from typing import Any

from portal.identity.actor import Actor
from portal.incidents import actions, closing_actions, telling
from portal.incidents.doubts import CODES
from portal.incidents.models import Incident
from tests.builders import NINE

Staff = dict[str, Actor]
WHY = dict.fromkeys(CODES, "余下任务转日常跟进")


def reported(actor: Actor, now: datetime = NINE, **changes: Any) -> Incident:
    """A report of a hotline that is silent."""
    facts: dict[str, Any] = {
        "title": "热线系统故障", "kind": "hotline", "extent": "many", "place": "总部机房", "scope": "全部热线占线音",
        "cause": "语音网关板卡疑似损坏", "occurred": now - timedelta(minutes=5),
    }  # fmt: skip
    return actions.report(actor, now, **(facts | changes))


def declared(staff: Staff, now: datetime = NINE, **changes: Any) -> Incident:
    """A declared incident, led by the commander, with service and technical leads."""
    incident = reported(staff["watch" if changes.get("exercise") else "agent"], now, **changes)
    roles = {"commander": staff["commander"].id, "service": staff["service_head"].id, "technical": staff["head"].id}
    actions.declare(staff["watch"], now, incident, kind=incident.kind, grade="major", roles=roles)
    return incident


def settled(staff: Staff, now: datetime = NINE, **changes: Any) -> Incident:
    """A declared incident whose end conditions are all met."""
    incident = declared(staff, now, **changes)
    for criterion in incident.criteria:
        telling.settle_criterion(staff["responder"], now, incident, code=criterion["code"], how="已核实")
    return incident


def ended(staff: Staff, now: datetime = NINE, **changes: Any) -> Incident:
    """An incident whose end was declared."""
    incident = settled(staff, now, **changes)
    actions.end(
        staff["commander"],
        now + timedelta(hours=1),
        incident,
        statement="热线恢复，积压已清",
        why=WHY,
    )
    return incident


def ready(staff: Staff, now: datetime = NINE, **changes: Any) -> Incident:
    """A declared incident against whose end nothing stands 40 minutes later."""
    incident, later = declared(staff, now, **changes), now + timedelta(minutes=40)
    by_id = {actor.id: actor for actor in staff.values()}
    for role, row in incident.held.items():
        actions.acknowledge(by_id[row.person_id], now, incident, role=role)
    for task in incident.tasks:
        actions.complete_task(by_id[task.owner_id], now, incident, n=task.n, evidence="已完成")
    n = telling.draft_announcement(
        staff["responder"], now, incident, text="热线已恢复", channels="官网", restored=True
    )  # fmt: skip
    telling.publish_announcement(staff["commander"], now, incident, n=n)
    for criterion in incident.criteria:
        telling.settle_criterion(staff["responder"], later, incident, code=criterion["code"], how="已核实")
    for code in ("controlled", "restored"):
        closing_actions.set_milestone(staff["responder"], later, incident, code=code, moment=later, basis="话务平台")
    closing_actions.name_review_owner(staff["commander"], later, incident, person_id=staff["head"].id)
    return incident
