"""Learning a score from decided cases, and whether it may speak: only if not worse on the cases decided last."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db
from portal.proposals import book, queries
from portal.proposals.book import Book
from portal.proposals.models import ProposalVersion
from portal.proposals.queries import Decided
from portal.proposals.rules import FIELDS
from portal.proposals.score import Lesson, score_of

HELD_OUT = 500  # IN6: the last decided cases, from which nothing is learnt
MOST_LEARNT = 10_000
SLICE = 100  # cases a step: a twentieth of a second
WORTH_IT = 50  # newly decided cases that make another training worth it
LEAST = 90  # decided cases; with fewer than 1,500 the last third is held out


@dataclass(frozen=True)
class Outcome:
    """How a training ended: `right` of `held` by field, before (what is in force) and after (with the new score).

    `why` is live or worse; `version` is 0 until it is kept.
    """

    why: str
    learnt: int
    held: int
    before: dict[str, int]
    after: dict[str, int]
    version: int = 0


def parted(cases: Sequence[Decided]) -> tuple[Sequence[Decided], Sequence[Decided]]:
    """(held out, learnt from) of cases with the newest first."""
    held = min(HELD_OUT, len(cases) // 3)
    return cases[:held], cases[held:]


def trained(held: Sequence[Decided], cases: Sequence[Decided]) -> Iterator[tuple[dict[str, Any], Outcome] | None]:
    """Learns from `cases` and tries on `held`, slice by slice: None after each, at last the document and how it fared.

    A new score may speak if in no field fewer proposals are right than with what is in force.
    """
    lesson = Lesson()
    for number, case in enumerate(cases, 1):
        lesson.take(case.text, case.values)
        if not number % SLICE:
            yield None
    data, now = lesson.learnt(), book.in_force()
    yield None
    before, after = dict.fromkeys(FIELDS, 0), dict.fromkeys(FIELDS, 0)
    new = now._replace(score=score_of(data), score_version=0)
    for start in range(0, len(held), SLICE):
        count_right(held[start : start + SLICE], now, before)
        count_right(held[start : start + SLICE], new, after)
        yield None
    why = "worse" if any(after[name] < before[name] for name in FIELDS) else "live"
    yield data, Outcome(why, len(cases), len(held), before, after)


def count_right(cases: Sequence[Decided], by: Book, hits: dict[str, int]) -> None:
    """Adds how often what a book proposes, defaults included, is what was decided, by field."""
    for case in cases:
        made = book.propose(case.text, book=by)
        for name in FIELDS:
            hits[name] += made.fields[name].value == case.values[name]


def keep(actor: Actor, now: datetime, data: dict[str, Any], outcome: Outcome) -> Outcome:
    """Keeps a score as a version: in force at once if it may speak, else with the figures that say why not."""
    allow(actor, "proposals.train")
    known = queries.versions("score")
    number = known[0].version + 1 if known else 1
    facts = {name: value for name, value in asdict(outcome).items() if name != "version"}
    live = outcome.why == "live"
    row = ProposalVersion(
        kind="score", version=number, state="effective" if live else "refused", since=now if live else None, at=now,
        data=facts | (data if live else {"fields": {}}), by_id=None, note="",
    )  # fmt: skip
    db.session.add(row)
    stream.append("proposals:score", "ScoreLearnt", facts | {"version": number}, by_id=actor.id, at=now)
    feed.touch(book.TOPIC, 0)
    return replace(outcome, version=number)


def prepared(least: int = LEAST) -> tuple[Sequence[Decided], Sequence[Decided]] | None:
    """(held out, learnt from) of the decided cases of the store; None when there are fewer than `least`."""
    cases = queries.decided(MOST_LEARNT + HELD_OUT)
    return parted(cases) if len(cases) >= least else None


def due() -> bool:
    """Whether enough cases were decided since the last training for another one."""
    known = queries.versions("score")
    return queries.decided_since(known[0].at if known else None, WORTH_IT) >= WORTH_IT
