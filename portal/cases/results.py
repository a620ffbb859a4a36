"""Whether a written result says anything (QU5): explicit and specific, with content beside the stock phrases. Pure."""

import re

from portal.kernel.errors import Invalid

LEAST_CONTENT = 8  # characters of content, blanks and punctuation apart
LEAST_BESIDE = 4  # characters beside the stock phrases
PHRASES = (
    "问题已经解决", "问题已解决", "已经处理完毕", "已处理完毕", "处理完毕", "已经处理", "已处理", "处理好了",
    "已解决", "已办结",
    "已办理", "已完成", "已修复", "已恢复", "恢复正常", "已回复客户", "已告知客户", "已联系客户", "请知悉",
    "无异常", "同上",
    "问题", "故障", "正常", "完成", "解决", "处理", "the problem", "has been", "have been", "everything", "processed",
    "completed", "resolved", "handled", "solved", "closed", "fixed", "done", "okay", "is", "ok", "it", "now",
)  # fmt: skip


def explicit(text: str) -> str:
    """The result without blanks around it. Raises Invalid at the field when it is empty of content."""
    said = text.strip()
    rest = said.lower()
    for phrase in PHRASES:
        rest = re.sub(rf"\b{phrase}\b", "", rest) if phrase.isascii() else rest.replace(phrase, "")
    if len(_content(said)) < LEAST_CONTENT or len(_content(rest)) < LEAST_BESIDE:
        raise Invalid("result_says_nothing", field="text")
    return said


def _content(text: str) -> str:
    return re.sub(r"[\W_了的]+", "", text)
