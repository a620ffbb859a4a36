"""Reading internal announcements: what stands now for a person, who has confirmed reading and who has not."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select

from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.kernel import feed
from portal.kernel.db import db, read
from portal.kernel.errors import Missing
from portal.notices.models import Announcement

TOPIC = "announcements"
RUNNING = (
    "SELECT id, title, wording, unit_id, from_at, to_at, incident_no FROM announcement"
    " WHERE to_at > :now AND ended_at IS NULL ORDER BY from_at DESC, id DESC"
)
READ = "SELECT announcement_id FROM announcement_read WHERE person_id = :person"
_kept: dict[str, tuple[object, list["Standing"]]] = {}


class Standing(NamedTuple):
    """An announcement that stands, as screens show it; epoch seconds."""

    id: int
    title: str
    wording: str
    unit_id: int | None
    from_at: int
    to_at: int
    incident_no: str


def standing(now: int, unit_ids: Iterable[int] | None = None) -> list[Standing]:
    """What stands at an instant, newest first: for these units and for all, or (None) everything; kept in memory."""
    stamp = (feed.version(TOPIC), feed.feed.epoch, str(db.engine.url), now // 3600)
    found = _kept.get(TOPIC)
    if found is None or found[0] != stamp:
        found = _kept[TOPIC] = (stamp, [Standing._make(row) for row in read(RUNNING, {"now": now})])
    rows = [one for one in found[1] if one.from_at <= now < one.to_at]
    if unit_ids is None:
        return rows
    here = set(unit_ids)
    return [one for one in rows if one.unit_id is None or one.unit_id in here]


def unread(actor: Actor, now: int) -> list[tuple[Standing, bool]]:
    """What stands for a person, and whether it still waits for the confirmation."""
    rows = standing(now, actor.unit_ids)
    done = {row[0] for row in read(READ, {"person": actor.id})} if rows else set()
    return [(one, one.id not in done) for one in rows]


def announcement(number: int) -> Announcement:
    """The announcement with this id. Raises Missing."""
    found = db.session.get(Announcement, number)
    if found is None:
        raise Missing("no_such_internal")
    return found


def made_by(key: str) -> Announcement | None:
    """What a form with this key has published."""
    return db.session.scalar(select(Announcement).where(Announcement.key == key)) if key else None


def newest(limit: int = 100) -> list[Announcement]:
    """All announcements, the latest first."""
    query = select(Announcement).order_by(Announcement.from_at.desc(), Announcement.id.desc())
    return list(db.session.scalars(query.limit(limit)))


def readers(number: int) -> dict[int, int]:
    """Who confirmed reading, with the instant (epoch seconds)."""
    rows = read("SELECT person_id, at FROM announcement_read WHERE announcement_id = :id ORDER BY at", {"id": number})
    return {row[0]: row[1] for row in rows}


def audience(announcement: Announcement) -> dict[int, str]:
    """Everybody with an open account whom it concerns, by id, in order of the name."""
    unit = announcement.unit_id
    found = [(one.name, one.id) for one in people.everybody() if unit is None or unit in one.unit_ids]
    return {number: name for name, number in sorted(found)}
