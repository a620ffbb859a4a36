"""Builders of incidents: each goes through the actions that staff use."""

from datetime import datetime, timedelta
from typing import Any

from portal.identity.actor import Actor
from portal.incidents import actions, telling
from portal.incidents.models import Incident
from tests.builders import NINE

Staff = dict[str, Actor]


def reported(actor: Actor, now: datetime = NINE, **changes: Any) -> Incident:
    """A report of a hotline that is silent."""
    facts: dict[str, Any] = {
        "title": "热线系统故障", "kind": "hotline", "extent": "many", "place": "总部机房", "scope": "全部热线占线音",
        "cause": "语音网关板卡疑似损坏", "occurred": now - timedelta(minutes=5),
    }  # fmt: skip
    return actions.report(actor, now, **(facts | changes))


def declared(staff: Staff, now: datetime = NINE, **changes: Any) -> Incident:
    """A declared incident, led by the commander, with service and technical leads."""
    incident = reported(staff["agent"], now, **changes)
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
        anyway="余下任务转日常跟进",
    )
    return incident
