"""Internal announcements: published, ended, confirmed as read, and those reminded who have not (DK8)."""

from datetime import datetime
from types import SimpleNamespace

from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db, write
from portal.kernel.errors import Forbidden, Refused
from portal.notices import announcements
from portal.notices.announcement_rules import checked
from portal.notices.models import Announcement
from portal.notices.tell import tell

CONFIRMED = (
    "INSERT INTO announcement_read(announcement_id, person_id, at) VALUES(:id, :person, :at) ON CONFLICT DO NOTHING"
)


def publish(
    actor: Actor, now: datetime, *, title: str, wording: str, unit_id: int | None, begin: datetime, end: datetime,
    incident_no: str = "", key: str = "",
) -> Announcement:  # fmt: skip
    """Publishes to one department or (None) to all; the form's key makes a second post find the first."""
    allow(actor, "announcement.write", SimpleNamespace(unit_ids=frozenset((unit_id,) if unit_id else ())))
    known = announcements.made_by(key)
    if known is not None:
        return known
    title, wording = checked(title, wording, begin, end, now)
    made = Announcement(
        title=title, wording=wording, unit_id=unit_id, from_at=begin, to_at=end, incident_no=incident_no[:20],
        by_id=actor.id, at=now, key=key or None,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    _kept(made, "AnnouncementMade", actor, now, title=title, wording=wording, unit=unit_id or 0)
    return made


def end(actor: Actor, now: datetime, made: Announcement) -> None:
    """Takes an announcement down before its time; a second time changes nothing."""
    allow(actor, "announcement.write", made)
    if made.ended_at is None and made.to_at > now:
        made.ended_at = now
        _kept(made, "AnnouncementTakenDown", actor, now)


def confirm(actor: Actor, now: datetime, made: Announcement) -> None:
    """This person has read it; once is enough. Raises Forbidden for somebody whom it does not concern."""
    allow(actor, "announcement.view")
    if made.unit_id is not None and made.unit_id not in actor.unit_ids:
        raise Forbidden("not_allowed", verb="announcement.view")
    write(CONFIRMED, {"id": made.id, "person": actor.id, "at": int(now.timestamp())})


def remind(actor: Actor, now: datetime, made: Announcement) -> int:
    """Tells everybody who has not confirmed yet, at most once an hour; returns how many. Raises Refused when over."""
    allow(actor, "announcement.write", made)
    if made.ended_at is not None or made.to_at <= now:
        raise Refused("announcement_is_over")
    waiting = set(announcements.audience(made)) - set(announcements.readers(made.id)) - {made.by_id}
    key = f"announcement:{made.id}:{int(now.timestamp()) // 3600}"
    return tell(
        waiting, "announcement", subject=f"announcement:{made.id}", key=key, facts={"title": made.title}, now=now
    )


def _kept(made: Announcement, kind: str, actor: Actor, now: datetime, **facts: object) -> None:
    stream.append(f"announcement:{made.id}", kind, dict(facts), by_id=actor.id, at=now)
    feed.touch(announcements.TOPIC, made.id)
