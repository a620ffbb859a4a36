"""The one door through which a case changes: the row, its clocks, its journal, the screens that show it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from portal.cases import answers, clockwork
from portal.cases.apply import apply
from portal.cases.models import Case
from portal.identity.actor import Actor
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.gather import keep

Follower = Callable[[Case, Any, Actor, datetime], None]
_followers: dict[str, list[Follower]] = {}


def follow(kind: str, call: Follower) -> None:
    """Lets a room upstairs act in the same transaction when this kind of event is recorded (wired by the factory)."""
    known = _followers.setdefault(kind, [])
    if call not in known:
        known.append(call)


def record(case: Case, event: Any, *, by: Actor, at: datetime, occurred_at: datetime | None = None) -> None:
    """Applies the event to the row and its clocks, appends it to the journal, moves the queues' versions."""
    before, fresh = case.unit_id, case.id is None
    apply(case, event, at, by.id)
    keeper = clockwork.follow(case, event, by=by, at=at)
    case.version = 1 if fresh else case.version + 1  # written once, with the number that its next entry should get
    if fresh:
        keep(case)
    if keeper:
        keeper.store()
    kind = type(event).__name__
    version = stream.append(case.stream, kind, vars(event), by_id=by.id, at=at, occurred_at=occurred_at, begins=fresh)
    if version != case.version:
        case.version = version
    if not fresh and (keeper is None or any(clock.answer_by for clock in keeper.clocks)):
        answers.by_deed(case, by, at)
    for unit in sorted({before, case.unit_id, case.intake_unit_id} - {None}):
        feed.touch(f"unit:{unit}", case.id)
    for call in _followers.get(kind, ()):
        call(case, event, by, at)


def record_many(told: Sequence[tuple[Case, Any]], *, by: Actor, at: datetime) -> None:
    """The same for many cases that are there, each with an event of one kind that moves no clock: in a few statements.

    Raises TypeError for events of different kinds, and for a kind that clocks follow.
    """
    kinds = {type(event) for _case, event in told}
    if len(kinds) > 1 or kinds & clockwork.STEPS.keys():
        raise TypeError("record_many() takes one kind of event, of which no clock knows")
    units: dict[int, list[int]] = {}
    for case, event in told:
        apply(case, event, at, by.id)
        for unit in {case.unit_id, case.intake_unit_id} - {None}:
            units.setdefault(unit, []).append(case.id)
    for kind in kinds:
        entries = {case.stream: vars(event) for case, event in told}
        numbers = stream.append_many(entries, kind.__name__, by_id=by.id, at=at)
        for case, event in told:
            case.version = numbers[case.stream]
            for call in _followers.get(kind.__name__, ()):
                call(case, event, by, at)
    db.session.flush()
    for unit in sorted(units):
        feed.touch_all(f"unit:{unit}", units[unit])
