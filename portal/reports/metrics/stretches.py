"""A period in stretches that are counted one after another and add up to the same, so that no reading takes long."""

from dataclasses import replace
from itertools import pairwise

from sqlalchemy import func, select

from portal.cases.models import Case
from portal.kernel.db import db
from portal.reports.relations import seconds
from portal.reports.rules import Span

# relations whose rows lie by their own instant alone and are found by it; others are read whole: a case stands in them
# once in a period, or no index leads to their instant (first_response: each stretch would read every clock of the kind;
# moved: every piece of every case)
ADDITIVE = frozenset((
    "received", "closings", "moves", "chased", "original", "agreed", "extended", "staff_solved",
    "final_solved",
))  # fmt: skip
CASES = 4_000  # received in a stretch, about
MOST = 40


def stretches(span: Span) -> list[Span]:
    """The period and the one before it, cut into as many equal stretches as its cases ask for."""
    at, until = seconds(Case.received_at), span.until
    cases = db.session.scalar(select(func.count()).where(at >= span.before, at < until)) or 0
    many = min(MOST, cases // CASES + 1)
    if many == 1:
        return [span]
    ends = [span.before + (until - span.before) * n // many for n in range(many + 1)]
    return [replace(span, before=begin, start=begin, end=end) for begin, end in pairwise(ends) if begin < end]
