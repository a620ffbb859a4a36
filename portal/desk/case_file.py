"""What is read of a case when a part of its page has to be drawn, and the part that moves with the minute."""

from functools import cached_property

from flask import render_template

from portal.cases import queries
from portal.cases.ledger import ledger
from portal.cases.models import Case
from portal.clocks.kept import clocks_of, segments_of
from portal.clocks.models import Clock
from portal.desk import case_time, case_view
from portal.desk.caches import caches
from portal.identity.session import current_actor
from portal.journal import stream
from portal.kernel import clock, feed
from portal.kernel.i18n import locale
from portal.kernel.instants import epoch

MOST_CASES = 300  # drawn pages of some 40 kB each, in each process


class File:
    """What is read of a case when a part of its page has to be drawn; read once for all parts."""

    def __init__(self, head: queries.Head) -> None:
        self.head = head

    @cached_property
    def case(self) -> Case:
        """The case itself."""
        return queries.case_by_no(current_actor(), self.head.no)

    @cached_property
    def clocks(self) -> list[Clock]:
        """Its clocks."""
        return clocks_of(self.case.id)


def promised(file: File) -> bool:
    """Whether the customer was promised anything, or given a new time."""
    return bool(file.case.extensions) or any(row.kind == "promise" for row in file.clocks)


def time_of(file: File) -> str:
    """Where the time of the case went, as it stands this minute."""
    drawn = caches().case_times
    key = (*tag_parts(file.head), epoch(clock.now()) // 60, feed.version("identity"))
    piece = drawn.get(key)
    if piece is None:
        if len(drawn) >= MOST_CASES:
            drawn.clear()
        case, rows, now = file.case, file.clocks, clock.now()
        told = case_time.story(case, rows, segments_of(case.id), epoch(now))
        piece = render_template("desk/_case_time.html", time=told)
        if promised(file):
            promises = ledger(stream.read(case.stream), rows, now)
            piece += render_template("desk/_case_promises.html", promises=promises, names=case_view.names())
        drawn[key] = piece
    return piece


def tag_parts(head: queries.Head) -> tuple[str, int, int, str]:
    """What a drawn page depends on first of all."""
    return feed.feed.epoch, head.id, head.version, locale()
