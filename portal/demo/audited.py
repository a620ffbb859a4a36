"""What auditors and the security officer have done: a sample with ticked sheets, a finding, a hold."""

from datetime import timedelta

from sqlalchemy import select

from portal.archive import audit_actions as audit
from portal.archive import hold_actions
from portal.archive.audit_rules import CHECKS
from portal.archive.models import Archived
from portal.demo.play import Stage
from portal.identity import queries as people
from portal.kernel.db import db

TICKED = 12


def kept(stage: Stage) -> None:
    """Furnishes the pages of audit and retention. Call inside transaction()."""
    now, auditor = stage.as_of, stage.of("auditor")[0]
    since = now - timedelta(days=92)
    if not db.session.scalar(select(Archived.id).limit(1)):
        return
    sample = audit.draw(auditor, now - timedelta(days=3), seed="2026Q4", size="30", since=since, until=now)
    for place in range(1, min(TICKED, sample.of) + 1):
        ticks = dict.fromkeys(CHECKS, "yes") | ({"proof": "no"} if place == 5 else {})
        words = "处理依据未上传，只有文字描述" if place == 5 else ""
        audit.tick(auditor, now - timedelta(days=2), sample.id, place, ticks=ticks, words=words)
    tech = people.unit_by_code("tech").id
    said = "抽样中一单的处理依据没有上传，请补齐并说明今后如何避免。"
    finding = audit.write(auditor, now - timedelta(days=2), text=said, unit_id=tech, sample_id=sample.id)
    heads = [one for one in stage.of("head") if ("head", tech) in one.roles]
    if heads:
        audit.answer(heads[0], now - timedelta(days=1), finding.id, text="已补传检测截图；即日起无依据不提交结果。")
    security = stage.of("security")[0]
    first = db.session.scalar(select(Archived.no).where(Archived.current).order_by(Archived.id).limit(1))
    hold_actions.place(
        security, now - timedelta(days=20), scope="case", target=str(first), reason="客户已向仲裁委员会申请仲裁"
    )
