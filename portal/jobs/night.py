"""The nightly self-check: a slice a tick beside the deadline watch, once a day, by one worker; differences are told."""

import json
import secrets
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from sqlalchemy import text

from portal.identity import queries as people
from portal.jobs import order_check
from portal.jobs.rules import night_of
from portal.jobs.selfcheck import Difference, Found, check_some
from portal.journal import stream
from portal.journal.stream import Line
from portal.kernel.db import db, transaction
from portal.kernel.feed import Installation
from portal.kernel.i18n import local
from portal.kernel.instants import epoch
from portal.notices.tell import tell

NAME, STREAM = "selfcheck", "selfcheck"
SLICE = 50  # cases a tick: a fifth of a second, so that no deadline waits for it
ORDERS = 20  # orders a tick, with all their steps
SILENT = 120  # seconds without a sign of life after which another worker goes on
MOST_KEPT = 100  # differences of a night that are written down; all are counted
NAMED = 5  # cases that the notice names


@dataclass
class Progress:
    """How far tonight's check is; kept as one fact of the installation."""

    night: str = ""
    last: int = 0
    cases_done: bool = False
    last_order: int = 0
    orders: int = 0
    cases: int = 0
    clocks: int = 0
    differ: int = 0
    by: str = ""
    at: int = 0
    done: bool = False


@dataclass
class Night:
    """One worker's part in the check."""

    me: str = field(default_factory=lambda: secrets.token_hex(4))
    done: str = ""
    ask_again: int = 0

    def step(self, now: datetime) -> bool:
        """Looks at the next few cases; True while there are more to look at tonight."""
        night = night_of(local(now))
        if night == self.done or epoch(now) < self.ask_again:
            return False
        mine = self._claim(night, now)
        if mine is None:
            return False
        here = replace(mine)
        found = _look(here, now)
        self._note(mine, here, found, now)
        return not here.done

    def _claim(self, night: str, now: datetime) -> Progress | None:
        """Tonight's progress if it is this worker's to go on with."""
        with transaction():
            row, kept = _locked()
            if kept.night == night and kept.done:
                self.done = night
                return None
            if kept.night == night and kept.by != self.me and abs(epoch(now) - kept.at) < SILENT:
                self.ask_again = epoch(now) + SILENT
                return None
            if kept.night == night and kept.by == self.me:
                return kept
            mine = kept if kept.night == night else Progress(night=night)
            mine.by, mine.at = self.me, epoch(now)
            row.value = _packed(mine)
        return mine

    def _note(self, mine: Progress, here: Progress, found: Found, now: datetime) -> None:
        """Writes what was found and how far the check is; another worker may have taken over meanwhile."""
        with transaction():
            row, kept = _locked()
            if (kept.night, kept.by, kept.last, kept.last_order) != (mine.night, mine.by, mine.last, mine.last_order):
                return
            for difference in found.differences[: max(0, MOST_KEPT - kept.differ)]:
                stream.append(STREAM, "Differed", {"night": kept.night} | difference._asdict(), by_id=0, at=now)
            kept = replace(here, differ=kept.differ + len(found.differences), at=epoch(now))
            row.value = _packed(kept)
            if kept.done:
                _finish(kept, now)


def _look(here: Progress, now: datetime) -> Found:
    """The next cases, then the next orders; `here` goes on by what was looked at."""
    found = Found()
    if not here.cases_done:
        some, last = check_some(now, here.last, SLICE)
        found.add(some)
        here.cases, here.clocks = here.cases + some.cases, here.clocks + some.clocks
        here.last, here.cases_done = last or here.last, last is None
    if here.cases_done:
        some, last = order_check.check_some(now, here.last_order, ORDERS)
        found.differences += some.differences
        here.orders, here.last_order, here.done = here.orders + some.cases, last or here.last_order, last is None
    return found


def _finish(kept: Progress, now: datetime) -> None:
    """The night's result, and the alarm if there is one (once a night a person)."""
    facts = {
        "night": kept.night, "cases": kept.cases, "clocks": kept.clocks, "orders": kept.orders,
        "differences": kept.differ,
    }  # fmt: skip
    stream.append(STREAM, "Checked", facts, by_id=0, at=now)
    if kept.differ:
        numbers = list(dict.fromkeys(d.no for d in differences_of(kept.night)))
        title = " ".join(numbers[:NAMED]) + (" …" if len(numbers) > NAMED else "")
        tell(
            people.holders("admin"), "selfcheck", subject=STREAM, key=f"selfcheck:{kept.night}", now=now,
            facts={"title": title, "count": kept.differ},
        )  # fmt: skip


def last_night() -> Line | None:
    """The result of the last check that was finished: facts night, cases, clocks, differences."""
    for line in stream.read(STREAM, newest_first=True, limit=MOST_KEPT + 1):
        if line.kind == "Checked":
            return line
    return None


def differences_of(night: str) -> list[Difference]:
    """What was written down in one night."""
    lines = stream.read(STREAM, newest_first=True, limit=MOST_KEPT + 1)
    kept = [dict(line.facts) for line in lines if line.kind == "Differed" and line.facts.get("night") == night]
    return [Difference(**{name: facts[name] for name in Difference._fields}) for facts in reversed(kept)]


def _locked() -> tuple[Installation, Progress]:
    """The row that keeps the progress, locked; made on the first night."""
    db.session.execute(
        text("INSERT INTO installation(name, value) VALUES(:n, :v) ON CONFLICT DO NOTHING"),
        {"n": NAME, "v": _packed(Progress())},
    )
    row = db.session.get_one(Installation, NAME, with_for_update=True, populate_existing=True)
    return row, Progress(**json.loads(row.value))


def _packed(progress: Progress) -> str:
    return json.dumps(asdict(progress), separators=(",", ":"))
