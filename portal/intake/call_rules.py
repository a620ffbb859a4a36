"""What a call of the telephone system must be (IN7). Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from portal.kernel.errors import Invalid
from portal.kernel.i18n import parse_local

MOST = 500  # calls handed in together
LONGEST_KEY = 80
LONGEST = timedelta(hours=12)
AHEAD = timedelta(minutes=5)  # the telephone system's clock may be so far before ours


class Taken(NamedTuple):
    """A call as it was handed in; lengths in seconds."""

    key: str
    hotline: str
    offered: datetime
    answered: datetime | None
    ended: datetime
    hold: int
    after: int
    handed: bool
    busy: bool


def call_of(said: Any, now: datetime) -> Taken:
    """One call from JSON. Raises Invalid at the field: unreadable, out of order, longer than 12 hours, ahead of now."""
    if not isinstance(said, Mapping):
        raise Invalid("api_no_json")
    key = said.get("key")
    if not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY:
        raise Invalid("call_unusable", field="key")
    offered, answered, ended = (_instant(said, name) for name in ("offered", "answered", "ended"))
    if offered is None or offered > now + AHEAD:
        raise Invalid("call_unusable", field="offered")
    if ended is None or not offered <= ended <= offered + LONGEST:
        raise Invalid("call_unusable", field="ended")
    if answered is not None and not offered <= answered <= ended:
        raise Invalid("call_unusable", field="answered")
    hold, after = (_seconds(said, name) for name in ("hold", "after"))
    flags = [said.get(name, False) for name in ("handed", "busy")]
    if not all(isinstance(flag, bool) for flag in flags):
        raise Invalid("call_unusable", field="handed")
    return Taken(key, str(said.get("hotline", "")), offered, answered, ended, hold, after, *flags)


def _instant(said: Mapping[str, Any], name: str) -> datetime | None:
    text = said.get(name)
    if text in (None, ""):
        return None
    try:
        return parse_local(str(text)).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise Invalid("call_unusable", field=name) from error


def _seconds(said: Mapping[str, Any], name: str) -> int:
    value = said.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LONGEST.total_seconds():
        raise Invalid("call_unusable", field=name)
    return value
