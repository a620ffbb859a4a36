"""Counts a case's clocks again after the time received or the channel was corrected (QU7)."""

from datetime import datetime

from portal.clocks.hotline_hours import put_on
from portal.clocks.keeper import Keeper
from portal.clocks.kept import take
from portal.clocks.models import Clock
from portal.clocks.rules import decide
from portal.kernel.instants import epoch

KINDS = ("entry", "acknowledgement", "first_response", "start_of_work", "progress", "answer", "result")


def recount(keeper: Keeper, old_start: datetime, *, without: str = "") -> None:
    """Every clock of the first cycle that counts from the receipt gets limit and verdict from the corrected facts.

    `without` is a kind that such a case never has: entry, where it was taken down outside the portal (EM5).
    """
    case = keeper.case
    for kind in (one for one in KINDS if one != without):
        known = [c for c in keeper.clocks if c.kind == kind and c.cycle == 1]
        ours = [c for c in known if epoch(c.started_at) == epoch(old_start)]
        for clock in ours:
            _anew(keeper, clock, old_start)
        if not known and case.cycle == 1:
            started = keeper.start(kind, case.received_at)
            if started and started.outcome == "running":
                _stop_where_due(keeper, started)


def _anew(keeper: Keeper, clock: Clock, old_start: datetime) -> None:
    case = keeper.case
    decision = decide(keeper.book.policy, keeper._calendars(clock), clock.kind, keeper.facts(), epoch(case.received_at))
    if decision is None or decision.winner.unit == "talk":
        clock.outcome, clock.stopped_at = "cancelled", clock.stopped_at or keeper.now
        clock.breached_at, clock.met_original = None, None
        return
    at_once = clock.stopped_at is not None and epoch(clock.stopped_at) == epoch(old_start)
    running, rule, hours = clock.outcome == "running", clock.rule, clock.calendar
    take(clock, decision)
    if clock.kind == "entry" and clock.rule == rule and hours != clock.calendar:
        put_on(clock, keeper.book.calendars[hours], keeper.book.policy)
    keeper.recompute(clock)
    if decision.met_by_taking:
        keeper.stop(clock, case.received_at)
    elif at_once:
        clock.stopped_at, clock.outcome, clock.met_original, clock.breached_at = None, "running", None, None
        _stop_where_due(keeper, clock)
    elif not running and clock.stopped_at:
        keeper._judge(clock)


def _stop_where_due(keeper: Keeper, clock: Clock) -> None:
    """What had stopped by taking the request, or did not count before, stops at what has happened since."""
    case = keeper.case
    at = {
        "entry": case.recorded_at, "acknowledgement": case.responded_at, "first_response": case.responded_at,
        "answer": case.told_at, "result": case.told_at,
    }.get(clock.kind)  # fmt: skip
    if at:
        keeper.stop(clock, at)
    elif not case.open:
        clock.outcome, clock.stopped_at = "cancelled", keeper.now
