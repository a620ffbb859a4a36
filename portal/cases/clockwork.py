"""Which clocks each event starts, meets and stops: the clock-kinds table of the rules, read from left to right."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from portal.cases import customer_events as own
from portal.cases import events as e
from portal.cases import joint_events as joint
from portal.cases.back_entry import is_back_entry
from portal.cases.correcting import JUDGING
from portal.cases.matter_events import FactCorrected
from portal.cases.rules import LIVE, STOPPING
from portal.cases.undo_events import Undone
from portal.clocks.hotline_hours import put_on
from portal.clocks.keeper import Keeper
from portal.clocks.recount import recount
from portal.identity.actor import Actor
from portal.kernel.instants import moment

LEVELLED = ("first_response", "start_of_work", "progress", "answer", "result")
WRITTEN = frozenset(("sms", "email", "app", "letter"))  # what comes in so is answered later, not in the same talk
SPOKEN = (
    "acknowledgement", "first_response", "lead_contact", "callback", "next_reply", "promise", "progress", "answer"
)  # fmt: skip
Step = Callable[[Keeper, Any, Actor], None]


def _logged(keeper: Keeper, event: e.Logged, by: Actor) -> None:
    received = keeper.case.received_at
    if not is_back_entry(event.source):  # what was taken down outside the portal is never entered late (EM5)
        entry = keeper.start("entry", received)
        if entry and event.entry_calendar in keeper.book.calendars:
            put_on(entry, keeper.book.calendars[event.entry_calendar], keeper.book.policy)
    keeper.start("acknowledgement", received)
    if not (event.unentered and keeper.running("entry")):
        _entered(keeper)
    for kind in LEVELLED:
        keeper.start(kind, received)
    if event.channel in LIVE and keeper.running("acknowledgement"):
        keeper.meet("acknowledgement", received)
    keeper.segment("running", by.id)


def _entered(keeper: Keeper) -> None:
    """All four elements stand there: from now on the judgement counts, unless somebody has judged before."""
    keeper.meet("entry")
    if not keeper.case.level:
        keeper.start("judgement", keeper.now)


def _completed(keeper: Keeper, event: e.Completed, by: Actor) -> None:
    """The entry of what came in without all elements; in journals of before it had ended when it came in."""
    if keeper.running("entry"):
        _entered(keeper)


def _level_moved(keeper: Keeper, *, changed: bool = False) -> None:
    """Another level governs: what the tables set by level is decided anew, the other clocks only where they run."""
    keeper.decide_anew(LEVELLED, changed=changed)
    keeper.decide_running_anew("acceptance", "next_reply")


def _judged(keeper: Keeper, event: e.Judged, by: Actor) -> None:
    keeper.meet("judgement")
    _level_moved(keeper, changed=event.basis == "changed")
    if keeper.case.channel in LIVE and not any(c.kind == "lead_contact" for c in keeper.clocks):
        keeper.start("lead_contact", keeper.now)
    paused = keeper.case.paused
    keeper.segment("paused" if paused in STOPPING else "running", by.id, paused)
    if not paused:
        keeper.resume()


def _handed(keeper: Keeper, event: e.Transferred | joint.Returned | joint.Escalated, by: Actor) -> None:
    """Another department or line has the case: what the one before had of the time ends, acceptance begins (QU2)."""
    _run_on(keeper, by)
    for kind in ("acceptance", "department_result", "tier"):
        keeper.cancel(kind)
    keeper.start("acceptance", keeper.now)


def _owned(keeper: Keeper, event: e.Claimed | e.Assigned, by: Actor) -> None:
    """A named person accepts: from now on the department has its share of what is left."""
    if keeper.running("acceptance"):
        keeper.meet("acceptance")
        keeper.share("tier" if keeper.case.tier > 1 else "department_result")


def _run_on(keeper: Keeper, by: Actor) -> None:
    """A new running stretch begins; what was paused runs again."""
    keeper.segment("running", by.id)
    keeper.resume()


def _work_started(keeper: Keeper, event: e.WorkStarted, by: Actor) -> None:
    keeper.meet("start_of_work")


def _contacted(keeper: Keeper, event: e.Contacted, by: Actor) -> None:
    if event.direction == "in":
        _resumed(keeper, event, by)
        if event.means in WRITTEN and not keeper.running("first_response") and not keeper.running("next_reply"):
            keeper.start("next_reply", keeper.now)
    elif event.reached:
        keeper.meet("acknowledgement")
        if event.by_person:
            _spoken(keeper, keeper.case.unit_id in by.unit_ids if event.by_lead is None else event.by_lead)
            _progress_told(keeper, event.renews)
            if event.promised:
                keeper.meet("answer")
                keeper.promise(event.promised)


def _contact_linked(keeper: Keeper, event: own.ContactLinked, by: Actor) -> None:
    """Who is on the line is answered at once; what was written or left waits for the next reply, from when it came."""
    _resumed(keeper, event, by)
    if event.channel not in LIVE and not keeper.running("first_response") and not keeper.running("next_reply"):
        keeper.start("next_reply", moment(event.received) if event.counts else keeper.now)


def _spoken(keeper: Keeper, by_lead: bool) -> None:
    """A person of ours reached the customer; `by_lead`: somebody of the department that leads (SL1)."""
    keeper.meet("first_response")
    if by_lead:
        keeper.meet("lead_contact")
    for kind in ("callback", "next_reply", "promise"):
        keeper.meet(kind)


def _progress_told(keeper: Keeper, renews: bool) -> None:
    """The next progress counts from each outward contact until the result is told; the second of its rounds at least.

    In journals of before it did so only where one was running: a P2 has none that counts from the receipt.
    """
    ran = keeper.running("progress")
    keeper.meet("progress")
    if (ran or renews) and keeper.running("result"):
        keeper.start("progress", keeper.now, later=True, least=2 if renews else 1)


def _result(keeper: Keeper, event: e.ResultWritten, by: Actor) -> None:
    for kind in ("start_of_work", "department_result", "tier"):
        keeper.meet(kind)
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
        "next_reply",
        "promise",
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
    keeper.start("progress", keeper.now, later=True, least=2 if event.renews else 1)


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


def _resumed(keeper: Keeper, event: e.Resumed | e.Contacted | own.ContactLinked, by: Actor) -> None:
    if keeper.segments() and keeper.segments()[-1].kind == "paused":
        _run_on(keeper, by)


def _extended(keeper: Keeper, event: e.Extended, by: Actor) -> None:
    keeper.agree(event.kind, moment(event.due))
    if not keeper.running("approval"):
        keeper.start("approval", keeper.now)


def _extension_decided(keeper: Keeper, event: joint.ExtensionDecided, by: Actor) -> None:
    keeper.meet("approval")
    if not event.approved:
        keeper.disagree(event.kind, moment(event.due), moment(event.old_due))


def _disputed(keeper: Keeper, event: joint.Disputed, by: Actor) -> None:
    """The stricter level governs while the consultation lasts (SL6)."""
    keeper.start("dispute", keeper.now)
    _level_moved(keeper)


def _settled(keeper: Keeper, event: joint.DisputeSettled, by: Actor) -> None:
    """The final level decides, also about what stopped while the consultation lasted."""
    opened = keeper.running("dispute")
    keeper.meet("dispute")
    if opened:
        keeper.judge_again(LEVELLED, since=opened.started_at)
    _level_moved(keeper)


def _undone(keeper: Keeper, event: Undone, by: Actor) -> None:
    """What was taken back met no clock and began none: those it met run on, those it began are cancelled (DK5)."""
    at, message = moment(event.at), event.kind == "Contacted"
    for kind in ("promise", "progress") if message else ("department_result", "tier"):
        begun = keeper.running(kind)
        if begun and begun.started_at == at:
            keeper.cancel(kind)
    met = SPOKEN if message else ("acceptance",)
    for clock in keeper.clocks:
        if clock.kind in met and clock.stopped_at == at and clock.outcome in ("met", "missed"):
            clock.outcome, clock.stopped_at, clock.met_original = "running", None, None
            clock.breached_at, clock.department_id = None, None


def _corrected(keeper: Keeper, event: FactCorrected, by: Actor) -> None:
    """A corrected fact on which limits depend: what counts from the receipt is counted and judged again (QU7)."""
    if event.field in JUDGING:
        old_start = moment(int(event.old)) if event.field == "received" else keeper.case.received_at
        recount(keeper, old_start, without="entry" if event.back else "")


STEPS: dict[type[Any], Step] = {
    e.Logged: _logged, e.Completed: _completed, e.Judged: _judged, e.Claimed: _owned, e.Assigned: _owned,
    e.Transferred: _handed, joint.Returned: _handed, joint.Escalated: _handed, e.WorkStarted: _work_started,
    e.Contacted: _contacted, e.ResultWritten: _result, e.Told: _told, e.Planned: _told, e.Confirmed: _confirmed,
    e.NotSatisfied: _not_satisfied, e.Closed: _closed, e.Voided: _dropped, e.Merged: _dropped, e.Reopened: _reopened,
    e.Paused: _paused, e.Resumed: _resumed, e.Extended: _extended,
    Undone: _undone, own.ContactLinked: _contact_linked, FactCorrected: _corrected,
    joint.ExtensionDecided: _extension_decided, joint.Disputed: _disputed, joint.DisputeSettled: _settled,
}  # fmt: skip


def follow(case: Any, event: Any, *, by: Actor, at: datetime) -> Keeper | None:
    """Lets the clocks follow one event and keeps the pressing one on the case row; the clocks are to be stored."""
    step = STEPS.get(type(event))
    if step is None:
        return None
    keeper = Keeper(case, at, fresh=isinstance(event, e.Logged))
    step(keeper, event, by)
    refresh(case, keeper)
    return keeper


def refresh(case: Any, keeper: Keeper) -> None:
    """Writes the summary of the clocks into the case row."""
    for name, value in keeper.summary().items():
        if getattr(case, name) != value:  # asking costs a fraction of setting
            setattr(case, name, value)
