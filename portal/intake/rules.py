"""The four elements, what is vague, and times as people type them. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from portal.kernel.errors import Invalid

ELEMENTS = ("customer", "problem", "time", "demand")
READ_FROM = {"phone": "contact"}  # where a fact that is read back stands, if under another name
LEAST_CONTENT = 8  # IN3: fewer characters of content than this is vague
FILLERS = (
    "你好", "您好", "请问", "麻烦", "一下", "就是", "那个", "这个", "然后", "的话", "谢谢", "帮忙", "帮我",
    "我想", "我要", "有点", "一直", "真的", "非常", "特别", "please", "hello", "thanks", "just", "very", "really",
)  # fmt: skip
PHRASES = (
    "出问题了", "有问题", "不好用", "用不了", "坏了", "不行", "不能用", "有毛病", "出错了", "不对", "很慢",
    "太慢了", "投诉", "does not work", "doesn't work", "not working", "broken", "problem", "error", "slow", "complaint",
)  # fmt: skip


class Words(NamedTuple):
    """Words that carry no content: fillers are left out, a text of nothing but phrases says nothing."""

    fillers: tuple[str, ...] = FILLERS
    phrases: tuple[str, ...] = PHRASES


FIRST = Words()
DAYS = {
    "今天": 0, "今日": 0, "today": 0, "明天": 1, "明日": 1, "tomorrow": 1, "后天": 2, "昨天": -1, "昨日": -1,
    "yesterday": -1,
}  # fmt: skip
ONLY_A_DAY = re.compile(
    rf"(?:(?:{'|'.join(DAYS)}|前天|大前天|上周|这周|本周|上个?月|本月|last week|this week)[左右前后]*"
    r"|(?:\d{4}[-/.年])?\d{1,2}[-/.月]\d{1,2}[日号]?)"
)
SPOKEN = re.compile(
    rf"(?:(?P<word>{'|'.join(DAYS)})|(?:(?P<y>\d{{4}})[-/.年])?(?P<m>\d{{1,2}})[-/.月](?P<d>\d{{1,2}})日?)?[\st]*"
    r"(?P<h>\d{1,2})(?::(?P<min>\d{1,2})(?::(?P<s>\d{1,2}))?|[点时](?:(?P<half>半)|(?:(?P<min2>\d{1,2})分?)?))"
)


WORK_ENDS = "18:00"
WISHED = re.compile(
    rf"(?:by )?(?P<word>{'|'.join(day for day, ahead in DAYS.items() if ahead >= 0)})?(?:之?内|以内)?[\s]*"
    r"(?P<closing>下班之?前|before closing|by closing)?"
)


def content(text: str, fillers: Iterable[str] = FILLERS) -> str:
    """What is left of a text without filler words, blanks and punctuation."""
    found = text.lower()
    for filler in fillers:
        found = found.replace(filler, "")
    return re.sub(r"[\W_]+", "", found)


def vague(text: str, words: Words = FIRST) -> bool:
    """Whether a description says too little (IN3): under 8 characters of content, or nothing but stock phrases."""
    if len(content(text, words.fillers)) < LEAST_CONTENT:
        return True
    rest = text.lower()
    for phrase in words.phrases:
        rest = rest.replace(phrase, "")
    return len(content(rest, words.fillers)) < 2


def only_a_day(text: str) -> bool:
    """Whether a time node names a day and no time of it (IN3): enough to log, not yet clear."""
    return ONLY_A_DAY.fullmatch(unicodedata.normalize("NFKC", text).strip().lower()) is not None


def missing(
    *, customer: str, problem: str, time: str, demand: str, overruled: bool = False, words: Words = FIRST
) -> tuple[str, ...]:
    """Which of the four elements are absent or vague; a supervisor may overrule vagueness, never absence."""
    found = []
    if len(customer.strip()) < 2:
        found.append("customer")
    if not problem.strip() or (vague(problem, words) and not overruled):
        found.append("problem")
    if not time.strip():
        found.append("time")
    if len(content(demand, ())) < 2:
        found.append("demand")
    return tuple(found)


def consistent(
    *, acting: str, caller: str, read_back: Iterable[str], facts: dict[str, str], complex_why: str | None = None
) -> None:
    """Who acts for the customer has a name, complex its reason, only what was written down was read back (IN2, IN5).

    The refusal stands at the field that is empty.
    """
    if acting == "other" and not caller.strip():
        raise Invalid("caller_missing", field="caller")
    if complex_why is not None and len(content(complex_why, ())) < 2:
        raise Invalid("complex_why_missing", field="complex_why")
    for code in read_back:
        if code in facts and not facts[code].strip():
            raise Invalid("read_back_empty", field=READ_FROM.get(code, code), fact=f"term:read_back.{code}")


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


def wanted_time(text: str) -> str:
    """What a customer wishes, `今天`, `明天下班前`, `tomorrow`, `今天18:00前` for `spoken_time`; else itself.

    A day alone lasts until its end; closing is at WORK_ENDS.
    """
    said = unicodedata.normalize("NFKC", text).strip().lower()
    match = WISHED.fullmatch(said)
    if match and (match["word"] or match["closing"]):
        return f"{match['word'] or 'today'} {WORK_ENDS if match['closing'] else '23:59'}"
    return re.sub(r"\s*(?:之前|以前|前)$", "", said)


def title_of(description: str, most: int = 40) -> str:
    """The first clause of a description as its subject line."""
    line = " ".join(description.split())
    first = re.split(r"[。！？!?；;\n]", line, maxsplit=1)[0] or line
    return first if len(first) <= most else first[: most - 1] + "…"
