"""Whether a text for customers can be published: its places filled, its promises ahead, no customer's data. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from portal.incidents.events import AnnouncementPublished
from portal.kernel.errors import Invalid, Refused

# places of a text that take the incident's own values, and how they are written in Chinese
PLACES = {
    "class": "类别", "place": "地点", "scope": "影响范围", "cause": "原因", "recovery": "预计恢复时间",
    "news": "下次通报时间",
}  # fmt: skip
_BY_NAME = {name: code for code, chinese in PLACES.items() for name in (code, chinese)}
_PLACE = re.compile(r"\{([^{}]*)\}")
_CASE_NUMBER = re.compile(r"\bCS\d{4}-\d{4,}\b")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with the values that are known; places of unknown ones stay as they are written."""
    return _PLACE.sub(lambda m: values.get(_BY_NAME.get(m[1].strip(), ""), "") or m[0], text)


def chinese(text: str) -> bool:
    """Whether a text has Chinese characters in it."""
    return any("\u4e00" <= char <= "\u9fff" for char in text)


def gaps(*texts: str) -> list[str]:
    """Places that are still to be filled, as they are written, each once."""
    return list(dict.fromkeys(m[0] for text in texts for m in _PLACE.finditer(text)))


def pieces(text: str) -> list[tuple[str, bool]]:
    """The text cut at its places, for paper: what is said, and (True) what is filled in by hand."""
    cut = _PLACE.split(text)
    return [(part, n % 2 == 1) for n, part in enumerate(cut) if part]


def mobiles(*texts: str) -> list[str]:
    """Mobile numbers in the texts: ours are meant to be read by everybody, a customer's never."""
    return list(dict.fromkeys(number for text in texts for number in _MOBILE.findall(text)))


def channels(written: str) -> list[str]:
    """The channels of an announcement, written with commas between them, each once."""
    return list(dict.fromkeys(part.strip() for part in re.split(r"[、，,;；]", written) if part.strip()))


def one(incident: Any, n: int) -> dict[str, Any]:
    """The announcement with this number. Raises Invalid, Refused when it was taken back."""
    found: dict[str, Any] | None = next((a for a in incident.announcements if a["n"] == n), None)
    if found is None:
        raise Invalid("no_such_announcement", field="n")
    if found.get("withdrawn"):
        raise Refused("withdrawn_already")
    return found


def publish(incident: Any, n: int, by_id: int, values: Mapping[str, Mapping[str, str]], now: datetime) -> Any:
    """A draft of somebody else, its places filled with `values` by language. Raises Invalid for one with a gap,

    with a case's number, or with a promise that has passed meanwhile; Refused when it is published already.
    """
    draft = one(incident, n)
    if draft["published"]:
        raise Refused("published_already")
    if draft.get("drafted_by") == by_id:
        raise Invalid("publish_own", field="n")
    text, text_en = filled(draft["text"], values["zh"]), filled(draft.get("text_en", ""), values["en"])
    missing = gaps(text, text_en)
    if missing:
        raise Invalid("text_has_gaps", field="n", names=" ".join(missing))
    if _CASE_NUMBER.search(text + text_en):
        raise Invalid("text_names_a_case", field="n")
    ahead(draft, now)
    return AnnouncementPublished(
        n, text, draft["channels"], draft["recovery"], draft["next_news"], bool(draft.get("restored")), text_en
    )


def ahead(draft: Mapping[str, Any], now: datetime) -> None:
    """Raises Invalid for a promise that has passed while the draft waited, or that was never made."""
    if draft.get("restored"):
        return
    if not draft["next_news"]:
        raise Invalid("news_needed", field="n")
    for name, code in (("next_news", "news_is_past"), ("recovery", "recovery_is_past")):
        if draft[name] and draft[name] <= now.timestamp():
            raise Invalid(code, field="n")


def posted_in(announcement: Mapping[str, Any], channel: str) -> bool:
    """Whether somebody has said that the text stands in this channel."""
    return channel in announcement.get("posted", {})


def waiting_channels(announcement: Mapping[str, Any]) -> Iterable[str]:
    """Channels of an announcement in which nobody has put it up yet."""
    return [name for name in channels(announcement["channels"]) if not posted_in(announcement, name)]
