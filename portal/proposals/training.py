"""Learning a score from decided cases, and whether it may speak: only if not worse on the cases decided last."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from portal.proposals import book, queries
from portal.proposals.book import Book
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

    `left_out` are the fields in which it would be worse; `live` unless all are. `version` is 0 until it is kept.
    """

    live: bool
    learnt: int
    held: int
    before: dict[str, int]
    after: dict[str, int]
    left_out: list[str]
    version: int = 0


def parted(cases: Sequence[Decided]) -> tuple[Sequence[Decided], Sequence[Decided]]:
    """(held out, learnt from) of cases with the newest first."""
    held = min(HELD_OUT, len(cases) // 3)
    return cases[:held], cases[held:]


def trained(held: Sequence[Decided], cases: Sequence[Decided]) -> Iterator[tuple[dict[str, Any], Outcome] | None]:
    """Learns from `cases` and tries on `held`, slice by slice: None after each, at last the document and how it fared.

    A field in which fewer proposals are right than with what is in force is left out, and the rest is tried again.
    """
    lesson = Lesson()
    for number, case in enumerate(cases, 1):
        lesson.take(case.text, case.values)
        if not number % SLICE:
            yield None
    data, now = lesson.learnt(), book.in_force()
    before, after = dict.fromkeys(FIELDS, 0), dict.fromkeys(FIELDS, 0)
    yield from _counted(held, now, before)
    while data["fields"]:
        after = dict.fromkeys(FIELDS, 0)
        yield from _counted(held, now._replace(score=score_of(data), score_version=0), after)
        worse = {name for name in FIELDS if after[name] < before[name]}
        if not worse:
            break
        # a department may be worse through the type alone
        drop = worse & set(data["fields"]) or {next(iter(data["fields"]))}
        data["fields"] = {name: values for name, values in data["fields"].items() if name not in drop}
    left_out = [name for name in FIELDS if name not in data["fields"]]
    live = bool(data["fields"])
    yield data, Outcome(live, len(cases), len(held), before, after if live else before, left_out)


def _counted(held: Sequence[Decided], by: Book, hits: dict[str, int]) -> Iterator[None]:
    for start in range(0, len(held), SLICE):
        count_right(held[start : start + SLICE], by, hits)
        yield None


def count_right(cases: Sequence[Decided], by: Book, hits: dict[str, int]) -> None:
    """Adds how often what a book proposes, defaults included, is what was decided, by field."""
    for case in cases:
        made = book.propose(case.text, book=by)
        for name in FIELDS:
            hits[name] += made.fields[name].value == case.values[name]


def prepared(least: int = LEAST) -> tuple[Sequence[Decided], Sequence[Decided]] | None:
    """(held out, learnt from) of the decided cases of the store; None when there are fewer than `least`."""
    cases = queries.decided(MOST_LEARNT + HELD_OUT)
    return parted(cases) if len(cases) >= least else None


def due() -> bool:
    """Whether enough cases were decided since the last training for another one."""
    known = queries.versions("score")
    return queries.decided_since(known[0].at if known else None, WORTH_IT) >= WORTH_IT
