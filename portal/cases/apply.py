"""The only code that assigns a case's fields. Replaying a journal through it rebuilds the row."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from portal.cases import customer_events as own
from portal.cases import dispatch_events as dispatch
from portal.cases import events as e
from portal.cases import file_events as files
from portal.cases import guard, incident_events, matter_apply, team_apply
from portal.cases import joint_events as joint
from portal.cases.legacy_events import TakenOver
from portal.cases.undo_events import Undone

NO_CAP = 9_900_000_000  # after every instant: a pause that no time ends, only its incident
Applier = Callable[[Any, Any, datetime, int], None]


def _when(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _logged(case: Any, event: e.Logged, at: datetime, by: int) -> None:
    for name in (
        "no", "channel", "customer_id", "customer_name", "contact", "caller", "request_type", "category", "title",
        "description", "demand", "happened", "urgency", "proposed_level", "complexity", "unit_id", "intake_unit_id",
        "order_no", "product", "symptom", "prefers", "source", "exercise",
    ):  # fmt: skip
        setattr(case, name, getattr(event, name))
    case.read_back, case.assumed, case.incomplete = (
        list(event.read_back),
        list(event.assumed),
        list(event.incomplete),
    )
    case.received_at, case.recorded_at, case.expected_at = _when(event.received), at, _when(event.expected)
    case.agent_id, case.state, case.open, case.cycle, case.round = by, "registered", True, 1, 1
    for name in (
        "owner_name",
        "level",
        "impact",
        "result",
        "cause_category",
        "cause",
        "verdict",
        "outcome",
        "paused",
        "plan",
    ):
        setattr(case, name, "")
    for name in ("chases", "reopened", "transfers", "returns", "extensions", "pauses"):
        setattr(case, name, 0)
    case.tier, case.handed_by, case.dispute, case.dispute_until, case.extension = 1, None, None, None, None
    case.harm = case.rated = False
    case.extra, case.checked = event.extra or None, None
    case.partners, case.tasks_given, case.tasks_open = "", 0, 0
    case.duties = case.owed = case.links = case.correction = case.ending = case.messages = case.restricted = None
    case.disposed = ""


def _completed(case: Any, event: e.Completed, at: datetime, by: int) -> None:
    case.description, case.demand, case.happened, case.incomplete = (
        event.description,
        event.demand,
        event.happened,
        [],
    )


def _judged(case: Any, event: e.Judged, at: datetime, by: int) -> None:
    case.level, case.impact, case.harm, case.unit_id = event.level, event.impact, event.harm, event.unit_id
    case.judged_at = case.judged_at or at
    if case.state == "registered":
        case.state = "in_work" if case.owner_id else "to_accept"
    if event.level == "P1":
        _resumed(case, None, at, by)


def _owned(case: Any, event: e.Claimed | e.Assigned, at: datetime, by: int) -> None:
    case.owner_id, case.owner_name = event.person_id, event.person
    if case.state == "to_accept":
        case.state = "in_work"


def _dispatched(case: Any, event: dispatch.Dispatched, at: datetime, by: int) -> None:
    case.owner_id, case.owner_name = event.person_id, event.person


def _transferred(case: Any, event: e.Transferred, at: datetime, by: int) -> None:
    case.transfers, case.handed_by = case.transfers + 1, event.from_unit_id
    _handed(case, event.unit_id)


def _returned(case: Any, event: joint.Returned, at: datetime, by: int) -> None:
    case.returns, case.handed_by = case.returns + 1, None
    _handed(case, event.unit_id)


def _handed(case: Any, unit_id: int) -> None:
    """Another department has the case now; nobody of it has accepted yet."""
    case.unit_id, case.owner_id, case.owner_name, case.tier = unit_id, None, "", 1
    if case.state in ("in_work", "waiting"):
        case.state = "to_accept"
        case.paused = ""


def _escalated(case: Any, event: joint.Escalated, at: datetime, by: int) -> None:
    case.tier, case.owner_id, case.owner_name = event.tier, None, ""
    if case.state in ("in_work", "waiting"):
        case.state, case.paused = "to_accept", ""


def _contacted(case: Any, event: e.Contacted, at: datetime, by: int) -> None:
    case.call_again_at = datetime.fromtimestamp(event.again, UTC) if event.again else None
    if event.direction == "in":
        case.inward_at = at
        _resumed(case, None, at, by)
    elif event.reached and event.by_person:
        case.contact_at = at
        case.responded_at = case.responded_at or at


def _contact_linked(case: Any, event: own.ContactLinked, at: datetime, by: int) -> None:
    case.inward_at = at
    _resumed(case, None, at, by)


def _identity_checked(case: Any, event: own.IdentityChecked, at: datetime, by: int) -> None:
    case.checked = list(event.facts) if len(event.facts) >= event.least and not event.wrong else None


def _result(case: Any, event: e.ResultWritten, at: datetime, by: int) -> None:
    case.result, case.cause_category, case.cause = event.text, event.cause_category, event.cause
    case.result_at, case.state, case.paused = at, "result_in_hand", ""


def _told(case: Any, event: e.Told, at: datetime, by: int) -> None:
    case.told_at = case.contact_at = at
    case.responded_at = case.responded_at or at
    case.state, case.call_again_at = "told", None


def _confirmed(case: Any, event: e.Confirmed, at: datetime, by: int) -> None:
    case.confirmed_at, case.verdict = at, event.verdict


def _not_satisfied(case: Any, event: e.NotSatisfied, at: datetime, by: int) -> None:
    case.verdict, case.told_at, case.inward_at = "not_satisfied", None, at
    case.round += 1
    case.state = "in_work" if case.owner_id else "to_accept"


def _rated(case: Any, event: e.Rated, at: datetime, by: int) -> None:
    case.rating, case.rated = event.overall, True


def _closed(case: Any, event: e.Closed, at: datetime, by: int) -> None:
    _ended(case, "closed", event.outcome, at)


def _ended(case: Any, state: str, outcome: str, at: datetime) -> None:
    """The case is over, and with it what still waited for a word: a pause, a consultation, a new time."""
    case.state, case.outcome, case.open, case.closed_at, case.paused = state, outcome, False, at, ""
    case.dispute = case.dispute_until = case.extension = case.owed = case.correction = case.ending = None
    case.tasks_open = 0


def _taken_over(case: Any, event: TakenOver, at: datetime, by: int) -> None:
    _logged(case, event, at, by)  # type: ignore[arg-type]
    case.level, case.result, case.cause, case.owner_name = event.level, event.text, event.cause, event.handled_by
    case.rating, case.rated = event.rating, event.rating is not None
    _ended(case, "closed", event.outcome, datetime.fromtimestamp(event.closed, UTC))


def _reopened(case: Any, event: e.Reopened, at: datetime, by: int) -> None:
    case.cycle, case.round, case.reopened = case.cycle + 1, 1, case.reopened + 1
    case.told_at = case.confirmed_at = case.closed_at = case.result_at = case.rating = None
    case.outcome, case.verdict, case.rated, case.open = "", "", False, True
    case.state = "in_work" if case.owner_id else "to_accept"
    case.proposed_level = event.proposed or case.proposed_level


def _chased(case: Any, event: e.Chased, at: datetime, by: int) -> None:
    case.chases += 1
    case.owed = case.owed or {"at": int(at.timestamp()), "by": by, "customer": event.by_customer, "words": event.words}
    if event.by_customer:
        case.inward_at = at


def _paused(case: Any, event: e.Paused, at: datetime, by: int) -> None:
    case.paused, case.state, case.pauses = event.reason, "waiting", case.pauses + 1
    capped = event.until if event.until is not None else 0  # journals of before: the worker counts it
    case.pause_until = {"third_party": None, "force_majeure": NO_CAP}.get(event.reason, capped)


def _resumed(case: Any, event: e.Resumed | None, at: datetime, by: int) -> None:
    if case.paused:
        case.paused, case.state = "", "in_work" if case.owner_id else "to_accept"


def _extended(case: Any, event: e.Extended, at: datetime, by: int) -> None:
    case.extensions += 1
    case.extension = {"kind": event.kind, "due": event.due, "old_due": event.old_due, "by": by}


def _extension_decided(case: Any, event: joint.ExtensionDecided, at: datetime, by: int) -> None:
    case.extension = None


def _disputed(case: Any, event: joint.Disputed, at: datetime, by: int) -> None:
    case.dispute = {
        "level": event.level, "why": event.why, "unit_id": event.unit_id, "by": by, "at": int(at.timestamp()),
        "judged": case.level, "governs": min(event.level, case.level), "votes": [],
    }  # fmt: skip
    case.dispute_until = event.until


def _voted(case: Any, event: joint.Voted, at: datetime, by: int) -> None:
    vote = {"unit_id": event.unit_id, "unit": event.unit, "level": event.level, "words": event.words, "by": by}
    others = [v for v in case.dispute["votes"] if v["unit_id"] != event.unit_id]
    case.dispute = case.dispute | {"votes": [*others, vote]}


def _settled(case: Any, event: joint.DisputeSettled, at: datetime, by: int) -> None:
    case.level, case.dispute, case.dispute_until = event.level, None, None
    if event.level == "P1":
        _resumed(case, None, at, by)


def _planned(case: Any, event: e.Planned, at: datetime, by: int) -> None:
    case.plan, case.told_at, case.contact_at = event.cycle, at, at
    case.responded_at = case.responded_at or at
    case.state = "told" if event.decision == "not_adopted" else "planned"


def _voided(case: Any, event: e.Voided, at: datetime, by: int) -> None:
    _ended(case, "void", "void", at)


def _merged(case: Any, event: e.Merged, at: datetime, by: int) -> None:
    _ended(case, "merged", "merged", at)
    case.merged_into = event.into_id


def _linked(case: Any, event: e.Linked, at: datetime, by: int) -> None:
    case.incident_id = event.incident_id


def _unlinked(case: Any, event: e.Unlinked, at: datetime, by: int) -> None:
    case.incident_id = None


def _nothing(case: Any, event: e.Noted | e.WorkStarted | files.Attached, at: datetime, by: int) -> None:
    """Only the journal keeps it."""


def _undone(case: Any, event: Undone, at: datetime, by: int) -> None:
    case.state, case.owner_id, case.owner_name = event.state, event.owner_id, event.owner
    case.contact_at, case.responded_at = (
        datetime.fromtimestamp(one, UTC) if one is not None else None for one in (event.contact_at, event.responded_at)
    )


APPLY: dict[type[Any], Applier] = {
    e.Logged: _logged, e.Completed: _completed, e.Judged: _judged, e.Claimed: _owned, e.Assigned: _owned,
    e.Transferred: _transferred, joint.Returned: _returned, joint.Escalated: _escalated,
    joint.ExtensionDecided: _extension_decided, joint.Disputed: _disputed, joint.Voted: _voted,
    joint.DisputeSettled: _settled,
    e.WorkStarted: _nothing, e.Contacted: _contacted, e.Noted: _nothing,
    e.ResultWritten: _result, e.Told: _told, e.Confirmed: _confirmed, e.NotSatisfied: _not_satisfied, e.Rated: _rated,
    e.Closed: _closed, e.Reopened: _reopened, e.Chased: _chased, e.Paused: _paused, e.Resumed: _resumed,
    e.Extended: _extended, e.Planned: _planned, e.Voided: _voided, e.Merged: _merged, e.Linked: _linked,
    e.Unlinked: _unlinked, own.ContactLinked: _contact_linked, own.IdentityChecked: _identity_checked,
    own.Disclosed: _nothing, files.Attached: _nothing, dispatch.Dispatched: _dispatched, Undone: _undone,
    TakenOver: _taken_over,
}  # fmt: skip
APPLY.update(team_apply.APPLY)
APPLY.update(matter_apply.APPLY)
APPLY.update(incident_events.APPLY)
APPLY.update(guard.APPLY)


def apply(case: Any, event: Any, at: datetime, by: int) -> None:
    """Lets one event change the case."""
    held = case.unit_id
    APPLY[type(event)](case, event, at, by)
    if held is None:
        case.first_unit_id, case.handed_at = case.unit_id, None
    elif held != case.unit_id:
        case.handed_at = at
    if not case.paused:
        case.pause_until = None
    if not isinstance(event, incident_events.IncidentNews):  # nobody has worked on it
        case.entry_at = at
    if case.restricted:
        guard.keep(case)
