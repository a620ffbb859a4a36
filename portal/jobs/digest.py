"""One digest a person instead of a storm: for what is told late, and for more in a minute than anybody reads (SL8)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.clocks import book
from portal.jobs.calls import Call, Id
from portal.jobs.rules import LATE, Gap, crowded
from portal.kernel import feed
from portal.kernel.db import db, write
from portal.kernel.instants import epoch
from portal.notices.models import Notice
from portal.notices.tell import tell

MOST_ITEMS = 100
THIS_MINUTE = (
    "SELECT person_id, count(*), count(CASE WHEN notice LIKE :single THEN 1 END) FROM told"
    " WHERE person_id IN ({}) AND at >= :since AND (notice LIKE :single OR notice LIKE :storm) GROUP BY person_id"
)


class Digests:
    """The items of one batch by person; written as one notice each, or into the one already there.

    After a stop of the watch there is one digest a person for the whole stop. Late without a stop (an old
    request taken down today): one for each ten minutes, and a single item is told as itself. In time, but more than
    a person reads in a minute: one for that minute.
    """

    def __init__(self, now: datetime, gap: Gap | None) -> None:
        self.now = now
        self.gap = gap
        self._items: dict[tuple[int, str], list[Call]] = {}

    def takes(self, at: int) -> bool:
        """Whether a threshold passed at `at` belongs into a digest: from a stop of the watch, or long ago."""
        return self._in_gap(at) or epoch(self.now) - at > LATE

    def _in_gap(self, at: int) -> bool:
        return self.gap is not None and self.gap.holds(at, epoch(self.now))

    def places(self, calls: Iterable[Call]) -> dict[Id, str]:
        """The digest each call goes into, "" where it is told as itself.

        The topics of these people are moved before, so that no other worker tells them anything at the same time.
        """
        found: dict[Id, str] = {}
        fresh: dict[int, list[Call]] = {}
        for call in calls:
            if self.takes(call.at):
                found[call.id] = self._name(call.at)
            else:
                fresh.setdefault(call.person_id, []).append(call)
        before, minute = self._told_this_minute(fresh), epoch(self.now) // 60
        most = book.in_force(self.now).policy.notices_a_minute if fresh else 0
        for person, some in fresh.items():
            crowd = crowded([call.facts["level"] for call in some], *before.get(person, (0, 0)), most)
            found |= {call.id: f"storm:{minute}" if more else "" for call, more in zip(some, crowd, strict=True)}
        return found

    def _told_this_minute(self, people: Iterable[int]) -> dict[int, tuple[int, int]]:
        """How much each of these people was told in time since the minute began: in all, and by single notices."""
        wanted = ",".join(str(person) for person in sorted(people))
        if not wanted:
            return {}
        since = epoch(self.now) // 60 * 60
        values = {"since": since, "single": "clock:%", "storm": "storm:%"}
        return {row[0]: (row[1], row[2]) for row in write(THIS_MINUTE.format(wanted), values)}

    def add(self, call: Call, name: str) -> None:
        """Puts a call aside for the digest of this name."""
        self._items.setdefault((call.person_id, name), []).append(call)

    def write(self) -> None:
        """Writes the digests, people in order so that two workers never wait for each other."""
        for (person, name), items in sorted(self._items.items(), key=lambda pair: pair[0]):
            self._write_one(person, name, items)

    def _name(self, at: int) -> str:
        """The digest a late threshold belongs to: that of the stop it fell into, else of these ten minutes."""
        if self.gap and self._in_gap(at):
            return f"digest:{self.gap.since}"
        return f"overdue:{epoch(self.now) // LATE}"

    def _write_one(self, person: int, name: str, items: list[Call]) -> None:
        here = select(Notice).where(Notice.key == f"{name}:{person}").with_for_update()
        known = db.session.scalar(here.execution_options(populate_existing=True))
        lines = [{**call.facts, "kind": call.kind} for call in items]
        late = epoch(self.now) - min(call.at for call in items)
        if known:
            known.facts = _longer(known.facts, lines)
            known.late_seconds, known.read_at = max(known.late_seconds, late), None
            known.acknowledged_at = None
            feed.touch(f"person:{person}", 0)
        elif len(items) == 1 and name.startswith("overdue"):
            (one,) = items
            tell([person], one.kind, subject=one.subject, key=one.key, facts=one.facts, now=self.now, late_seconds=late)
        else:
            facts = _longer({"count": 0, "items": []}, lines) | self._stop(name)
            kind = name.partition(":")[0]
            tell([person], kind, subject="digest", key=name, facts=facts, now=self.now, late_seconds=late)
        db.session.flush()

    def _stop(self, name: str) -> dict[str, int]:
        """When the watch stood still, for a digest of a stop."""
        return dict(self.gap._asdict()) if self.gap and name.startswith("digest") else {}


def _longer(facts: dict[str, Any], lines: list[dict[str, Any]]) -> dict[str, Any]:
    """A digest's facts with further lines; beyond a hundred only the count grows."""
    return facts | {
        "count": facts["count"] + len(lines),
        "items": (facts["items"] + lines)[:MOST_ITEMS],
    }
