"""The four elements, what is vague, and what the text suggests. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

ELEMENTS = ("customer", "problem", "time", "demand")
LEAST_CONTENT = 8  # IN3: fewer characters of content than this is vague
FILLERS = (
    "你好", "您好", "请问", "麻烦", "一下", "就是", "那个", "这个", "然后", "的话", "谢谢", "帮忙", "帮我",
    "我想", "我要", "有点", "一直", "真的", "非常", "特别", "please", "hello", "thanks", "just", "very", "really",
)  # fmt: skip
PHRASES = (
    "出问题了", "有问题", "不好用", "用不了", "坏了", "不行", "不能用", "有毛病", "出错了", "不对", "很慢",
    "太慢了", "投诉", "does not work", "doesn't work", "not working", "broken", "problem", "error", "slow", "complaint",
)  # fmt: skip
# words -> (level proposed, request type, problem category); the first rows weigh more (IN6: shown to the agent)
PROPOSALS: tuple[tuple[tuple[str, ...], str, str, str], ...] = (
    (
        (
            "系统无法登录",
            "无法登录系统",
            "大额交易失败",
            "全部中断",
            "全部断网",
            "核心业务",
            "大面积",
            "cannot log in",
            "all lines down",
        ),
        "P1",
        "fault",
        "product",
    ),
    (
        (
            "支付失败",
            "无法支付",
            "退款",
            "扣款",
            "重复扣费",
            "订单状态",
            "投诉",
            "无法上网",
            "断网",
            "refund",
            "payment",
            "charged twice",
            "complaint",
        ),
        "P2",
        "",
        "",
    ),
    (
        ("建议", "希望增加", "能否增加", "新功能", "优化", "suggest", "feature"),
        "P4",
        "suggestion",
        "information",
    ),
)
TYPES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("态度", "骂人", "挂断", "服务差", "rude"), "complaint", "attitude"),
    (("投诉", "complaint"), "complaint", "after_sales"),
    (("退款", "退货", "换货", "refund", "return"), "return", "after_sales"),
    (("扣费", "扣款", "交易", "账单", "charged", "bill"), "dispute", "information"),
    (("物流", "快递", "配送", "送达", "没收到", "订单", "delivery", "order"), "order", "delivery"),
    (
        ("无法", "不能", "断网", "掉线", "故障", "中断", "黑屏", "卡顿", "fault", "down", "offline"),
        "fault",
        "product",
    ),
    (("办理", "开通", "变更", "过户", "移机", "activate", "move"), "business", "information"),
    (("密码", "登录", "账号", "账户", "password", "account"), "account", "information"),
    (("建议", "希望", "suggest"), "suggestion", "information"),
)


@dataclass(frozen=True)
class Proposal:
    """What the text suggests, with the words that led to it."""

    level: str
    request_type: str
    category: str
    words: tuple[str, ...]


def content(text: str, fillers: Iterable[str] = FILLERS) -> str:
    """What is left of a text without filler words, blanks and punctuation."""
    found = text.lower()
    for filler in fillers:
        found = found.replace(filler, "")
    return re.sub(r"[\W_]+", "", found)


def vague(text: str) -> bool:
    """Whether a description says too little (IN3): under 8 characters of content, or nothing but stock phrases."""
    if len(content(text)) < LEAST_CONTENT:
        return True
    rest = text.lower()
    for phrase in PHRASES:
        rest = rest.replace(phrase, "")
    return len(content(rest)) < 2


def missing(*, customer: str, problem: str, time: str, demand: str, overruled: bool = False) -> tuple[str, ...]:
    """Which of the four elements are absent or vague; a supervisor may overrule vagueness, never absence."""
    found = []
    if len(customer.strip()) < 2:
        found.append("customer")
    if not problem.strip() or (vague(problem) and not overruled):
        found.append("problem")
    if not time.strip():
        found.append("time")
    if len(content(demand, ())) < 2:
        found.append("demand")
    return tuple(found)


def propose(text: str, urgency: str = "normal") -> Proposal:
    """Level, type and category from the text's words; the agent's urgency can only raise the level to P2."""
    lower, words = text.lower(), []
    level, kind, category = "P3", "", ""
    for keys, proposed, its_type, its_category in PROPOSALS:
        hits = [k for k in keys if k in lower]
        if hits:
            level, kind, category = proposed, its_type, its_category
            words += hits
            break
    for keys, its_type, its_category in TYPES:
        hits = [k for k in keys if k in lower]
        if hits and not kind:
            kind, category = its_type, its_category
            words += hits
    if urgency == "urgent":
        level = min(level, "P2")
    return Proposal(level, kind or "consultation", category or "information", tuple(dict.fromkeys(words)))


def title_of(description: str, most: int = 40) -> str:
    """The first clause of a description as its subject line."""
    line = " ".join(description.split())
    first = re.split(r"[。！？!?；;\n]", line, maxsplit=1)[0] or line
    return first if len(first) <= most else first[: most - 1] + "…"
