"""Decisions about orders: pure functions of the order, its way and `now`. They give an event, or refuse."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from portal.kernel.errors import Invalid, Refused, Stale
from portal.kernel.instants import epoch
from portal.workflows import course, limits
from portal.workflows import events as e
from portal.workflows.definition import CHOSEN, Definition, Evidence, Step
from portal.workflows.limits import Way
from portal.workflows.sheet_events import WITHDRAWN

LONGEST = 4000  # characters of one typed fact
LONGEST_REASON = 300


def require(text: str, field: str) -> str:
    """The text without outer blanks. Raises Invalid when nothing is left or it is too long."""
    said = text.strip()
    if not said:
        raise Invalid("words_missing", field=field)
    if len(said) > LONGEST:
        raise Invalid("words_too_long", field=field, most=LONGEST)
    return said


def class_reason(definition: Definition, chosen: str, of_file: str | None, reason: str) -> str:
    """Why an order is served otherwise than its customer's file says (WF4); empty where it is not, or without a file.

    Empty `chosen` = as everybody. Raises Invalid for a class that the flow does not know, and without a reason.
    """
    if chosen and chosen not in definition.classes:
        raise Invalid("not_on_list", field="customer_class")
    if of_file is None or chosen == (of_file if of_file in definition.classes else ""):
        return ""
    if not reason.strip():
        raise Invalid("class_reason_missing", field="class_reason")
    return reason.strip()[:LONGEST_REASON]


def runs(order: Any) -> None:
    """Raises Refused when the order has ended."""
    if order.state == "ended":
        raise Refused("order_ended", no=order.no)


def open_step(order: Any, n: int, *kinds: str) -> Any:
    """The step with this number, still open. Raises Stale when somebody was faster, Invalid for a wrong number."""
    step = next((s for s in order.steps if s.n == n), None)
    if step is None or (kinds and step.kind not in kinds):
        raise Invalid("no_such_step", field="n")
    if step.state != "open":
        raise Stale("step_not_open", no=order.no, at=epoch(step.done_at or order.started_at))
    runs(order)
    return step


def checked(wanted: tuple[Evidence, ...], given: Mapping[str, Any], there: frozenset[str]) -> dict[str, Any]:
    """The facts a form gives, by what is asked for; `there` are the codes of documents and reservations that exist.

    Raises Invalid naming the field that is missing or unreadable.
    """
    found: dict[str, Any] = {}
    for one in wanted:
        if one.kind in ("document", "reservation"):
            if one.required and one.code not in there:
                raise Invalid(f"{one.kind}_missing", field=one.code)
            continue
        said = str(given.get(one.code) or "").strip()
        if not said:
            if one.required:
                raise Invalid("check_missing" if one.kind == "check" else "words_missing", field=one.code)
            continue
        found[one.code] = _read(one, said)
    return found


def _read(one: Evidence, said: str) -> Any:
    if len(said) > LONGEST:
        raise Invalid("words_too_long", field=one.code, most=LONGEST)
    try:
        if one.kind == "number":
            return _number(said)
        if one.kind == "date":
            return date.fromisoformat(said).isoformat()
    except ValueError as error:
        raise Invalid(f"{one.kind}_unreadable", field=one.code) from error
    if one.kind == "choice" and all(c.code != said or c.closed for c in one.choices):
        raise Invalid("not_on_list", field=one.code)
    return True if one.kind == "check" else said


def _number(said: str) -> int | float:
    value = float(said.replace(",", ""))
    if value != value or abs(value) > 1e15:
        raise ValueError(said)
    return int(value) if value.is_integer() else value


def evidence_there(order: Any, step: Any, defined: Step) -> frozenset[str]:
    """Codes of the step's documents that are there, and of reservations where resources are held."""
    codes = {file.code for file in order.files if file.n == step.n}
    if any(row.state == "held" for row in order.reservations):
        codes |= {one.code for one in defined.evidence if one.kind == "reservation"}
    return frozenset(codes)


def late(order: Any, step: Any, way: Way, now: datetime) -> int:
    """Working seconds by which a step is late if it ends now; a pause that began in time stops the counting."""
    at = now
    if order.paused_at and order.paused_at <= step.due_at:
        at = min(order.paused_at, now)
    return limits.lateness(way.calendars[step.calendar], step.due_at, epoch(at))


def complete(order: Any, n: int, way: Way, now: datetime, *, given: Mapping[str, Any], chosen: int = 0) -> e.StepDone:
    """A task or a collection of sheets is done, with its evidence."""
    step = open_step(order, n, "task", "sheets")
    defined = way.definition.step(step.code)
    if step.kind == "sheets":
        _all_answered(order, step)
    if step.outside and not step.party:
        raise Invalid("party_missing", field="party")
    facts = checked(defined.evidence, given, evidence_there(order, step, defined))
    return e.StepDone(n, facts, late(order, step, way, now), _chosen(way, defined.next, chosen))


def _chosen(way: Way, follow: tuple[str, ...], chosen: int) -> int:
    """The unit chosen for what follows, where that is to be chosen. Raises Invalid."""
    if all(way.definition.step(code).holder != CHOSEN for code in follow):
        return 0
    if chosen not in way.unit_ids.values():
        raise Invalid("unit_missing", field="chosen")
    return chosen


def sheets_of(order: Any, n: int) -> list[Any]:
    """The sheets of one round of a step that count: the last round of each part."""
    found = {s.part: s for s in order.steps if s.parent == n}
    return [found[part] for part in sorted(found)]


def _all_answered(order: Any, step: Any) -> None:
    sheets = [s for s in sheets_of(order, step.n) if s.state != WITHDRAWN]
    if not sheets:
        raise Refused("no_sheets_sent")
    left = [s.sheet for s in sheets if s.state == "open"]
    if left:
        raise Refused("sheets_open", sheets=left)


def decide(
    order: Any, n: int, way: Way, now: datetime, *, outcome: str, words: str = "",
    given: Mapping[str, Any] | None = None, chosen: int = 0,
) -> e.Decided:  # fmt: skip
    """One of the ways out of a decision is taken."""
    step = open_step(order, n, "decision")
    defined = way.definition.step(step.code)
    taken = next((o for o in defined.outcomes if o.code == outcome), None)
    if taken is None:
        raise Invalid("outcome_missing", field="outcome")
    facts = checked(defined.evidence, given or {}, evidence_there(order, step, defined))
    follow = _chosen(way, taken.next or defined.next, chosen)
    return e.Decided(n, outcome, late(order, step, way, now), words.strip()[:LONGEST], facts, follow)


def send_back(order: Any, n: int, way: Way, now: datetime, *, to: str, reason: str, note: str = "") -> e.Returned:
    """The work goes back to an earlier step; what lies between is done anew, in the next round.

    Raises Refused when that step is open already: it was sent back and is not done yet.
    """
    step = open_step(order, n)
    allowed = next((r for r in way.definition.step(step.code).returns if r.to == to), None)
    if allowed is None or not course.rounds(order, to):
        raise Invalid("no_such_return", field="to")
    if all(one.code != reason for one in allowed.reasons):
        raise Invalid("reason_missing", field="reason")
    if course.standing(order, to) == "open":
        raise Refused("returned_already", step=to)
    reset, closed = course.undone(order, way.definition, to)
    # the sheets of what is undone go with their step; the step that sends back closes by itself
    closed = tuple(k for k in (*closed, *_sheets_open(order, n)) if k != n)
    turn = len(course.rounds(order, to)) + 1
    return e.Returned(n, to, reason, note.strip()[:LONGEST], turn, late(order, step, way, now), reset, closed)


def _sheets_open(order: Any, n: int) -> tuple[int, ...]:
    return tuple(s.n for s in order.steps if s.parent == n and s.state == "open")


def hold(order: Any, n: int, person_id: int, person: str) -> e.Held:
    """A person takes a step, or (0) lets it go to the unit again."""
    step = open_step(order, n)
    if person_id and step.person_id == person_id:
        raise Refused("step_yours_already")
    return e.Held(n, person_id, person)


def hand_over(order: Any, n: int, way: Way, now: datetime, *, unit_id: int, reason: str) -> e.HandedOver:
    """Another unit holds the step from now on; its clock begins when the work reaches it (SL4)."""
    step = open_step(order, n)
    if unit_id not in way.unit_ids.values():
        raise Invalid("unit_missing", field="unit")
    if unit_id == step.unit_id:
        raise Invalid("holds_it_already", field="unit")
    why, at = require(reason, "reason"), epoch(now)
    if step.kind == "sheet":
        found = limits.times(way.calendars[step.calendar], 0, "", at, max(epoch(step.due_at), at))
    else:
        found = limits.of_step(order, way, way.definition.step(step.code).limit, at)
    return e.HandedOver(n, unit_id, why, found.due, found.warn, found.head)


def name_party(order: Any, n: int, *, party: str, contact: str, outside_no: str) -> e.PartyNamed:
    """Who outside does the step; we chase them under their number."""
    step = open_step(order, n)
    if not step.outside:
        raise Refused("not_outside")
    return e.PartyNamed(n, require(party, "party")[:120], require(contact, "contact")[:120], outside_no.strip()[:60])


def chase(order: Any, n: int, words: str) -> e.Chased:
    """Somebody asks the holder of an open step to hurry."""
    open_step(order, n)
    return e.Chased(n, words.strip()[:500])


def pause(order: Any, way: Way, now: datetime, *, words: str, until: datetime | None) -> e.Paused:
    """The order waits for its customer, who was asked; at most ten working days at a time (SL4)."""
    runs(order)
    if order.state == "paused":
        raise Refused("order_paused_already", no=order.no)
    said = require(words, "words")
    cap = way.calendars[order.calendar].due(epoch(now), limits.LONGEST_PAUSE, "wd")
    end = epoch(until) if until else cap
    if end <= epoch(now):
        raise Invalid("must_lie_ahead", field="until")
    if end > cap:
        raise Invalid("pause_too_long", field="until", last=cap)
    return e.Paused(said, end)


def resume(order: Any, way: Way, now: datetime, words: str = "") -> e.Resumed:
    """The clocks run again, every open one moved by the pause, which ends at its last instant at the latest."""
    if order.state != "paused":
        raise Refused("order_not_paused", no=order.no)
    since, until = epoch(order.paused_at), epoch(min(now, order.pause_until))
    pauses = [*order.pauses, [since, until]]
    whole = limits.order_due(order, way, pauses)
    found = [(s.n, limits.anew(order, s, way, pauses, whole.due)) for s in order.steps if s.state == "open"]
    moved = tuple([n, t.due, t.warn, t.head] for n, t in found)
    return e.Resumed(since, until, whole.due, whole.warn, whole.head, words.strip()[:LONGEST], moved)


def cancel(order: Any, reason: str) -> e.Cancelled:
    """The order is not wanted any more; all that is open ends with it."""
    runs(order)
    return e.Cancelled(require(reason, "reason"))
