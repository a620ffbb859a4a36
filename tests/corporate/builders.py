"""Builders of group customers and projects, through the actions that staff use."""

import io
from datetime import date, datetime
from typing import Any

from portal.attachments.taking import Taken, take
from portal.corporate import actions, due_actions, project_actions
from portal.corporate.models import GroupFile, Project
from portal.directory import actions as directory
from portal.directory import queries as customers
from portal.identity.actor import SYSTEM, Actor
from portal.identity.queries import unit_id
from tests.builders import NINE

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def make_group(actor: Actor, now: datetime = NINE, *, name: str = "江南精工机械有限公司", **changes: Any) -> GroupFile:
    """A group customer kept by the technical department, whose people the tests have."""
    phone = changes.pop("phone", "0571-82607919")
    known = directory.recognise(SYSTEM, now, name=name, identity=phone, category="company")
    typed: dict[str, Any] = {
        "trade": "装备制造", "address": "临港物流园 8 号", "unit_id": unit_id("tech"), "manager_id": actor.id,
        "contract_no": "HT-2026-0117", "contract_from": "2026-01-01", "contract_until": "2027-12-31",
    }  # fmt: skip
    return actions.open_file(actor, now, customers.customer(known.id), **(typed | changes))


def a_service(**changes: str) -> dict[str, str]:
    """A data line as it is typed."""
    typed = {
        "kind": "data", "circuit_no": "HZ-MPLS-0031", "bandwidth": "100 Mbit/s", "end_a": "总部机房",
        "end_z": "临港分厂", "since": "2024-03-01", "state": "in_use", "order_no": "KT2024-0031", "note": "",
    }  # fmt: skip
    return typed | changes


def a_contact(**changes: str) -> dict[str, str]:
    """The customer's technical contact as typed."""
    typed = {
        "side": "theirs", "duty": "technical", "name": "沈国强", "mobile": "13812340031", "email": "shen@example.com",
        "note": "工作日 8 点后",
    }  # fmt: skip
    return typed | changes


def a_document(text: str = "", name: str = "运行报告.pdf") -> Taken:
    """A PDF in its place; `text` makes its content another one."""
    return take(io.BytesIO(PDF + text.encode()), name)


def make_project(actor: Actor, file: GroupFile, now: datetime = NINE, **changes: Any) -> Project:
    """A planned project with a milestone in a week and a task in two days."""
    typed: dict[str, Any] = {"name": "临港分厂专线扩容", "leader_id": actor.id, "goal": "带宽由 100M 扩到 500M"}
    project = project_actions.open_project(actor, now, file, **(typed | changes))
    due_actions.plan(
        actor, now, project, kind="milestone", title="方案会审", spans=[("", date(2026, 12, 1))], ahead=2
    )  # fmt: skip
    due_actions.plan(actor, now, project, kind="task", title="现场勘察", spans=[("", date(2026, 11, 26))], ahead=1)
    return project
