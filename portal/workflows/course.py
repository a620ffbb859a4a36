"""What begins after a step, and what a return undoes: the course of an order through its definition. Pure."""

from collections.abc import Iterator
from typing import Any

from portal.kernel.instants import epoch
from portal.workflows import events as e
from portal.workflows import limits
from portal.workflows.definition import CHOSEN, CUSTOMER, OUTSIDE, RAISER, Definition, Step
from portal.workflows.limits import Way

CAME = "done"


def rounds(order: Any, code: str) -> list[Any]:
    """The rounds of one step so far, sheets apart, in order."""
    return [s for s in order.steps if s.code == code and s.kind != "sheet"]


def standing(order: Any, code: str) -> str:
    """How a step stands: the state of its last round that counts; empty when it has not begun."""
    found = [s.state for s in rounds(order, code) if s.state in ("open", CAME)]
    return found[-1] if found else ""


def states(order: Any) -> dict[str, str]:
    """How every step of the order stands, by its code: open, done, returned (waits for a new round), cancelled."""
    found: dict[str, str] = {}
    for step in order.steps:
        if step.kind != "sheet":
            found[step.code] = step.state if step.state != "reset" else "returned"
    return found


def beyond(definition: Definition, code: str) -> frozenset[str]:
    """The step itself and all that can be reached from it forwards."""
    found: set[str] = set()
    ahead = [code]
    while ahead:
        here = ahead.pop()
        if here not in found:
            found.add(here)
            ahead.extend(leads_to(definition.step(here)))
    return frozenset(found)


def leads_to(step: Step) -> tuple[str, ...]:
    """Every step that a step can begin."""
    return (*step.next, *(code for outcome in step.outcomes for code in outcome.next))


def after(order: Any, definition: Definition, done: Any) -> tuple[str, ...]:
    """The steps that begin now that this one is done; a join only when all it waits for are done in this round."""
    step = definition.step(done.code)
    chosen = next((o.next for o in step.outcomes if o.code == done.outcome), step.next)
    return tuple(code for code in chosen or step.next if _may_begin(order, definition, code))


def _may_begin(order: Any, definition: Definition, code: str) -> bool:
    step = definition.step(code)
    if standing(order, code) == "open":
        return False
    if not step.waits_for:
        return True
    return standing(order, code) == "" and all(standing(order, other) == CAME for other in step.waits_for)


def undone(order: Any, definition: Definition, code: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What a new round of a step undoes: (numbers of finished steps, numbers of open ones)."""
    within = beyond(definition, code)
    done = tuple(s.n for s in order.steps if s.code in within and s.state == CAME)
    still = tuple(s.n for s in order.steps if s.code in within and s.state == "open")
    return done, still


def holder(order: Any, way: Way, step: Step, before: Any | None) -> int:
    """The unit that holds a step; of a party outside, the unit that had the work before it asks and chases it."""
    if step.holder == RAISER:
        return int(order.raising_unit_id)
    if step.holder == CUSTOMER:
        return int(order.customer_unit_id)
    if step.holder == CHOSEN and before is not None and before.chosen:
        return int(before.chosen)
    if step.holder in (OUTSIDE, CHOSEN):
        return int(before.unit_id if before is not None else order.raising_unit_id)
    return way.unit_ids.get(step.holder, int(order.raising_unit_id))


def begin(order: Any, way: Way, code: str, now: int, before: Any | None, *, back: bool = False) -> e.StepBegun:
    """A step begins; going round to one that was done already makes what lay behind it count no more.

    Work that comes `back` goes to the unit that did the round before.
    """
    step, last = way.definition.step(code), rounds(order, code)[-1:]
    found = limits.of_step(order, way, step.limit, now)
    reset = undone(order, way.definition, code)[0] if standing(order, code) == CAME else ()
    unit_id = last[0].unit_id if back and last else holder(order, way, step, before)
    return e.StepBegun(
        n=next_n(order), code=code, kind=step.kind, round=len(rounds(order, code)) + 1, unit_id=unit_id,
        role=step.role, outside=step.holder == OUTSIDE, sheet=sheet_no(order) if step.sheet else "", reset=reset,
        **found._asdict(),
    )  # fmt: skip


def next_n(order: Any) -> int:
    """The number of the order's next step or sheet."""
    return max((s.n for s in order.steps), default=0) + 1


def sheet_no(order: Any) -> str:
    """The number of the order's next sheet, `WO2611-0473-02`."""
    return f"{order.no}-{order.sheets + 1:02d}"


def by_itself(order: Any, way: Way, step: Any) -> e.Decided | e.StepDone | e.Ended | None:
    """What follows at once, without anybody: an end, or a decision that a field of the order decides."""
    defined = way.definition.step(step.code)
    if defined.kind == "end":
        late = limits.lateness(way.calendars[order.calendar], order.due_at, epoch(step.started_at))
        return e.Ended(defined.result or "completed", late)
    if defined.kind == "decision" and defined.decided_by:
        outcome = order.facts.get(defined.decided_by, "")
        if any(o.code == outcome for o in defined.outcomes):
            return e.Decided(step.n, outcome, 0)
    return None


def onward(order: Any, way: Way, now: int, done: Any | None) -> Iterator[Any]:
    """Every event that follows a finished step (None: the raising), each given before the next is worked out.

    The caller applies an event before it asks for the next one.
    """
    codes = way.definition.first if done is None else after(order, way.definition, done)
    for code in codes:
        if order.state == "ended":
            return
        yield begin(order, way, code, now, done)
        begun = order.steps[-1]
        event = by_itself(order, way, begun)
        if event is None:
            continue
        if isinstance(event, e.Ended):
            yield e.StepDone(begun.n, {}, 0)
        yield event
        if isinstance(event, e.Decided):
            yield from onward(order, way, now, begun)
