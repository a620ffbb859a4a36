"""Builders of reports by calendar: opened and drafted by the worker's own code, written, handed in and published."""

from datetime import UTC, datetime, timedelta

from portal.identity.actor import SYSTEM, Actor
from portal.kernel.db import transaction
from portal.reports import paper_actions
from portal.reports.drafting import Drafting
from portal.reports.paper_models import Paper
from portal.reports.paper_rules import KINDS

# Tuesday 2026-12-01 09:00 in Shanghai: November is over; the quarter is over on the next.
DECEMBER = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
JANUARY = datetime(2027, 1, 4, 1, 0, tzinfo=UTC)


def opened(kind: str, period: str, unit: int = 0, now: datetime = DECEMBER) -> Paper:
    """A report that waits for the worker."""
    with transaction():
        return paper_actions.open_paper(SYSTEM, now, KINDS[kind], period, unit)


def drafted(kind: str, period: str, unit: int = 0, now: datetime = DECEMBER) -> Paper:
    """A report whose figures the worker has read."""
    paper = opened(kind, period, unit, now)
    worker = Drafting()
    while paper.state == "waiting":
        assert worker.step(now) or paper.state == "draft", "the worker finds nothing to draft"
    return paper


def written(paper: Paper, writer: Actor, now: datetime = DECEMBER, **texts: str) -> Paper:
    """With prose; without any given, a few words in each section."""
    with transaction():
        for section in KINDS[paper.kind].prose:
            text = texts.get(section, "一切如常，无须说明。" if not texts else "")
            if text:
                paper_actions.write_text(writer, now, paper, section=section, text=text, seen=None)
    return paper


def published(
    kind: str, period: str, writer: Actor, signers: list[Actor], *, unit: int = 0, now: datetime = DECEMBER
) -> Paper:  # fmt: skip
    """A report that has gone all the way."""
    paper = written(drafted(kind, period, unit, now), writer, now)
    with transaction():
        paper_actions.hand_in(writer, now + timedelta(hours=1), paper, [one.id for one in signers])
    for one in signers:
        with transaction():
            paper_actions.approve(one, now + timedelta(hours=2), paper)
    return paper
