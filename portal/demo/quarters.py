"""Reports by calendar of the demonstration: quarterly reports with prose, one of them signed, and the latest others."""

from datetime import datetime, timedelta

from portal.demo.play import Stage
from portal.demo.plots import Act
from portal.identity.actor import SYSTEM, Actor
from portal.kernel.i18n import local
from portal.kernel.instants import moment
from portal.reports import drafting, paper_actions, paper_queries
from portal.reports.paper_models import Paper
from portal.reports.paper_rules import KINDS, before, drafted_at, newest_due, period_of

QUARTERLY = KINDS["quarterly"]
DRAFTED = timedelta(hours=30)  # before the demonstration's instant
TEXTS = {
    "1": "客户响应中心下设客户服务、技术支持、业务处理、服务优化四个组，与网络运维、集团客户、物流装维、"
    "质量管理四个部门协同；"
    "热线与在线渠道全天受理，专家坐席工作日九时至十八时在岗。",
    "2": "在网集团客户共八家，其中制造业三家，零售、物流、医疗、教育、文旅各一家，合同均在有效期内；"
    "重点客户均已指定客户经理和备岗。",
    "3": "专线开通、变更与故障处理均按流程执行，及时率见上表；线路中断均已向客户出具故障报告。",
    "4": "完成连锁超市全网改造的售前支持与资源核查，配合医院双路由方案评审；支撑投标三次，中标两次。",
    "5": "受理量与上季度大体持平；夜间 P2 首次响应偏慢，办结达成率和满意率未达目标，原因见第 7 部分。",
    "6": "超时最久的一件主要等在备件和跨部门转派上；已要求转派须电话确认。催办最多、评价最低的两件均由部门负责人回访。",
    "7": "一是续费提醒不到位引发的退费集中，建议扣费前三天短信确认；二是装维派单串区，建议按网格校验地址；"
    "三是 P2 首次响应在夜间偏慢，建议增加一名夜班技术人员。",
    "8": "上线续费前提醒和电子发票按部门拆分；完成热线备用网关自动接管改造并演练一次；"
    "把重复来电率降到百分之八以下；适老化首页试点。",
}
MONTH = {
    "causes": "超时多因备件等待和跨部门转派。",
    "weak_points": "夜间无人接收转派；首次联系后更新不及时。",
    "measures": "夜班增加一名值守，转派须电话确认；下月复查。",
    "judgement": "首次响应达成率较上月提高，判级准确率稳定。",
    "remarks": "当日 P2 工单均已指定责任人。",
    "coaching": "夜班首次响应最快的一人通报表扬；更新不及时的两人已面谈，下月复看。",
    "suggestions": "续费提醒与电子发票两项建议反映最多，已列入下季度计划。",
    "told": "已排期的建议均按周期向客户反馈，未采纳的已说明理由并致谢。",
    "open_points": "两项建议等待研发排期，下月梳理时再定。",
}


def written(stage: Stage) -> list[Act]:
    """The prose of the running quarter and of the one before, as acts to be played."""
    running = _running(stage)
    return [
        _one(stage, running, timedelta(days=1)), _one(stage, before("quarter", running), timedelta(days=2)),
        *(_in_time(stage, code) for code in ("kpi", "feedback", "p4_monthly")),
        _in_time(stage, "kpi", unit="tech"), *(_in_time(stage, "p2_daily", n) for n in (1, 2)),
    ]  # fmt: skip


def _in_time(stage: Stage, code: str, earlier: int = 0, unit: str = "") -> Act:
    """A report of the calendar that went its way by its day: drafted, written, handed in, approved. The newest that was
    due six hours before the demonstration's instant, or so many periods before it."""
    kind, zone = KINDS[code], local(stage.as_of).tzinfo
    period = newest_due(kind, int((stage.as_of - timedelta(hours=6)).timestamp()), zone)  # type: ignore[arg-type]
    for _ in range(earlier):
        period = before(kind.every, period)
    at = moment(drafted_at(kind, period, zone)) + timedelta(hours=1)  # type: ignore[arg-type]
    yield at
    quality, supervisor = stage.of("quality")[0], stage.of("supervisor")[0]
    writer, reader = (supervisor, quality) if code == "p2_daily" else (quality, supervisor)
    paper = paper_actions.open_paper(SYSTEM, at, kind, period, stage.units[unit] if unit else 0)
    _drafted(paper, at)
    for section in kind.prose:
        text = MONTH.get(section, MONTH["causes"])
        paper_actions.write_text(writer, at, paper, section=section, text=text, seen=None)
    yield at + timedelta(hours=1)
    paper_actions.hand_in(writer, at + timedelta(hours=1), paper)
    yield at + timedelta(hours=4)
    paper_actions.approve(reader, at + timedelta(hours=4), paper)


def _running(stage: Stage) -> str:
    """The quarter that ran when the one before it was drafted: on the first day of a quarter, that which has ended."""
    return period_of("quarter", local(stage.as_of - DRAFTED).date())


def _one(stage: Stage, period: str, ago: timedelta) -> Act:
    at = stage.as_of - ago
    yield at
    analyst = stage.of("analyst")[0]
    paper = paper_actions.open_paper(analyst, at, QUARTERLY, period)
    for section, text in TEXTS.items():
        paper_actions.write_text(analyst, at, paper, section=section, text=text, seen=None)


def published(stage: Stage) -> None:
    """What has become of the latest reports: one signed quarter, one day approved, some months in work."""
    zone, now = local(stage.as_of).tzinfo, stage.as_of
    last = paper_queries.newest("quarterly", before("quarter", _running(stage)))
    quality, supervisor, boss = (stage.of(role)[0] for role in ("quality", "supervisor", "management"))
    if last is not None:
        _drafted(last, now - DRAFTED)
        _signed(last, stage.of("analyst")[0], [supervisor, boss], now - DRAFTED + timedelta(hours=2))
    for code, unit, steps in (("p2_daily", "", 3), ("unit", "tech", 2), ("levels", "", 1), ("inspection", "tech", 3)):
        kind = KINDS[code]
        at = now - timedelta(hours=6)
        period = newest_due(kind, int(at.timestamp()), zone)  # type: ignore[arg-type]
        paper = paper_actions.open_paper(SYSTEM, at, kind, period, stage.units[unit] if unit else 0)
        _drafted(paper, at)
        writer = supervisor if code == "p2_daily" else quality
        for section in kind.prose[:steps]:
            text = MONTH.get(section, MONTH["causes"])
            paper_actions.write_text(writer, at, paper, section=section, text=text, seen=None)
        if steps > 1:
            paper_actions.hand_in(writer, at + timedelta(hours=1), paper)
        if steps > 2:
            paper_actions.approve(quality if writer is supervisor else supervisor, at + timedelta(hours=2), paper)


def _drafted(paper: Paper, at: datetime) -> None:
    for _n, data in drafting.made(paper, at):
        if data is not None:
            paper_actions.store_draft(SYSTEM, at, paper, data)


def _signed(paper: Paper, writer: Actor, signers: list[Actor], at: datetime) -> None:
    paper_actions.hand_in(writer, at, paper, [one.id for one in signers])
    for n, one in enumerate(signers, 1):
        paper_actions.approve(one, at + timedelta(hours=n), paper)
