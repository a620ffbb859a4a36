"""The four elements, what is vague, and what the text suggests. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

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
FAULTS = (
    "无法", "不能", "断网", "掉线", "故障", "中断", "黑屏", "卡顿", "打不开", "白屏", "卡死", "死机", "闪退", "没反应",
    "无响应", "报错", "fault", "down", "offline", "crash", "freeze", "blank screen",
)  # fmt: skip
TYPES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("态度", "骂人", "挂断", "服务差", "rude"), "complaint", "attitude"),
    (("投诉", "complaint"), "complaint", "after_sales"),
    (("退款", "退货", "换货", "refund", "return"), "return", "after_sales"),
    (("扣费", "扣款", "交易", "账单", "charged", "bill"), "dispute", "information"),
    (("物流", "快递", "配送", "送达", "没收到", "订单", "delivery", "order"), "order", "delivery"),
    (FAULTS, "fault", "product"),
    (("办理", "开通", "变更", "过户", "移机", "activate", "move"), "business", "information"),
    (("密码", "登录", "账号", "账户", "password", "account"), "account", "information"),
    (("建议", "希望", "suggest"), "suggestion", "information"),
)
PLACE = "园|区|路|街|大厦|公司"
START = r"\b"
DAYS = {
    "今天": 0, "今日": 0, "today": 0, "明天": 1, "明日": 1, "tomorrow": 1, "后天": 2, "昨天": -1, "昨日": -1,
    "yesterday": -1,
}  # fmt: skip
SPOKEN = re.compile(
    rf"(?:(?P<word>{'|'.join(DAYS)})|(?:(?P<y>\d{{4}})[-/.年])?(?P<m>\d{{1,2}})[-/.月](?P<d>\d{{1,2}})日?)?[\st]*"
    r"(?P<h>\d{1,2})(?::(?P<min>\d{1,2})(?::(?P<s>\d{1,2}))?|[点时](?:(?P<half>半)|(?:(?P<min2>\d{1,2})分?)?))"
)


@dataclass(frozen=True)
class Proposal:
    """What the text suggests: `words` led to the level, `kind_words` to the type; `raised`: the agent's urgency did."""

    level: str
    request_type: str
    category: str
    words: tuple[str, ...]
    kind_words: tuple[str, ...] = ()
    raised: bool = False


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


def found(keys: Iterable[str], text: str) -> list[str]:
    """Which of the words occur in a lower-case text, other than inside the name of a place (物流园, 建议路)."""
    return [
        k for k in keys if k in text and re.search(rf"{START if k.isascii() else ''}{re.escape(k)}(?!{PLACE})", text)
    ]


def propose(text: str, urgency: str = "normal") -> Proposal:
    """Level, type and category from the text's words; the agent's urgency can only raise the level to P2."""
    lower = text.lower()
    level, kind, category, words, kind_words = "P3", "", "", [], []
    for keys, proposed, its_type, its_category in PROPOSALS:
        words = found(keys, lower)
        if words:
            level, kind, category = proposed, its_type, its_category
            break
    for keys, its_type, its_category in TYPES:
        hits = found(keys, lower)
        if hits and not kind:
            kind, category, kind_words = its_type, its_category, hits
    raised = urgency == "urgent" and level > "P2"
    if raised:
        level, words = "P2", []
    kind, category = kind or "consultation", category or "information"
    return Proposal(level, kind, category, tuple(words), tuple(kind_words), raised)


def spoken_time(text: str, now: datetime) -> str:
    """What is typed as `今天18:00`, `明天 9点半`, `18：00`, `11-24 18:00` in full by the local `now`; else itself."""
    match = SPOKEN.fullmatch(unicodedata.normalize("NFKC", text).strip().lower())
    if match is None:
        return text
    part = match.groupdict()
    day = now + timedelta(days=DAYS.get(part["word"] or "", 0))
    year, month, date = part["y"] or day.year, part["m"] or day.month, part["d"] or day.day
    if part["m"] and not part["y"]:
        year = now.year + max(-1, min(1, round((now.month - int(month)) / 12)))
    minute = 30 if part["half"] else part["min"] or part["min2"] or 0
    return f"{year}-{int(month):02}-{int(date):02} {int(part['h']):02}:{int(minute):02}:{int(part['s'] or 0):02}"


def title_of(description: str, most: int = 40) -> str:
    """The first clause of a description as its subject line."""
    line = " ".join(description.split())
    first = re.split(r"[。！？!?；;\n]", line, maxsplit=1)[0] or line
    return first if len(first) <= most else first[: most - 1] + "…"
