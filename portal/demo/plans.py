"""The demonstration's emergency plans: the house has written its numbers, and one plan was evaluated."""

from datetime import datetime, timedelta
from typing import Any

from portal.demo.play import Stage
from portal.incidents import plan_actions, plan_drafts

NUMBERS = {"watch": "0571-8800 0110", "technicians": "0571-8800 0112", "vendor": "400-800-0190"}


def in_force(stage: Stage, at: datetime) -> None:
    """Drafted by the watch, put in force by the commander a day later."""
    watch, commander = stage.people["dingqiang"], stage.people["zhaozhiyuan"]
    draft = plan_actions.open_draft(watch, at)
    plan_actions.write(watch, at, draft.version, draft.revision, _numbered)
    plan_actions.hand_in(watch, at, draft.version, "补充本单位备用联系电话")
    plan_actions.approve(commander, at + timedelta(days=1), draft.version, "号码已逐一试拨")
    plan_actions.evaluate(commander, at + timedelta(days=30), "system", "对照上半年演练核对，步骤和时限适用")


def _numbered(data: dict[str, Any]) -> dict[str, Any]:
    for row in plan_drafts.rows(data, "phone"):
        number = NUMBERS.get(row["code"], "")
        data = plan_drafts.with_row(data, "phone", plan_drafts.ALL, row["code"], row | {"number": number})
    return data
