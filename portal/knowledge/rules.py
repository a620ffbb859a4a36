"""What a wording or an article must be, how its places are filled, and the way from a draft into force. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from portal.kernel.errors import Invalid, Refused

KINDS = ("wording", "article")
LANGUAGES = ("zh", "en")
STEPS = (
    "greeting", "acknowledgement", "progress", "promise", "extension", "delay", "apology", "transfer", "waiting",
    "unreachable", "result", "scheduled", "closing",
)  # fmt: skip
# places of a text that take the case's own values, and how they are written in Chinese
PLACES = {
    "number": "工单号", "customer": "客户", "level": "等级", "promised": "承诺时间", "progress": "进展时间",
    "department": "部门", "next": "下一步", "agent": "客服", "overdue": "超时", "result": "结果",
}  # fmt: skip
_BY_NAME = {name: code for code, chinese in PLACES.items() for name in (code, chinese)}
_PLACE = re.compile(r"\{([^{}]*)\}")
LONGEST = {"label": 20, "text": 600, "title": 120, "question": 600, "answer": 6000, "keywords": 300, "note": 400}
OPEN = ("draft", "review")


def places(text: str) -> list[str]:
    """The places of a text as they are written, in order."""
    return [name.strip() for name in _PLACE.findall(text)]


def unknown_places(text: str) -> list[str]:
    """Places that no case can fill, and braces that are no place."""
    loose = {brace for brace in "{}" if brace in _PLACE.sub("", text)}
    return [f"{{{name}}}" for name in places(text) if name not in _BY_NAME] + sorted(loose)


def filled(text: str, values: Mapping[str, str]) -> str | None:
    """The text with a case's values; None when a value is not known, for a text with a gap is not offered."""
    wanted = {_BY_NAME.get(name, "") for name in places(text)}
    if not all(values.get(code) for code in wanted):
        return None
    return _PLACE.sub(lambda place: values[_BY_NAME[place[1].strip()]], text)


def leads_nowhere(text: str) -> bool:
    """Whether a text announces something and ends before it is said: its last sign is a colon."""
    return text.rstrip().endswith(("：", ":"))


def checked(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """A document without blanks around its texts. Raises Invalid at the first field that is not as it must be."""
    found = dict(data)
    for language in LANGUAGES:
        texts = {name: str(text).strip() for name, text in data[language].items()}
        for name, text in texts.items():
            if len(text) > LONGEST[name]:
                raise Invalid("text_too_long", field=f"{name}_{language}", most=LONGEST[name])
        found[language] = texts
    return _wording(found) if kind == "wording" else _article(found)


def _wording(data: dict[str, Any]) -> dict[str, Any]:
    """A wording speaks both languages and names only places that a case can fill."""
    if data["step"] not in STEPS:
        raise Invalid("choose_step", field="step")
    for language in LANGUAGES:
        for name in ("label", "text"):
            field, text = f"{name}_{language}", data[language][name]
            if len(text) < 2:
                raise Invalid("wording_missing", field=field)
            wrong = unknown_places(text) if name == "text" else []
            if wrong:
                raise Invalid("unknown_place", field=field, names=" ".join(wrong))
    return data


def _article(data: dict[str, Any]) -> dict[str, Any]:
    """An article is whole in at least one language, has an owner and a day on which it is looked at again."""
    begun = [lang for lang in LANGUAGES if any(data[lang].values())] or ["zh"]
    for language in begun:
        for name in ("title", "question", "answer"):
            if len(data[language][name]) < 4:
                raise Invalid("article_missing", field=f"{name}_{language}")
    if not data["owner_id"]:
        raise Invalid("choose_owner", field="owner")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", data["review_on"]):
        raise Invalid("review_day_unreadable", field="review_on")
    return data


def in_language(data: Mapping[str, Any], language: str) -> dict[str, str]:
    """The texts in the reader's language; an article that lacks it is shown in the other one."""
    found: dict[str, str] = data[language]
    other: dict[str, str] = data["en" if language == "zh" else "zh"]
    return found if any(found.values()) else other


def must_be(state: str, *states: str) -> None:
    """Raises Refused for a version that is in another state."""
    if state not in states:
        raise Refused("knowledge_in_other_state", state=f"term:policy_state.{state}")
