"""What people write into the quarterly reports of the demonstration."""

from datetime import datetime, timedelta

from portal.demo.play import Stage
from portal.demo.plots import Act
from portal.kernel.i18n import local
from portal.reports.actions import write_text
from portal.reports.rules import previous, quarter_code, span_of

TEXTS = {
    1: "客户响应中心下设客户服务、技术支持、业务处理、服务优化四个组，与网络运维、集团客户、物流装维、"
    "质量管理四个部门协同；"
    "热线与在线渠道全天受理，专家坐席工作日九时至十八时在岗。",
    2: "在网集团客户共十六家，其中制造业四家、商贸零售三家、医疗与教育各一家。本季新签专线两条，续签三家，无流失；"
    "重点客户均已指定客户经理和备岗。",
    3: "本季开通互联网专线七条、数据专线三条，变更五次，平均开通时长六个半工作日。专线可用率达到承诺值，"
    "两次中断均在时限内恢复并出具报告。",
    4: "完成望湖连锁超市全网改造的售前支持与资源核查，配合滨江区第二人民医院双路由方案评审；支撑投标三次，中标两次。",
    7: "一是续费提醒不到位引发的退费集中，建议扣费前三天短信确认；二是装维派单串区，建议按网格校验地址；"
    "三是 P2 首次响应在夜间偏慢，建议增加一名夜班技术人员。",
    8: "上线续费前提醒和电子发票按部门拆分；完成热线备用网关自动接管改造并演练一次；"
    "把重复来电率降到百分之八以下；适老化首页试点。",
}


def written(stage: Stage) -> list[Act]:
    """The texts of the running quarter and of the one before, as acts to be played."""
    running = quarter_code(local(stage.as_of))
    return [_one(stage, running, timedelta(days=1)), _one(stage, previous(running), timedelta(days=2))]


def _one(stage: Stage, code: str, before: timedelta) -> Act:
    at = stage.as_of - before
    yield at
    here = local(at)
    assert isinstance(here, datetime)
    span = span_of(code, at, here.tzinfo)  # type: ignore[arg-type]
    for section, text in TEXTS.items():
        write_text(stage.of("analyst")[0], at, span, section=section, text=text)
