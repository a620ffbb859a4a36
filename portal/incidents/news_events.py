"""What happens to announcements after they were written: taken back, put up in a channel."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class AnnouncementWithdrawn:
    """撤回公告: the text no longer holds (or, never published, is dropped), with the reason."""

    n: int
    text: str
    reason: str


@dataclass(frozen=True)
class ChannelPosted:
    """渠道已发布: somebody has put the text up in a channel, and where it can be seen."""

    n: int
    channel: str
    where: str = ""


KINDS: tuple[type[Any], ...] = (AnnouncementWithdrawn, ChannelPosted)
