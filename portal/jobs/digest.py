"""One digest a person instead of a storm, for everything that is told late (SL8)."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.clocks.kept import epoch
from portal.jobs.rules import LATE, Gap
from portal.kernel import feed
from portal.kernel.db import db
from portal.notices.models import Notice
from portal.notices.tell import tell

MOST_ITEMS = 100
Item = tuple[int, str, dict[str, Any], int]


class Digests:
    """Late items of one batch by person; written as one notice each, or into the one already there.

    After a stop of the watch there is one digest a person for the whole stop. Late without a stop (an old
    request taken down today): one for each ten minutes, and a single item is told as itself.
    """

    def __init__(self, now: datetime, gap: Gap | None) -> None:
        self.now = now
        self.gap = gap
        self._items: list[Item] = []

    def takes(self, at: int) -> bool:
        """Whether a threshold passed at `at` belongs into a digest: from a stop of the watch, or long ago."""
        return self._in_gap(at) or epoch(self.now) - at > LATE

    def _in_gap(self, at: int) -> bool:
        return self.gap is not None and self.gap.holds(at, epoch(self.now))

    def add(self, person: int, key: str, notice: dict[str, Any], at: int) -> None:
        """Puts a notice of a threshold passed at `at` aside for this person."""
        self._items.append((person, key, notice, at))

    def write(self) -> None:
        """Writes the digests, people in order so that two workers never wait for each other."""
        grouped: dict[tuple[int, str], list[Item]] = {}
        for item in self._items:
            grouped.setdefault((item[0], self._name(item[3])), []).append(item)
        for (person, name), items in sorted(grouped.items(), key=lambda pair: pair[0]):
            self._write_one(person, name, items)

    def _name(self, at: int) -> str:
        """The digest a threshold belongs to: that of the stop it fell into, else of these ten minutes."""
        if self.gap and self._in_gap(at):
            return f"digest:{self.gap.since}"
        return f"overdue:{epoch(self.now) // LATE}"

    def _write_one(self, person: int, name: str, items: list[Item]) -> None:
        here = select(Notice).where(Notice.key == f"{name}:{person}").with_for_update()
        known = db.session.scalar(here.execution_options(populate_existing=True))
        lines = [{**notice["facts"], "kind": notice["kind"]} for _, _, notice, _ in items]
        late = epoch(self.now) - min(at for *_, at in items)
        if known:
            known.facts = _longer(known.facts, lines)
            known.late_seconds, known.read_at = max(known.late_seconds, late), None
            feed.touch(f"person:{person}", 0)
        elif len(items) == 1 and name.startswith("overdue"):
            tell([person], key=items[0][1], now=self.now, late_seconds=late, **items[0][2])
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
