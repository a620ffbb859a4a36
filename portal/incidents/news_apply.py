"""What withdrawing and putting up change of an incident's announcements; a part of apply.py."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from portal.incidents import news_events as e
from portal.incidents.models import Incident


def _changed(incident: Incident, n: int, **facts: Any) -> None:
    incident.announcements = [a | facts if a["n"] == n else a for a in incident.announcements]


def _withdrawn(incident: Incident, event: e.AnnouncementWithdrawn, at: datetime, by: int) -> None:
    _changed(incident, event.n, withdrawn=int(at.timestamp()))


def _posted(incident: Incident, event: e.ChannelPosted, at: datetime, by: int) -> None:
    row = next(a for a in incident.announcements if a["n"] == event.n)
    stands = {"at": int(at.timestamp()), "by": by, "where": event.where}
    _changed(incident, event.n, posted=row.get("posted", {}) | {event.channel: stands})


APPLY: dict[type[Any], Callable[[Incident, Any, datetime, int], None]] = {
    e.AnnouncementWithdrawn: _withdrawn, e.ChannelPosted: _posted,
}  # fmt: skip
