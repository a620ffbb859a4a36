"""The worker's part in reports by calendar: a draft a slice at a time; killed, it begins that draft anew.

Nothing of a draft is kept before all of it is there, so a worker that dies leaves none half made; another one takes
over when it has been silent for a minute.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from portal.identity.actor import SYSTEM
from portal.kernel import clock
from portal.kernel.db import db, read, transaction
from portal.kernel.i18n import local, speaking
from portal.kernel.instants import epoch
from portal.reports import blocks, levels_made, lists_made, monthly_made, paper_actions, quarterly_made
from portal.reports.paper_models import Paper
from portal.reports.paper_rules import KINDS, span_of
from portal.reports.recipes import Ask, Recipe, with_conventions

RECIPES: dict[str, Recipe] = lists_made.RECIPES | monthly_made.RECIPES | levels_made.RECIPES | quarterly_made.RECIPES
LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
SILENT = timedelta(seconds=60)  # without a sign of life another worker takes the draft over
SLICE = 0.5  # seconds between two signs of life
NEXT = (
    "SELECT id FROM paper WHERE state = 'waiting' AND draft_at <= :now AND (seen_at IS NULL OR worker = ''"
    " OR seen_at < :silent) ORDER BY draft_at, id LIMIT 1"
)


@dataclass
class Drafting:
    """One worker's draft under way."""

    me: str = field(default_factory=lambda: secrets.token_hex(4))
    paper_id: int = 0
    rest: Iterator[int] = field(default_factory=lambda: iter(()))

    def step(self, now: datetime, *, seconds: float = SLICE) -> bool:
        """Goes on for a slice; True while a draft is under way."""
        if not self.paper_id:
            self.paper_id = self._claim(now)
            self.rest = self._draft(self.paper_id, now) if self.paper_id else iter(())
        ends, done = clock.monotonic() + seconds, None
        while self.paper_id:
            done = next(self.rest, None)
            if done is None:
                self.paper_id = 0
            elif clock.monotonic() >= ends:
                break
        if self.paper_id and not self._alive(now, done or 0):
            self.paper_id, self.rest = 0, iter(())
        return bool(self.paper_id)

    def _claim(self, now: datetime) -> int:
        """The next report whose date has come, claimed for this worker; 0 without one."""
        found = read(NEXT, {"now": epoch(now), "silent": epoch(now - SILENT)})
        if not found:
            return 0
        with transaction():
            one = db.session.get_one(Paper, found[0][0], with_for_update=True, populate_existing=True)
            taken = one.worker and one.seen_at and one.seen_at >= now - SILENT
            if one.state != "waiting" or taken:
                return 0
            one.worker, one.seen_at, one.done, one.total = self.me, now, 0, RECIPES[one.kind].parts
            return one.id

    def _alive(self, now: datetime, done: int) -> bool:
        """Notes how far it is; False when another worker has taken it over meanwhile."""
        with transaction():
            one = db.session.get_one(Paper, self.paper_id, with_for_update=True, populate_existing=True)
            if one.worker != self.me or one.state != "waiting":
                return False
            one.done, one.seen_at = done, now
        return True

    def _draft(self, paper_id: int, now: datetime) -> Iterator[int]:
        """Reads part by part, then puts all of it into words and hands it over."""
        one = db.session.get_one(Paper, paper_id)
        for done, data in made(one, now):
            if data is None:
                yield done
                continue
            with transaction():
                kept = db.session.get_one(Paper, paper_id, with_for_update=True, populate_existing=True)
                if kept.worker == self.me and kept.state == "waiting":
                    paper_actions.store_draft(SYSTEM, now, kept, data)


def made(one: Paper, now: datetime) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """The parts of a draft as they are read (number, nothing), at last the whole of it as plain data."""
    kind, recipe = KINDS[one.kind], RECIPES[one.kind]
    span = span_of(kind, one.period, epoch(now), local(now).tzinfo)  # type: ignore[arg-type]
    ask = Ask(kind, span, one.unit_id, now)
    bag: dict[str, Any] = {}
    for name, value in recipe.load(ask):
        bag |= {} if value is None else {name: value}
        yield len(bag), None
    data: dict[str, Any] = {"as_of": epoch(now), "figures": dict(recipe.figures(ask, bag)), "material": {}}
    for lang, locale in LANGUAGES.items():
        with speaking(locale):
            data[lang] = blocks.numbered(with_conventions(ask, bag, recipe.sections(ask, bag)))
            data["material"][lang] = recipe.material(ask, bag)
        yield recipe.parts, None
    yield recipe.parts, data


def waiting(now: datetime) -> int:
    """How many reports wait for the worker."""
    mine = (Paper.state == "waiting") & (Paper.draft_at <= now)
    return db.session.scalar(select(func.count()).select_from(Paper).where(mine)) or 0
