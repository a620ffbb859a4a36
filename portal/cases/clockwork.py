"""Which clocks each event starts, meets and stops: the clock-kinds table of the rules, read from left to right."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from portal.cases import events as e
from portal.cases.rules import LIVE, STOPPING
from portal.clocks.keeper import Keeper, moment
from portal.identity.actor import Actor

LEVELLED = ("first_response", "start_of_work", "progress", "answer", "result")
Step = Callable[[Keeper, Any, Actor], None]


def _logged(keeper: Keeper, event: e.Logged, by: Actor) -> None:
    received = keeper.case.received_at
    keeper.start("entry", received)
    keeper.meet("entry")
    keeper.start("acknowledgement", received)
    keeper.start("judgement", keeper.now)
    for kind in LEVELLED:
        keeper.start(kind, received)
    if event.channel in LIVE and keeper.running("acknowledgement"):
        keeper.meet("acknowledgement", received)
    keeper.segment("running", by.id)


def _judged(keeper: Keeper, event: e.Judged, by: Actor) -> None:
    keeper.meet("judgement")
    keeper.decide_anew(LEVELLED, changed=event.basis == "changed")
    if keeper.case.channel in LIVE and not any(c.kind == "lead_contact" for c in keeper.clocks):
        keeper.start("lead_contact", keeper.now)
    paused = keeper.case.paused
    keeper.segment("paused" if paused in STOPPING else "running", by.id, paused)
    if not paused:
        keeper.resume()


def _transferred(keeper: Keeper, event: e.Transferred, by: Actor) -> None:
    _run_on(keeper, by)


def _run_on(keeper: Keeper, by: Actor) -> None:
    """A new running stretch begins; what was paused runs again."""
    keeper.segment("running", by.id)
    keeper.resume()


def _work_started(keeper: Keeper, event: e.WorkStarted, by: Actor) -> None:
    keeper.meet("start_of_work")


def _contacted(keeper: Keeper, event: e.Contacted, by: Actor) -> None:
    if event.direction == "in":
        _resumed(keeper, event, by)
    elif event.reached:
        keeper.meet("acknowledgement")
        if event.by_person:
            _spoken(keeper, by)
            if event.promised:
                keeper.meet("answer")


def _spoken(keeper: Keeper, by: Actor) -> None:
    """A person of ours reached the customer."""
    keeper.meet("first_response")
    if keeper.case.unit_id in by.unit_ids:
        keeper.meet("lead_contact")
    keeper.meet("callback")
    if keeper.running("progress"):
        keeper.meet("progress")
        if keeper.running("result"):
            keeper.start("progress", keeper.now, later=True)


def _result(keeper: Keeper, event: e.ResultWritten, by: Actor) -> None:
    keeper.meet("start_of_work")
    _run_on(keeper, by)


def _told(keeper: Keeper, event: e.Told | e.Planned, by: Actor) -> None:
    for kind in (
        "acknowledgement",
        "first_response",
        "lead_contact",
        "start_of_work",
        "progress",
        "answer",
        "result",
    ):
        keeper.meet(kind)
    if isinstance(event, e.Told) or event.decision == "not_adopted":
        keeper.start("callback", keeper.now)
        keeper.start("confirmation", keeper.now)
        keeper.segment("told", by.id)


def _confirmed(keeper: Keeper, event: e.Confirmed, by: Actor) -> None:
    keeper.meet("callback")
    keeper.meet("confirmation")


def _not_satisfied(keeper: Keeper, event: e.NotSatisfied, by: Actor) -> None:
    keeper.meet("callback")
    keeper.meet("confirmation")
    keeper.segment("running", by.id)
    first = next((c for c in keeper.clocks if c.kind == "result" and c.cycle == keeper.case.cycle), None)
    if first:
        again = keeper.start("result", first.started_at)
        if again:
            keeper.recompute(again)
    keeper.start("progress", keeper.now, later=True)


def _closed(keeper: Keeper, event: e.Closed, by: Actor) -> None:
    keeper.end_all()
    keeper.segment("closed", by.id)


def _dropped(keeper: Keeper, event: e.Voided | e.Merged, by: Actor) -> None:
    keeper.end_all(void=True)
    keeper.segment("closed", by.id)


def _reopened(keeper: Keeper, event: e.Reopened, by: Actor) -> None:
    keeper.segment("running", by.id)
    for kind in ("progress", "result"):
        keeper.start(kind, keeper.now)


def _paused(keeper: Keeper, event: e.Paused, by: Actor) -> None:
    stops = event.reason in STOPPING
    keeper.segment("paused" if stops else "running", by.id, event.reason)
    if stops:
        keeper.pause()


def _resumed(keeper: Keeper, event: e.Resumed | e.Contacted, by: Actor) -> None:
    if keeper.segments() and keeper.segments()[-1].kind == "paused":
        _run_on(keeper, by)


def _extended(keeper: Keeper, event: e.Extended, by: Actor) -> None:
    keeper.agree(event.kind, moment(event.due))


STEPS: dict[type[Any], Step] = {
    e.Logged: _logged, e.Judged: _judged, e.Transferred: _transferred, e.WorkStarted: _work_started,
    e.Contacted: _contacted, e.ResultWritten: _result, e.Told: _told, e.Planned: _told, e.Confirmed: _confirmed,
    e.NotSatisfied: _not_satisfied, e.Closed: _closed, e.Voided: _dropped, e.Merged: _dropped, e.Reopened: _reopened,
    e.Paused: _paused, e.Resumed: _resumed, e.Extended: _extended,
}  # fmt: skip


def follow(case: Any, event: Any, *, by: Actor, at: datetime) -> None:
    """Lets the clocks follow one event and keeps the pressing one on the case row."""
    step = STEPS.get(type(event))
    if step is None:
        return
    keeper = Keeper(case, at, fresh=isinstance(event, e.Logged))
    step(keeper, event, by)
    keeper.store()
    refresh(case, keeper)


def refresh(case: Any, keeper: Keeper) -> None:
    """Writes the summary of the clocks into the case row."""
    for name, value in keeper.summary().items():
        setattr(case, name, value)
