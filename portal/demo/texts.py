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
    "已与客户通话，核实现象和时间，说明下一步安排", "已联系客户，表示歉意并告知由专人跟进",
    "电话联系客户，确认联系方式与方便的时间",
    "与客户确认了细节，客户同意等待处理", "已联系客户，请其保留现场和截图",
)  # fmt: skip
PROGRESS = (
    "向客户通报进展，已定位到环节，正在处理",
    "告知客户正在等待配件，明天上门",
    "已向客户说明原因和预计完成时间",
)
TOLD = ("已告知处理结果，并请客户确认", "电话告知结果和原因，客户表示会验证", "按客户偏好的方式告知结果，附处理说明")
PLEASED = (
    "好的，已经正常了，谢谢", "可以，速度比想的快", "没问题了，师傅态度很好", "收到退款了，满意",
    "解决了，希望以后不再出现",
    "行，就这样吧，可以接受",
)  # fmt: skip
NOT_PLEASED = (
    "还是老样子，晚上又断了", "说是退了，我这里没有看到", "解释不能接受，需要书面答复",
    "只修好一半，另一个房间还不行",
)  # fmt: skip
COMMENTS = ("", "", "", "处理及时", "讲得很清楚", "等得有点久", "希望主动告知进展", "服务不错")
CHASES = (
    "客户来电催办，语气急切", "客户再次询问进展，要求给出时间", "客户在应用内留言催问",
    "客户表示再不处理就要向上反映",
)  # fmt: skip
NOTES = (
    "客户上午开会，下午三点以后联系方便", "历史上有两次同类问题，处理时注意根因", "客户为老人，由女儿代为沟通",
    "@周建国 已与班组长通气，注意时限",
)  # fmt: skip
WAITS = ("请客户提供设备照片和序列号，等待回传", "客户出差，约定回来后上门", "等待客户提供盖章的授权书")
ANSWERS = ("客户已发来照片和序列号", "客户来电，已回到本地，可以上门", "客户补交了授权书扫描件")
WHY_LONGER = ("需等待备件到货", "施工需物业审批", "涉及合作方核对账目")
WHY_BACK = ("客户反映问题再次出现", "客户发现退款金额少了一笔", "恢复三天后又中断")
WHY_ON = ("现场核查属于其他部门职责，转去处理", "需由负责线路的部门处理", "涉及费用，转业务处理")
VOID = ("客户拨错号码，无业务诉求", "骚扰来电，无实际内容", "内部测试录入")
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
    product = rng.choice(theme["products"])
    blanks = {
        "when": spoken(happened), "place": place, "product": product, "n": rng.randint(5, 26), "few": rng.randint(2,
        5),
        "money": rng.choice((12, 15, 29, 38, 59, 99, 128, 199, 268, 399, 600)), "days": rng.randint(3, 15),
    }  # fmt: skip
    first, *rest = [x.format(**blanks) for x in (rng.choice(theme["what"]), *rng.sample(theme["more"], 2))]
    more = rest if rng.random() < 0.45 or len(first) + len(rest[0]) < 38 else rest[:1]
    ordered = theme["type"] in ("order", "return") or rng.random() < 0.15
    order = f"{rng.choice(('DD', 'KD', 'SB'))}{local(happened):%y%m%d}{rng.randint(100, 9999):04d}"
    return Said(
        description="，".join((first, *more)) + "。",
        demand=rng.choice(theme["demand"]),
        product=product,
        order_no=order if ordered else "",
        happened=f"{local(happened):%Y-%m-%d %H:%M} 左右",
    )


WHY_OTHER_LEVEL = (
    "同一小区已有多户来电，疑似区域故障，建议提级",
    "涉及企业客户生产系统，停机即造成损失，建议提级",
    "机房告警显示汇聚设备异常，影响面大于单户",
)
