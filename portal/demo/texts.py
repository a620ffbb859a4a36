"""What is said in the demonstration: themes with blanks to fill, and the small phrases around them."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from portal.kernel.i18n import local

DATA = Path(__file__).parent / "data" / "themes.toml"
REASONS = {
    "P1": ("核心业务中断，影响面大，启动最高等级", "多个网点同时受影响且无替代手段"),
    "P2": ("影响客户主要功能，涉及费用或投诉，优先处理", "客户业务受损且有升级风险"),
    "P3": ("单个客户，可替代，按日常处理", "日常问题，不影响主要业务"),
    "P4": ("改进建议，无时间要求", "长期优化类需求，纳入排期"),
}
GROUNDS = {
    "P1": ("wide", "high"),
    "P2": ("part", "high"),
    "P3": ("single", "medium"),
    "P4": ("single", "low"),
}
FIRST_WORDS = (
    "已联系客户，核实情况和时间，说明下一步安排", "已联系客户，表示歉意并告知由专人跟进",
    "已联系客户，确认联系方式与方便的时间", "与客户确认了细节，客户同意等待处理",
    "已联系客户，请其保留相关凭证和截图",
)  # fmt: skip
TOLD = ("已告知处理结果，并请客户确认", "告知结果和原因，客户表示会核实", "按客户偏好的方式告知结果，附处理说明")
OTHERWISE = "*"  # what fits every type
PROGRESS = {
    "fault": ("向客户通报进展，已定位到环节，正在处理", "告知客户正在等待配件，明天上门"),
    OTHERWISE: ("已向客户说明原因和预计完成时间", "向客户通报进展，已查清环节，正在处理"),
}
PLEASED = {
    "fault": ("好的，已经正常了，谢谢", "没问题了，处理得不错", "恢复了，希望以后不再出现"),
    "dispute": ("钱收到了，谢谢", "账目说清楚了，可以接受"),
    "return": ("退款收到了，满意", "问题解决了，谢谢"),
    "order": ("东西收到了，谢谢", "行，这次处理得快"),
    "business": ("已经办好了，谢谢", "可以，后面按约定来就行"),
    "account": ("能登录了，谢谢", "好了，可以正常用了"),
    "complaint": ("接受道歉，希望以后注意", "行，说清楚就好"),
    "suggestion": ("好的，期待上线", "谢谢采纳"),
    OTHERWISE: ("明白了，谢谢", "清楚了，讲得很仔细"),
}
NOT_PLEASED = {
    "fault": ("还是老样子，昨晚又出现了", "只好了一半，问题还在"),
    "dispute": ("说是退了，我这里没有看到", "解释不能接受，需要书面答复"),
    "return": ("说是退了，我这里没有看到", "解释不能接受，需要书面答复"),
    "order": ("我这里还是没有收到", "说法和实际不一样，请再核实"),
    "business": ("说好的时间又没有人来", "办了一半，还差一项"),
    "account": ("刚才试了，还是登录不了", "只好了一会儿，又不行了"),
    OTHERWISE: ("没有回答我问的问题", "解释不能接受，需要书面答复"),
}
WELL = ("", "", "", "处理及时", "讲得很清楚", "服务不错")
POORLY = ("", "等得有点久", "希望主动告知进展", "来回说了好几遍")
CHASES = (
    "客户来电催办，语气急切", "客户再次询问进展，要求给出时间", "客户在应用内留言催问",
    "客户表示再不处理就要向上反映",
)  # fmt: skip
CHASES_OURS = ("临近时限，请尽快反馈进展", "请说明处理到哪一步、何时能有结果")
NOTES = {
    "person": ("客户上午不方便接电话，下午三点以后联系", "请一并核对该客户的历史工单，注意根因",
               "@周建国 已与班组长通气，注意时限"),
    "company": ("联系人上午开会，下午三点以后联系方便", "客户由行政部统一对接，请勿逐个部门联系",
                "@周建国 已与班组长通气，注意时限"),
}  # fmt: skip
WAITS = {  # what the customer is asked for, and what comes of it
    "fault": (("请客户提供设备照片和序列号，等待回传", "客户已发来照片和序列号"),
              ("客户出差，约定回来后上门", "客户来电，已回到本地，可以上门")),
    "company": (("等待客户提供盖章的授权书", "客户补交了授权书扫描件"),
                ("请客户提供故障时段的业务日志", "客户已发来日志")),
    OTHERWISE: (("请客户提供付款或办理凭证的照片", "客户已发来凭证照片"),
                ("客户说先与家人商量，约定两天后再联系", "客户来电，同意按方案办理")),
}  # fmt: skip
WHY_LONGER = {"fault": ("需等待备件到货", "施工需物业审批"), OTHERWISE: ("涉及合作方核对账目", "需逐笔核对记录")}
WHY_BACK = {
    "fault": ("客户反映问题再次出现", "恢复三天后又中断"),
    "dispute": ("客户发现退款金额少了一笔",), "return": ("客户发现退款金额少了一笔",),
    OTHERWISE: ("客户反映问题没有真正解决",),
}  # fmt: skip
WHY_ON = {  # by the department that goes on
    "tech": "需由技术部门核查设备与终端", "business": "涉及费用与办理记录，转业务处理",
    "netops": "需由负责线路的部门处理", "enterprise": "属于集团客户业务，转客户经理跟进",
    "logistics": "需要安排上门或核查配送，转去处理",
}  # fmt: skip
VOID = ("客户来电说明登记有误，无需处理", "重复录入，原工单已在处理", "内部演练录入")
WITHDRAWN = ("客户来电称已自行解决，不再需要处理", "客户撤回诉求，另行办理")
CYCLES = ("2026 年四季度版本", "下一季度评审", "明年一季度计划")


@dataclass(frozen=True)
class Said:
    """What one customer says: the request in words and figures."""

    description: str
    demand: str
    product: str
    order_no: str
    happened: str
    way: int  # which of the theme's matters it is: what is asked, done and said of it has the same place


def themes() -> list[dict[str, Any]]:
    """All themes, as data/themes.toml has them."""
    found: list[dict[str, Any]] = tomllib.loads(DATA.read_text(encoding="utf-8"))["theme"]
    return found


def spoken(moment: datetime) -> str:
    """`11月19日晚上`: an instant as customers say it."""
    here = local(moment)
    parts = ((5, "凌晨"), (9, "早上"), (12, "上午"), (14, "中午"), (18, "下午"), (24, "晚上"))
    part = next(word for hour, word in parts if here.hour < hour)
    return f"{here.month}月{here.day}日{part}"


def say(rng: Random, theme: dict[str, Any], place: str, happened: datetime) -> Said:
    """A request on this theme in words of its own."""
    way = rng.randrange(len(theme["what"]))
    product = theme["products"][way] if theme.get("bound") else rng.choice(theme["products"])
    blanks = {
        "when": spoken(happened), "place": place, "product": product, "n": rng.randint(5, 26), "few": rng.randint(2,
        5),
        "money": rng.choice((12, 15, 29, 38, 59, 99, 128, 199, 268, 399, 600)), "days": rng.randint(3, 15),
    }  # fmt: skip
    first, *rest = [x.format(**blanks) for x in (theme["what"][way], *rng.sample(theme["more"], 2))]
    more = rest if rng.random() < 0.45 or len(first) + len(rest[0]) < 38 else rest[:1]
    ordered = theme["type"] in ("order", "return") or rng.random() < 0.15
    order = f"{rng.choice(('DD', 'KD', 'SB'))}{local(happened):%y%m%d}{rng.randint(100, 9999):04d}"
    return Said(
        description="，".join((first, *more)) + "。",
        demand=theme["demand"][way],
        product=product,
        order_no=order if ordered else "",
        happened=f"{local(happened):%Y-%m-%d %H:%M} 左右",
        way=way,
    )


def of_type(phrases: dict[str, Any], theme: dict[str, Any]) -> tuple[Any, ...]:
    """The phrases that fit what is asked."""
    found: tuple[Any, ...] = phrases.get(theme["type"]) or phrases[OTHERWISE]
    return found


WHY_OTHER_LEVEL = {
    "person": ("同一小区已有多户来电，疑似区域故障，建议提级", "告警显示汇聚设备异常，影响面大于单户，建议提级"),
    "company": ("涉及企业客户生产系统，停机即造成损失，建议提级", "告警显示汇聚设备异常，影响面大于单户，建议提级"),
}
