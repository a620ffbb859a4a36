"""The only code that assigns an order's fields, steps, reservations and files. Replaying rebuilds them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from portal.workflows import events as e
from portal.workflows.disposal_events import Disposed, disposed
from portal.workflows.import_events import Imported, imported
from portal.workflows.models import OrderFile, OrderStep, Reservation, WorkOrder
from portal.workflows.sheet_events import SheetWithdrawn, withdrawn

Applier = Callable[[WorkOrder, Any, datetime, int], None]


def _when(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def set_times(row: Any, due: int, warn: int, head: int) -> None:
    """Due instant and when people are told; whoever was told of a step of the old instants is told anew."""
    row.due_at, row.warn_at, row.head_at = datetime.fromtimestamp(due, UTC), _when(warn), _when(head)
    row.next_at, row.told_step = row.warn_at or row.due_at, 0


def _of(order: WorkOrder, n: int) -> OrderStep:
    return next(s for s in order.steps if s.n == n)


def _raised(order: WorkOrder, event: e.Raised, at: datetime, by: int) -> None:
    for name in (
        "no", "flow", "flow_version", "title", "customer_id", "customer_name", "customer_class", "customer_unit_id",
        "raising_unit_id", "amount", "unit", "calendar",
    ):  # fmt: skip
        setattr(order, name, getattr(event, name))
    order.raised_by, order.raised_by_name = by, event.raised_by
    order.facts, order.calendars = dict(event.facts), dict(event.calendars)
    order.state, order.started_at, order.pauses = "running", at, []
    order.returns = order.sheets = order.late = 0
    order.result = order.reason = order.pause_words = order.disposed = ""
    set_times(order, event.due, event.warn, event.head)
    order.first_due_at = order.due_at


def _new(order: WorkOrder, event: Any, at: datetime) -> OrderStep:
    row = OrderStep(
        n=event.n, code=event.code, round=event.round, unit_id=event.unit_id, calendar=event.calendar,
        sheet=event.sheet, state="open", started_at=at, outcome="", words="", facts={}, spans=[], chosen=0, chased=0,
        received_late=0, late=0, party="", contact="", outside_no="", person="", parent=0, part=0, role="",
        outside=False, amount=0, unit="",
    )  # fmt: skip
    set_times(row, event.due, event.warn, event.head)
    if order.state == "paused":
        row.next_at = None
    return row


def _begun(order: WorkOrder, event: e.StepBegun, at: datetime, by: int) -> None:
    _reset(order, event.reset)
    row = _new(order, event, at)
    row.kind, row.role, row.outside = event.kind, event.role, event.outside
    row.amount, row.unit = event.amount, event.unit
    order.steps.append(row)
    order.sheets += bool(event.sheet)


def _reset(order: WorkOrder, numbers: tuple[int, ...]) -> None:
    for step in order.steps:
        if step.n in numbers:
            step.state = "reset"


def _sent(order: WorkOrder, event: e.SheetSent, at: datetime, by: int) -> None:
    row = _new(order, event, at)
    row.kind, row.parent, row.part = "sheet", event.parent, event.part
    row.party, row.contact, row.outside, row.words = event.party, event.contact, bool(event.party), event.words
    order.steps.append(row)
    order.sheets += 1


def _close(step: OrderStep, state: str, at: datetime, by: int, late: int) -> None:
    step.state, step.done_at, step.done_by, step.late, step.next_at = state, at, by, late, None


def _answered(order: WorkOrder, event: e.SheetAnswered, at: datetime, by: int) -> None:
    step = _of(order, event.n)
    _close(step, "done", at, by, event.late)
    step.facts = {"answer": event.answer}
    step.outside_no = event.outside_no
    if event.parent_due:
        parent = _of(order, step.parent)
        parent.received_late += event.received_late
        set_times(parent, event.parent_due, event.parent_warn, event.parent_head)


def _sheet_returned(order: WorkOrder, event: e.SheetReturned, at: datetime, by: int) -> None:
    step = _of(order, event.n)
    step.state = "reset"
    step.outcome = event.reason[:40]
    order.returns += 1


def _done(order: WorkOrder, event: e.StepDone, at: datetime, by: int) -> None:
    step = _of(order, event.n)
    _close(step, "done", at, by, event.late)
    step.facts, step.chosen = dict(event.facts), event.chosen


def _decided(order: WorkOrder, event: e.Decided, at: datetime, by: int) -> None:
    step = _of(order, event.n)
    _close(step, "done", at, by, event.late)
    step.outcome, step.words = event.outcome, event.words
    step.facts, step.chosen = dict(event.facts), event.chosen


def _returned(order: WorkOrder, event: e.Returned, at: datetime, by: int) -> None:
    step = _of(order, event.n)
    _close(step, "returned", at, by, event.late)
    step.outcome, step.words = event.reason, event.note
    _reset(order, event.reset)
    for other in order.steps:
        if other.n in event.closed:
            other.state, other.done_at, other.next_at = "cancelled", at, None
    order.returns += 1


def _held(order: WorkOrder, event: e.Held, at: datetime, by: int) -> None:
    step = _of(order, event.n)
    step.person_id, step.person = event.person_id or None, event.person


def _handed_over(order: WorkOrder, event: e.HandedOver, at: datetime, by: int) -> None:
    step = _of(order, event.n)
    since = step.spans[-1][2] if step.spans else int(step.started_at.timestamp())
    step.spans = [*step.spans, [step.unit_id, since, int(at.timestamp()), int(step.due_at.timestamp())]]
    step.unit_id, step.person_id, step.person = event.unit_id, None, ""
    set_times(step, event.due, event.warn, event.head)


def _party(order: WorkOrder, event: e.PartyNamed, at: datetime, by: int) -> None:
    step = _of(order, event.n)
    step.party, step.contact, step.outside_no = event.party, event.contact, event.outside_no


def _document(order: WorkOrder, event: e.DocumentAdded, at: datetime, by: int) -> None:
    row = OrderFile(n=event.n, code=event.code, name=event.name, size=event.size, kind=event.kind, at=at, person_id=by)
    row.sha256 = event.sha256
    order.files.append(row)


def _paused(order: WorkOrder, event: e.Paused, at: datetime, by: int) -> None:
    order.state, order.paused_at, order.pause_until, order.pause_words = "paused", at, _when(event.until), event.words
    order.next_at = None
    for step in order.steps:
        step.next_at = None


def _resumed(order: WorkOrder, event: e.Resumed, at: datetime, by: int) -> None:
    order.pauses = [*order.pauses, [event.since, event.until]]
    order.state, order.paused_at, order.pause_until, order.pause_words = "running", None, None, ""
    set_times(order, event.due, event.warn, event.head)
    for n, due, warn, head in event.moved:
        set_times(_of(order, n), due, warn, head)


def _reserved(order: WorkOrder, event: e.Reserved, at: datetime, by: int) -> None:
    row = Reservation(r=event.r, n=event.n, unit_id=event.unit_id, what=event.what, since=at, state="held", reason="")
    row.until_at, row.next_at, row.prolonged = datetime.fromtimestamp(event.until, UTC), _when(event.warn), 0
    order.reservations.append(row)


def _kept(order: WorkOrder, r: int) -> Reservation:
    return next(row for row in order.reservations if row.r == r)


def _prolonged(order: WorkOrder, event: e.ReservationProlonged, at: datetime, by: int) -> None:
    row = _kept(order, event.r)
    row.until_at, row.next_at = datetime.fromtimestamp(event.until, UTC), _when(event.warn)
    row.prolonged, row.reason = row.prolonged + 1, event.reason


def _let_go(row: Reservation, state: str, reason: str, at: datetime) -> None:
    row.state, row.reason, row.ended_at, row.next_at = state, reason, at, None


def _released(order: WorkOrder, event: e.ReservationReleased, at: datetime, by: int) -> None:
    _let_go(_kept(order, event.r), "released", event.reason, at)


def _expired(order: WorkOrder, event: e.ReservationExpired, at: datetime, by: int) -> None:
    _let_go(_kept(order, event.r), "expired", "", at)


def _chased(order: WorkOrder, event: e.Chased, at: datetime, by: int) -> None:
    _of(order, event.n).chased += 1


def _end(order: WorkOrder, result: str, late: int, at: datetime) -> None:
    """Nothing of an ended order is open any more; what was completed keeps what is reserved for it."""
    order.state, order.result, order.late, order.ended_at, order.next_at = "ended", result, late, at, None
    order.paused_at = order.pause_until = None
    for step in order.steps:
        if step.state == "open":
            step.state, step.done_at, step.next_at = "cancelled", at, None
    for row in order.reservations:
        if row.state == "held" and result != "completed":
            _let_go(row, "released", "", at)


def _cancelled(order: WorkOrder, event: e.Cancelled, at: datetime, by: int) -> None:
    order.reason = event.reason
    _end(order, "cancelled", 0, at)


def _ended(order: WorkOrder, event: e.Ended, at: datetime, by: int) -> None:
    _end(order, event.result, event.late, at)


APPLY: dict[type[Any], Applier] = {
    e.Raised: _raised, e.StepBegun: _begun, e.SheetSent: _sent, e.SheetAnswered: _answered,
    e.SheetReturned: _sheet_returned, e.StepDone: _done, e.Decided: _decided, e.Returned: _returned, e.Held: _held,
    e.HandedOver: _handed_over, e.PartyNamed: _party, e.DocumentAdded: _document, e.Paused: _paused,
    e.Resumed: _resumed, e.Reserved: _reserved, e.ReservationProlonged: _prolonged, e.ReservationReleased: _released,
    e.ReservationExpired: _expired, e.Chased: _chased, e.Cancelled: _cancelled, e.Ended: _ended,
    Imported: imported, SheetWithdrawn: withdrawn, Disposed: disposed,
}  # fmt: skip


def apply(order: WorkOrder, event: Any, at: datetime, by: int) -> None:
    """Lets one event change the order."""
    APPLY[type(event)](order, event, at, by)
